import type { Window } from '../partitions/window.ts';
import { unreachable } from '../util/unreachable.ts';

/** A window in the words of pipeline.yaml: `same`, `before 7 days`, `before season`. */
export function windowText(window: Window, periodName = 'period'): string {
  switch (window.type) {
    case 'same':
    case 'latest':
    case 'all':
      return window.type;
    case 'latest_before':
      return 'latest before';
    case 'before_days':
      return `before ${counted(window.days, 'day')}`;
    case 'before_partitions':
      return `before ${counted(window.partitions, 'partition')}`;
    case 'before_period':
      return `before ${periodName}`;
    case 'before_all':
      return 'before all';
    default:
      return unreachable(window);
  }
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
