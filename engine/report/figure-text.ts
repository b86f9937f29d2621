import type { Measured } from '../health/column-profile.ts';
import { formatDay } from '../partitions/date.ts';
import { formatCount } from './text.ts';

/** A figure of a column as people read it: `1,234`, `0.4689`, `2024-01-15`, `true`; a dash for none. */
export function figureText(value: number | null | undefined, measured: Measured): string {
  if (value === null || value === undefined) return '-';
  switch (measured) {
    case 'day':
      return formatDay(Math.round(value));
    case 'instant':
      return new Date(value).toISOString().replace('T', ' ').slice(0, 16);
    case 'truth':
    case 'number':
    case 'length':
      return numberText(value);
  }
}

/** How far values lie from their mean; days and times have it in days. */
export function spreadText(sd: number | null | undefined, measured: Measured): string {
  if (sd === null || sd === undefined) return '-';
  if (measured === 'instant') return `${numberText(sd / 86_400_000)} d`;
  return measured === 'day' ? `${numberText(sd)} d` : numberText(sd);
}

/** Four digits that say something, and all of those of whole numbers. */
export function numberText(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e15) return value.toExponential(3);
  if (size >= 10_000) return formatCount(value);
  if (Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(size >= 1000 ? 5 : 4)));
}

/** `0%`, `<0.1%`, `12.3%` */
export function shareText(share: number | undefined): string {
  if (share === undefined) return '-';
  if (share === 0) return '0%';
  if (share < 0.001) return '<0.1%';
  const percent = (share * 100).toFixed(1).replace(/\.0$/, '');
  return `${share < 1 && percent === '100' ? '>99.9' : percent}%`;
}

/** `+1.2%`, `-0.3%`; nothing where nothing changed. */
export function changeText(change: number | undefined, unit = '%'): string {
  if (change === undefined || !Number.isFinite(change)) return '-';
  const value = change * (unit === 'sd' ? 1 : 100);
  const text = Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(unit === 'sd' ? 2 : 1);
  if (Number(text) === 0) return '0';
  const space = unit === '%' ? '' : ' ';
  return `${value > 0 ? '+' : ''}${text}${space}${unit}`;
}
