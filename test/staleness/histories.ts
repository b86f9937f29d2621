import fc from 'fast-check';
import type { CompiledAsset } from '../../engine/compile/compiled.ts';
import { unsafeAssetName } from '../../engine/ids.ts';
import type { ExpectedDays } from '../../engine/partitions/calendar.ts';
import type { Window } from '../../engine/partitions/window.ts';
import { LiveSnapshot } from '../../engine/run/live.ts';
import { packInputs } from '../../engine/staleness/input-version.ts';
import { type AssetEvaluation, evaluateGraph } from '../../engine/staleness/status.ts';
import type { PartitionOutcome } from '../../state/store.ts';
import { calendars, WINDOWS } from '../partitions/shapes.ts';
import { Model, type ModelPartition } from './model.ts';
import { codeOf, compiledAsset, compiledPipeline, reads } from './pipelines.ts';

const NAMES = ['schedule', 'b', 'c', 'd', 'e'] as const;

/** How one asset of a random graph looks; upstream by how far back in the order they are. */
interface Shape {
  readonly set: string | undefined;
  readonly edges: readonly {
    readonly back: number;
    readonly window: Window;
    readonly optional: boolean;
  }[];
  readonly bootstrap: number;
  readonly frozen: boolean;
  readonly readsPeriod: boolean;
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  set: fc.constantFrom('dates', 'dates', 'dates', 'months', 'days', undefined),
  edges: fc.array(
    fc.record({
      back: fc.integer({ min: 1, max: 3 }),
      window: fc.constantFrom(...WINDOWS),
      optional: fc.boolean(),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  bootstrap: fc.constantFrom(0, 0, 10),
  frozen: fc.constantFrom(false, false, false, true),
  readsPeriod: fc.boolean(),
});

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
  | { readonly type: 'calendar'; readonly calendar: ExpectedDays };

const edits: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('outcomes' as const),
      asset: fc.integer({ min: 0, max: 4 }),
      partitions: fc.array(fc.integer({ min: 0, max: 24 }), { minLength: 1, maxLength: 25 }),
      kind: fc.constantFrom('rows', 'rows', 'rows', 'same', 'empty', 'failed', 'blocked' as const),
      value: fc.integer({ min: 1, max: 3 }),
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

/** The assets of a random graph, the source that defines the calendar first. */
export function assetsOf(list: readonly Shape[]): CompiledAsset[] {
  const sets: (string | undefined)[] = ['dates'];
  const schedule = compiledAsset('schedule', { kind: 'source' });
  const rest = list.map((shape, at) => {
    sets.push(shape.set);
    const upstream = shape.edges.map(({ back, window, optional }) => {
      const from = Math.max(0, at + 1 - back);
      const isWhole = sets[from] === undefined || shape.set === undefined;
      return reads(NAMES[from] ?? '', isWhole ? { type: 'all' } : window, optional);
    });
    return compiledAsset(NAMES[at + 1] ?? '', {
      partitionSet: shape.set ?? 'none',
      upstream,
      freeze: shape.frozen ? 'once' : 'never',
      expectedEmpty:
        shape.bootstrap === 0
          ? []
          : [{ type: 'first_days_of_period', days: shape.bootstrap, reason: 'bootstrap' }],
      sql: {
        googleSql: '',
        duckdbSql: '',
        functions: [],
        readsPeriod: shape.readsPeriod,
        duckdbConditions: {},
      },
    });
  });
  return [schedule, ...rest].map(withoutSet);
}

/** Leaves the partition set away where it says none. */
function withoutSet(asset: CompiledAsset): CompiledAsset {
  if (asset.partitionSet !== 'none') return asset;
  const { partitionSet: _, partitionColumn: __, ...rest } = asset;
  return rest;
}

/** The engine's record and the model, changed together. */
export class Both {
  readonly model: Model;
  readonly live = new LiveSnapshot({
    codeVersions: [],
    records: new Map(),
    calendars: new Map(),
    observations: new Map(),
  });
  #sequence = 0;

  constructor(assets: readonly CompiledAsset[], calendar: ExpectedDays) {
    this.model = new Model(compiledPipeline(assets), calendar);
    this.#setCalendar(calendar);
  }

  evaluate() {
    return evaluateGraph({ pipeline: this.model.pipeline, snapshot: this.live, today: 0 }).assets;
  }

  apply(edit: Edit): void {
    switch (edit.type) {
      case 'outcomes':
        return this.#applyOutcomes(edit);
      case 'files': {
        const content = (edit.value + 1).toString(16).padStart(16, '0');
        const asset = unsafeAssetName('schedule');
        this.model.files.set('schedule', content);
        this.live.observations.set(asset, { asset, quick: '', content });
        return undefined;
      }
      case 'code': {
        const assets = this.model.pipeline.assets.map((asset, at) =>
          at === edit.asset ? { ...asset, codeVersion: codeOf(edit.value) } : asset,
        );
        this.model.pipeline = compiledPipeline(assets);
        return undefined;
      }
      case 'calendar':
        return this.#setCalendar(edit.calendar);
    }
  }

  #setCalendar(calendar: ExpectedDays): void {
    this.model.calendar = calendar;
    this.live.calendars.set('dates', { ...calendar, name: 'dates', fingerprint: '' });
  }

  #applyOutcomes(edit: Edit & { type: 'outcomes' }): void {
    const asset = this.model.pipeline.assets[edit.asset];
    const of = asset && this.evaluate().get(asset.name);
    if (!of) return;
    const changes = [...new Set(edit.partitions)].flatMap((index) => this.#change(of, index, edit));
    // Saved in the end: the inputs of all are those from before.
    for (const { partition, outcome } of changes) {
      this.model.save(of.asset.name, outcome.day, partition);
    }
    const outcomes = changes.map((change) => change.outcome);
    const sequences = outcomes.map(() => ++this.#sequence);
    this.live.apply(of.asset.name, of.asset.codeVersion, outcomes, sequences);
  }

  /** What an edit does to one partition, for the model and for the engine. */
  #change(of: AssetEvaluation, index: number, edit: Edit & { type: 'outcomes' }): Change[] {
    const day = of.expected.days[index];
    if (day === undefined) return [];
    const { asset } = of;
    const before = this.model.partition(asset.name, day);
    const inputs = this.model.inputs(asset, index);
    const version = {
      input: { hi: of.inputHi[index] ?? 0, lo: of.inputLo[index] ?? 0 },
      inputs: packInputs(
        of.edges.map((edge) => edge.sums),
        index,
      ),
    };
    const rows = (data: number): Change[] => {
      const hash = { hi: 0xfffffff0 + data, lo: 0xfffffff0 + data };
      const outcome = { type: 'materialized', day, rows: 1, data: hash, ...version } as const;
      return [{ partition: { content: 'rows', data, attempt: 'ok', inputs }, outcome }];
    };
    const upstream = asset.name;
    switch (edit.kind) {
      case 'rows':
        return rows(edit.value);
      case 'same':
        return before.content === 'rows' ? rows(before.data) : [];
      case 'empty':
        return [
          {
            partition: { content: 'empty', data: 0, attempt: 'ok', inputs },
            outcome: { type: 'expected_empty', day, reason: 'none', ...version },
          },
        ];
      case 'failed':
        return [
          {
            partition: { ...before, attempt: 'failed' },
            outcome: { type: 'failed', day, category: 'X', message: '' },
          },
        ];
      case 'blocked':
        return [
          {
            partition: { ...before, attempt: 'blocked' },
            outcome: { type: 'blocked', day, upstream, upstreamDay: 0, message: '' },
          },
        ];
    }
  }
}

interface Change {
  readonly partition: ModelPartition;
  readonly outcome: PartitionOutcome;
}

/** A random graph, its calendar, and what happens to them. */
export const histories = fc.record({
  list: fc.array(shapes, { minLength: 1, maxLength: 4 }),
  calendar: calendars,
  history: fc.array(edits, { maxLength: 8 }),
});
