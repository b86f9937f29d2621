import fc from 'fast-check';
import type { CompiledAsset } from '../../engine/compile/compiled.ts';
import { unsafeAssetName, unsafeCodeVersion, unsafeRunId } from '../../engine/ids.ts';
import type { ExpectedDays } from '../../engine/partitions/calendar.ts';
import type { Window } from '../../engine/partitions/window.ts';
import { LiveSnapshot } from '../../engine/run/live.ts';
import { NO_OUTCOMES } from '../../engine/run/outcome-counts.ts';
import { packInputs } from '../../engine/staleness/input-version.ts';
import {
  type AssetEvaluation,
  evaluateGraph,
  type GraphEvaluation,
} from '../../engine/staleness/status.ts';
import { shortHash } from '../../engine/util/hash.ts';
import type { PartitionOutcome, StateStore } from '../../state/store.ts';
import { calendars, WINDOWS } from '../partitions/shapes.ts';
import { type Edit, edits, everything } from './edits.ts';
import { Model, type ModelPartition } from './model.ts';
import { compiledAsset, compiledPipeline, reads } from './pipelines.ts';

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
  return [schedule, ...rest].map(withoutSet).map((each) => recoded(each, 'sql 0'));
}

/** The asset with that text as its SQL, and the code version that follows from it and its windows. */
function recoded(asset: CompiledAsset, source: string): CompiledAsset {
  const windows = shortHash(JSON.stringify(asset.upstream));
  const codeParts = { source, functions: '', windows, columns: '' };
  const codeVersion = unsafeCodeVersion(shortHash(JSON.stringify(codeParts)));
  return { ...asset, codeParts, codeVersion };
}

/** Leaves the partition set away where it says none. */
function withoutSet(asset: CompiledAsset): CompiledAsset {
  if (asset.partitionSet !== 'none') return asset;
  const { partitionSet: _, partitionColumn: __, ...rest } = asset;
  return rest;
}

/** Where a case is recorded besides, so that its history can be asked for. */
export interface Recording {
  readonly store: StateStore;
  /** The case's own. */
  readonly target: string;
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
  readonly #recording: Recording | undefined;
  #sequence = 0;

  constructor(assets: readonly CompiledAsset[], calendar: ExpectedDays, recording?: Recording) {
    this.#recording = recording;
    this.model = new Model(compiledPipeline(assets), calendar);
    this.#setCalendar(calendar);
    recording?.store.startRun({
      id: unsafeRunId(recording.target),
      target: recording.target,
      command: 'materialize',
      startedAt: 0,
    });
  }

  evaluateAll(): GraphEvaluation {
    return evaluateGraph({ pipeline: this.model.pipeline, snapshot: this.live, today: 0 });
  }

  evaluate(): GraphEvaluation['assets'] {
    return this.evaluateAll().assets;
  }

  apply(edit: Edit): void {
    this.#apply(edit);
    this.model.changed();
  }

  #apply(edit: Edit): void {
    switch (edit.type) {
      case 'outcomes':
        return this.#applyOutcomes(edit);
      case 'all':
        return this.#makeAll(edit.value);
      case 'removed':
        return this.#remove(edit.asset, edit.partitions);
      case 'files': {
        const content = (edit.value + 1).toString(16).padStart(16, '0');
        const asset = unsafeAssetName('schedule');
        this.model.files.set('schedule', content);
        this.live.observations.set(asset, { asset, quick: '', content });
        return undefined;
      }
      case 'code':
        return this.#change(edit.asset, (asset) => recoded(asset, `sql ${edit.value}`));
      case 'edge':
        return this.#change(edit.asset, (asset) => withEdge(asset, edit));
      case 'calendar':
        return this.#setCalendar(edit.calendar);
    }
  }

  #change(index: number, change: (asset: CompiledAsset) => CompiledAsset): void {
    const assets = this.model.pipeline.assets.map((asset, at) =>
      at === index ? change(asset) : asset,
    );
    this.model.pipeline = compiledPipeline(assets);
  }

  #setCalendar(calendar: ExpectedDays): void {
    this.model.calendar = calendar;
    this.live.calendars.set('dates', { ...calendar, name: 'dates', fingerprint: '' });
  }

  /** Some of the recorded partitions of an asset go, as when their dates left the calendar. */
  #remove(index: number, partitions: readonly number[]): void {
    const name = this.model.pipeline.assets[index]?.name;
    if (name === undefined) return;
    const recorded = this.model.recordedDays(name);
    const days = [...new Set(partitions)].flatMap((at) => recorded[at] ?? []);
    if (days.length === 0) return;
    for (const day of days) this.model.remove(name, day);
    this.live.remove(name, new Set(days));
    if (!this.#recording) return;
    const { store, target } = this.#recording;
    const runId = unsafeRunId(target);
    store.removePartitions({ target, asset: name, days, runId, at: 0, reason: '' });
  }

  /** The values differ from partition to partition, and one in seven is empty; the same number makes the same. */
  #makeAll(value: number): void {
    for (const [asset, { name }] of this.model.pipeline.assets.entries()) {
      const { expected } = this.evaluate().get(name) ?? {};
      for (const kind of ['rows', 'empty'] as const) {
        for (const each of [1, 2, 3, 4]) {
          const partitions = [...(expected?.days.keys() ?? [])].filter((index) => {
            const number = index * 3 + asset + value;
            return (number % 7 === 6) === (kind === 'empty') && (number % 4) + 1 === each;
          });
          if (partitions.length === 0) continue;
          this.#applyOutcomes({ type: 'outcomes', asset, partitions, kind, value: each });
        }
      }
    }
  }

  #applyOutcomes(edit: Edit & { type: 'outcomes' }): void {
    const asset = this.model.pipeline.assets[edit.asset];
    const of = asset && this.evaluate().get(asset.name);
    if (!of) return;
    const changes = [...new Set(edit.partitions)].flatMap((index) =>
      this.#outcome(of, index, edit),
    );
    // Saved in the end: the inputs of all are those from before.
    for (const { partition, outcome } of changes) {
      this.model.save(of.asset.name, outcome.day, partition);
    }
    const outcomes = changes.map((change) => change.outcome);
    const sequences = this.#record(of.asset, outcomes) ?? outcomes.map(() => ++this.#sequence);
    this.live.apply(of.asset.name, of.asset.codeVersion, outcomes, sequences);
  }

  #record(
    asset: CompiledAsset,
    outcomes: readonly PartitionOutcome[],
  ): readonly number[] | undefined {
    if (!this.#recording) return undefined;
    const { store, target } = this.#recording;
    const { name, codeVersion } = asset;
    store.saveDefinition({
      asset: name,
      codeVersion,
      parts: JSON.stringify(asset.codeParts),
      upstream: asset.upstream.map((upstream) => upstream.asset),
    });
    const partitions = outcomes.length;
    const runId = unsafeRunId(target);
    const step = { runId, asset: name, firstDay: 0, lastDay: 0, partitions, startedAt: 0 };
    return store.endStep({
      stepId: store.startStep(step),
      asset: name,
      codeVersion,
      status: 'succeeded',
      endedAt: 0,
      summary: { ...NO_OUTCOMES, statements: 1 },
      outcomes,
      checks: [],
    });
  }

  /** What an edit does to one partition, for the model and for the engine. */
  #outcome(of: AssetEvaluation, index: number, edit: Edit & { type: 'outcomes' }): Change[] {
    const day = of.expected.days[index];
    if (day === undefined) return [];
    const { asset } = of;
    const before = this.model.partition(asset.name, day);
    const made = {
      attempt: 'ok' as const,
      inputs: this.model.inputs(asset, index),
      windows: this.model.windowTexts(asset, index),
      parts: asset.codeParts,
    };
    const version = {
      input: { hi: of.inputHi[index] ?? 0, lo: of.inputLo[index] ?? 0 },
      inputs: packInputs(
        of.edges.map((edge) => edge.sums),
        index,
      ),
    };
    const withRows = (value: number): Change[] => {
      const data = { hi: 0xfffffff0 + value, lo: 0xfffffff0 + value };
      // Two values have the same number of rows.
      const rows = Math.min(value, 3);
      const outcome = { type: 'materialized', day, rows, data, ...version } as const;
      return [{ partition: { content: 'rows', data: String(value), rows, ...made }, outcome }];
    };
    const upstream = asset.name;
    switch (edit.kind) {
      case 'rows':
        return withRows(edit.value);
      case 'same':
        return before.content === 'rows' ? withRows(Number(before.data)) : [];
      case 'empty':
        return [
          {
            partition: { content: 'empty', data: '', rows: 0, ...made },
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

function withEdge(asset: CompiledAsset, edit: Edit & { type: 'edge' }): CompiledAsset {
  const changed = asset.upstream.map((edge, at) => {
    if (at !== edit.edge) return edge;
    // Where one side has no partitions, all is the only window.
    const { window } = edge.window.type === 'all' ? edge : edit;
    return { ...edge, window, optional: edit.optional };
  });
  const upstream = edit.turnsRound ? changed.toReversed() : changed;
  return recoded({ ...asset, upstream }, asset.codeParts.source);
}

interface Change {
  readonly partition: ModelPartition;
  readonly outcome: PartitionOutcome;
}

/** A random graph, its calendar, and what happens to them. */
export const histories = fc.record({
  list: fc.array(shapes, { minLength: 1, maxLength: 4 }),
  calendar: calendars,
  history: fc
    .tuple(
      fc.option(everything, { nil: undefined, freq: 4 }),
      fc.array(edits, { minLength: 2, maxLength: 9 }),
    )
    .map(([first, rest]): Edit[] => (first ? [first, ...rest] : rest)),
});
