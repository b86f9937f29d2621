import fc from 'fast-check';
import type { ExpectedDays } from '../../engine/partitions/calendar.ts';
import type { Window } from '../../engine/partitions/window.ts';
import { calendars, WINDOWS } from '../partitions/shapes.ts';

/** Something that happens to the record or to the pipeline. */
export type Edit =
  | {
      readonly type: 'outcomes';
      readonly asset: number;
      readonly partitions: readonly number[];
      readonly kind: 'rows' | 'same' | 'empty' | 'failed' | 'blocked';
      readonly value: number;
    }
  | { readonly type: 'files'; readonly value: number }
  | { readonly type: 'code'; readonly asset: number; readonly value: number }
  /** A run over everything: all partitions of all assets, upstream first. */
  | { readonly type: 'all'; readonly value: number }
  /** Another window, optional or required, on one edge of an asset; or the edges in another order. */
  | {
      readonly type: 'edge';
      readonly asset: number;
      readonly edge: number;
      readonly window: Window;
      readonly optional: boolean;
      readonly turnsRound: boolean;
    }
  | { readonly type: 'removed'; readonly asset: number; readonly partitions: readonly number[] }
  | { readonly type: 'calendar'; readonly calendar: ExpectedDays };

export const everything = fc.record({ type: fc.constant('all' as const), value: fc.nat(2) });

export const edits: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 1, arbitrary: everything },
  {
    weight: 12,
    arbitrary: fc.record({
      type: fc.constant('outcomes' as const),
      // What is upstream changes more often than what reads it.
      asset: fc.constantFrom(0, 0, 1, 1, 2, 2, 3, 4),
      partitions: fc.array(fc.oneof(fc.nat(4), fc.nat(24)), { minLength: 1, maxLength: 25 }),
      kind: fc.constantFrom(
        ...([
          'rows',
          'rows',
          'rows',
          'rows',
          'rows',
          'same',
          'empty',
          'failed',
          'blocked',
        ] as const),
      ),
      value: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('removed' as const),
      asset: fc.integer({ min: 0, max: 4 }),
      partitions: fc.array(fc.integer({ min: 0, max: 24 }), { minLength: 1, maxLength: 6 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('edge' as const),
      asset: fc.integer({ min: 1, max: 4 }),
      edge: fc.nat(2),
      window: fc.constantFrom(...WINDOWS),
      optional: fc.boolean(),
      turnsRound: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('files' as const), value: fc.nat(3) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('code' as const),
      asset: fc.integer({ min: 0, max: 4 }),
      value: fc.nat(2),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('calendar' as const), calendar: calendars }),
  },
);
