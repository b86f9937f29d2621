import { DEFAULT_RULES } from '../../engine/config/health-rules.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CompiledAsset, CompiledPipeline } from '../../engine/compile/compiled.ts';
import type { Upstream } from '../../engine/config/pipeline.ts';
import type { Project } from '../../engine/commands/context.ts';
import { type ProjectRecord, readRecord } from '../../engine/commands/record.ts';
import {
  type AssetName,
  unsafeAssetName,
  unsafeCodeVersion,
  unsafeRunId,
} from '../../engine/ids.ts';
import { type Day, parseDay } from '../../engine/partitions/date.ts';
import type { Window } from '../../engine/partitions/window.ts';
import { packInputs } from '../../engine/staleness/input-version.ts';
import { evaluateGraph } from '../../engine/staleness/status.ts';
import { openStateStore } from '../../state/sqlite.ts';
import type { PartitionOutcome, StateStore } from '../../state/store.ts';

export const TARGET = 'local';
export const NOW = Date.UTC(2024, 1, 10, 12);

export function day(text: string): Day {
  const found = parseDay(text);
  if (found === undefined) throw new Error(`no date ${text}`);
  return found;
}

export function upstreamOf(asset: string, window: Window, optional = false): Upstream {
  return { asset: unsafeAssetName(asset), relation: asset, window, optional };
}

/** An asset with everything that the tests do not care about. */
export function assetWith(name: string, parts: Partial<CompiledAsset> = {}): CompiledAsset {
  return {
    name: unsafeAssetName(name),
    group: 'raw',
    dataset: 'raw',
    description: '',
    kind: 'sql',
    partitionSet: 'game_dates',
    partitionColumn: 'game_date',
    upstream: [],
    columns: [],
    key: [],
    expectedEmpty: [],
    checks: [],
    retry: { attempts: 1, baseDelaySeconds: 1, maxDelaySeconds: 1 },
    timeoutSeconds: 60,
    batch: 100,
    freeze: 'never',
    tags: [],
    codeVersion: unsafeCodeVersion('00000000000000aa'),
    codeParts: { source: 'a', functions: 'a', windows: 'a', columns: 'a' },
    ...parts,
  };
}

/** box (source) → summary (same date) → cache (all dates of the season before). */
export const BOX = assetWith('box', { kind: 'source' });
export const SUMMARY = assetWith('summary', {
  group: 'analytics',
  upstream: [upstreamOf('box', { type: 'same' })],
});
export const CACHE = assetWith('cache', {
  group: 'precompute',
  upstream: [upstreamOf('summary', { type: 'before_period' })],
  expectedEmpty: [{ type: 'first_days_of_period', days: 2, reason: 'bootstrap' }],
});

export function pipelineOf(assets: readonly CompiledAsset[]): CompiledPipeline {
  return {
    format: 1,
    file: '/pipeline.yaml',
    root: '/',
    name: 'test',
    description: '',
    timezone: 'UTC',
    defaultTarget: TARGET,
    targets: [{ name: TARGET, warehouse: 'duckdb', memoryLimit: '1GB', maxParallel: 1 }],
    calendars: [
      {
        name: 'game_dates',
        asset: unsafeAssetName('box'),
        dateColumn: 'game_date',
        periodName: 'season',
      },
    ],
    partitionSets: [{ name: 'game_dates', type: 'calendar', calendar: 'game_dates' }],
    functions: [],
    unions: [],
    ...DEFAULT_RULES,
    pools: [],
    assets,
    compiledCalendars: {},
    duckdbFunctions: {},
    googleFunctions: {},
    variables: [],
    inputs: [],
  };
}

// No games on the 4th and the 5th.
export const DAYS = ['2024-01-01', '2024-01-02', '2024-01-03', '2024-01-06', '2024-01-07'].map(day);

/** A real state database with the calendar above, and short ways to record what runs do. */
export class Recorder {
  readonly folder = mkdtempSync(join(tmpdir(), 'fastbreak-record-'));
  readonly store: StateStore;
  pipeline: CompiledPipeline;
  files = '00000000000000f1';
  #clock = Date.UTC(2024, 1, 1, 8);
  #runs = 0;

  constructor(assets: readonly CompiledAsset[] = [BOX, SUMMARY, CACHE]) {
    this.pipeline = pipelineOf(assets);
    this.store = openStateStore(join(this.folder, 'state.sqlite'));
    this.saveCalendar(DAYS);
    this.observe(this.files);
  }

  saveCalendar(days: readonly Day[]): void {
    const first = days[0] ?? 0;
    this.store.saveCalendar(TARGET, {
      name: 'game_dates',
      fingerprint: days.join(),
      days: Int32Array.from(days),
      periodIndex: new Int32Array(days.length),
      periods: [{ name: '2023', start: first, first }],
    });
  }

  observe(content: string): void {
    this.files = content;
    const asset = unsafeAssetName('box');
    this.store.saveObservation(TARGET, { asset, quick: content, content });
  }

  /** Materializes days of an asset with given numbers of rows; equal numbers are equal content. */
  materialize(name: string, rowsByDay: Readonly<Record<string, number>>): void {
    const asset = this.#asset(name);
    const evaluation = evaluateGraph({
      pipeline: this.pipeline,
      snapshot: this.store.snapshot(TARGET),
      today: DAYS.at(-1) ?? 0,
    }).assets.get(asset.name);
    if (!evaluation) throw new Error(`no asset ${name}`);
    const outcomes = Object.entries(rowsByDay).map(([date, rows]): PartitionOutcome => {
      const index = evaluation.expected.days.indexOf(day(date));
      return {
        type: 'materialized',
        day: day(date),
        rows,
        data: { hi: rows, lo: day(date) },
        input: { hi: evaluation.inputHi[index] ?? 0, lo: evaluation.inputLo[index] ?? 0 },
        inputs: packInputs(
          evaluation.edges.map((edge) => edge.sums),
          index,
        ),
      };
    });
    this.record(asset.name, outcomes);
  }

  fail(name: string, date: string, message = 'no rows, the calendar expects some'): void {
    const outcome = { type: 'failed', day: day(date), category: 'EMPTY_RESULT', message } as const;
    this.record(unsafeAssetName(name), [outcome]);
  }

  record(name: AssetName, outcomes: readonly PartitionOutcome[]): void {
    const asset = this.#asset(name);
    const runId = unsafeRunId(`run-${++this.#runs}`);
    this.#clock += 60_000;
    const days = outcomes.map((outcome) => outcome.day);
    this.store.saveDefinition({
      asset: name,
      codeVersion: asset.codeVersion,
      parts: JSON.stringify(asset.codeParts),
      upstream: asset.upstream.map((upstream) => upstream.asset),
    });
    this.store.startRun({
      id: runId,
      target: TARGET,
      command: 'materialize',
      startedAt: this.#clock,
    });
    const stepId = this.store.startStep({
      runId,
      asset: name,
      firstDay: Math.min(...days),
      lastDay: Math.max(...days),
      partitions: days.length,
      startedAt: this.#clock,
    });
    this.store.endStep({
      stepId,
      asset: name,
      codeVersion: asset.codeVersion,
      status: 'succeeded',
      endedAt: this.#clock,
      summary: {
        materialized: days.length,
        unchanged: 0,
        expectedEmpty: 0,
        failed: 0,
        blocked: 0,
        skipped: 0,
        statements: 1,
      },
      outcomes,
      checks: [],
    });
    this.store.endRun(runId, 'succeeded', this.#clock, null);
  }

  /** The asset as if its declaration had changed. */
  change(name: string, parts: Partial<CompiledAsset>): void {
    this.pipeline = pipelineOf(
      this.pipeline.assets.map((asset) => (asset.name === name ? { ...asset, ...parts } : asset)),
    );
  }

  project(): Project {
    const [target] = this.pipeline.targets;
    if (!target) throw new Error('no target');
    return {
      pipeline: this.pipeline,
      target,
      home: this.folder,
      cacheDir: this.folder,
      statePath: join(this.folder, 'state.sqlite'),
      today: day('2024-02-10'),
    };
  }

  read(): ProjectRecord {
    const snapshot = this.store.snapshot(TARGET);
    const seen = { content: new Map(), unseen: [] };
    return readRecord(this.project(), this.store, { now: NOW, snapshot, seen });
  }

  close(): void {
    this.store.close();
    rmSync(this.folder, { recursive: true });
  }

  #asset(name: string): CompiledAsset {
    const asset = this.pipeline.assets.find((each) => each.name === name);
    if (!asset) throw new Error(`no asset ${name}`);
    return asset;
  }
}
