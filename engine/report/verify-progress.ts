import type { VerifyProgress } from '../health/verify.ts';
import { renderBar } from './progress.ts';
import { type Paint, plural } from './text.ts';

const CLEAR_LINE = '\r\u001b[2K';

export interface VerifyProgressOptions {
  readonly write: (text: string) => void;
  readonly now: () => number;
  readonly isTerminal: boolean;
  readonly width: number;
  readonly paint: Paint;
  /** Partitions of all assets together. */
  readonly total: number;
}

export interface VerifyProgressView {
  readonly show: (progress: VerifyProgress) => void;
  /** Takes the bar away. */
  readonly stop: () => void;
}

/** On a terminal one bar; elsewhere one line per finished asset. */
export function createVerifyProgress(options: VerifyProgressOptions): VerifyProgressView {
  const { write, now, isTerminal, width, paint, total } = options;
  const startedAt = now();
  let before = 0;
  const show = ({ asset, done, total: ofAsset, differences }: VerifyProgress): void => {
    if (isTerminal) {
      const seconds = (now() - startedAt) / 1000;
      const state = { done: before + done, total, seconds, current: asset };
      write(CLEAR_LINE + renderBar(state, width, paint));
    } else if (done === ofAsset) {
      write(`${asset}: ${plural(done, 'partition')}, ${plural(differences, 'difference')}\n`);
    }
    if (done === ofAsset) before += ofAsset;
  };
  return { show, stop: () => (isTerminal ? write(CLEAR_LINE) : undefined) };
}
