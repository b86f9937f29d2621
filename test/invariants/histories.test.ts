import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect } from 'vitest';
import { isPipelineError } from '../../engine/errors.ts';
import { dataVersionAt } from '../../engine/staleness/input-version.ts';
import { formatDay } from '../../engine/partitions/date.ts';
import { formatHash } from '../../engine/partitions/hash64.ts';
import { CONTENT } from '../../engine/partitions/records.ts';
import { STATUS_NAMES } from '../../engine/staleness/status.ts';
import { expectAgreement } from '../support/agreement.ts';
import { keptProject, type RunRequest, type TestProject } from '../support/project.ts';
import { propertyTest } from '../support/property.ts';
import {
  DATES,
  expectedRows,
  filesOf,
  type GameRow,
  LAYOUTS,
  pipelines,
  type RandomAsset,
  type RandomPipeline,
  WINDOW_KINDS,
} from '../support/random-pipeline.ts';

/** Something that somebody does to the files; numbers are taken modulo of how many there are to choose from. */
type Edit =
  | { readonly type: 'value'; readonly at: number; readonly points: number }
  | { readonly type: 'break'; readonly at: number }
  | { readonly type: 'undo all' }
  | { readonly type: 'add row'; readonly at: number; readonly points: number }
  | { readonly type: 'remove row'; readonly at: number }
  | { readonly type: 'add date'; readonly date: string; readonly points: number }
  | { readonly type: 'remove date'; readonly at: number }
  | { readonly type: 'season'; readonly cut: string }
  | { readonly type: 'layout'; readonly asset: number; readonly layout: number }
  | { readonly type: 'formula'; readonly asset: number; readonly formula: number }
  | { readonly type: 'window'; readonly asset: number; readonly window: number }
  | { readonly type: 'batch'; readonly batch: number };

/** What is run after an edit. */
type Run =
  | { readonly type: 'nothing' }
  | { readonly type: 'all'; readonly force: boolean; readonly prune: boolean }
  | {
      readonly type: 'some';
      readonly asset: number;
      readonly scope: 'alone' | 'upstream' | 'downstream' | 'every';
      readonly dates: readonly [number, number] | undefined;
      readonly force: boolean;
      readonly prune: boolean;
    };

const at = fc.nat(20);
const points = fc.nat(9);
const date = fc.constantFrom(...DATES);
const of = <T extends Edit['type']>(type: T) => ({ type: fc.constant(type) });

const edits: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ ...of('value'), at, points }),
  fc.record({ ...of('break'), at }),
  fc.record(of('undo all')),
  fc.record({ ...of('add row'), at, points }),
  fc.record({ ...of('remove row'), at }),
  fc.record({ ...of('add date'), date, points }),
  fc.record({ ...of('remove date'), at }),
  fc.record({ ...of('season'), cut: date }),
  fc.record({ ...of('layout'), asset: at, layout: fc.nat(LAYOUTS.length - 1) }),
  fc.record({ ...of('formula'), asset: at, formula: fc.nat(2) }),
  fc.record({ ...of('window'), asset: at, window: fc.nat(WINDOW_KINDS.length - 1) }),
  fc.record({ ...of('batch'), batch: fc.integer({ min: 1, max: 4 }) }),
);

const runs: fc.Arbitrary<Run> = fc.oneof(
  fc.record({ type: fc.constant('nothing' as const) }),
  fc.record({ type: fc.constant('all' as const), force: fc.boolean(), prune: fc.boolean() }),
  fc.record({
    type: fc.constant('some' as const),
    asset: at,
    scope: fc.constantFrom('alone', 'upstream', 'downstream', 'every' as const),
    dates: fc.option(fc.tuple(at, at), { nil: undefined }),
    force: fc.boolean(),
    prune: fc.boolean(),
  }),
);

const histories = fc.record({
  first: pipelines,
  firstRun: runs,
  history: fc.array(fc.record({ edit: edits, run: runs }), { minLength: 1, maxLength: 5 }),
});

function chosen<T>(list: readonly T[], index: number): T {
  const found = list[index % list.length];
  if (found === undefined) throw new Error('nothing to choose from');
  return found;
}

/** The pipeline after an edit; the first one is what undoing all comes back to. */
function edited(first: RandomPipeline, pipeline: RandomPipeline, edit: Edit): RandomPipeline {
  switch (edit.type) {
    case 'undo all':
      return first;
    case 'season':
      return { ...pipeline, cut: edit.cut };
    case 'batch':
      return { ...pipeline, batch: edit.batch };
    case 'layout':
      return withAsset(pipeline, edit.asset, () => ({ layout: edit.layout }));
    case 'formula':
      return withAsset(pipeline, edit.asset, () => ({ formula: edit.formula }));
    case 'window':
      return withAsset(pipeline, edit.asset, ({ edges: [first, ...rest] }) => ({
        edges: first ? [{ ...first, window: edit.window }, ...rest] : [],
      }));
    default: {
      const rows = editedRows(pipeline.rows, edit);
      return rows.length === 0 ? pipeline : { ...pipeline, rows };
    }
  }
}

function withAsset(
  pipeline: RandomPipeline,
  index: number,
  change: (asset: RandomAsset) => Partial<RandomAsset>,
): RandomPipeline {
  const asset = chosen(pipeline.assets, index);
  const changed = { ...asset, ...change(asset) };
  return {
    ...pipeline,
    assets: pipeline.assets.map((each) => (each === asset ? changed : each)),
  };
}

type RowEdit = Extract<
  Edit,
  { type: 'value' | 'break' | 'add row' | 'remove row' | 'add date' | 'remove date' }
>;

function editedRows(rows: readonly GameRow[], edit: RowEdit): readonly GameRow[] {
  const id = Math.max(...rows.map((row) => row.id)) + 1;
  if (edit.type === 'add date') return [...rows, { id, date: edit.date, points: edit.points }];
  const row = chosen(rows, edit.at);
  switch (edit.type) {
    case 'value':
      return rows.map((each) =>
        each === row ? { ...row, points: edit.points, isBroken: false } : each,
      );
    case 'break':
      return rows.map((each) => (each === row ? { ...row, isBroken: true } : each));
    case 'add row':
      return [...rows, { id, date: row.date, points: edit.points }];
    case 'remove row':
      return rows.filter((each) => each !== row);
    case 'remove date':
      return rows.filter((each) => each.date !== row.date);
  }
}

function repaired(pipeline: RandomPipeline): RandomPipeline {
  return { ...pipeline, rows: pipeline.rows.map((row) => ({ ...row, isBroken: false })) };
}

/** What a run asks of `materialize`; nothing when it is no run. */
function requestOf(run: Run, pipeline: RandomPipeline): RunRequest | undefined {
  if (run.type === 'nothing') return undefined;
  const { force, prune } = run;
  if (run.type === 'all') return { force, prune };
  const name = chosen(['games', ...pipeline.assets.map((asset) => asset.name)], run.asset);
  const selection = { alone: [name], upstream: [`+${name}`], downstream: [`${name}+`], every: [] };
  const dates = [...new Set(pipeline.rows.map((row) => row.date))].sort();
  const range = run.dates?.map((index) => chosen(dates, index)).sort();
  return {
    selection: selection[run.scope],
    ...(range && { partitions: range.join('..') }),
    force,
    prune,
  };
}

/** Rows, data versions and statuses of every asset. */
async function contentOf(project: TestProject): Promise<unknown> {
  const { evaluation } = await project.evaluate();
  const assets: Record<string, unknown> = {};
  for (const each of evaluation.assets.values()) {
    const { asset, records, expected } = each;
    const rows = await project.query(`SELECT * FROM ${asset.dataset}.${asset.name} ORDER BY ALL`);
    // A date that failed and then left the calendar may still be known as that, without any content.
    const versions = [...(records?.days ?? [])].flatMap((day, index) =>
      records?.content[index] === CONTENT.materialized
        ? [`${formatDay(day)} ${formatHash(dataVersionAt(records, index))}`]
        : [],
    );
    const statuses = Array.from(expected.days, (day, index) => [
      formatDay(day),
      STATUS_NAMES[each.status[index] ?? -1],
    ]);
    assets[asset.name] = { rows, versions, statuses };
  }
  return assets;
}

/**
 * What a run on the way may refuse: a calendar that nobody read yet, or a range without a date that is known. Dates
 * that are new in a file become known only by a run that takes the source in.
 */
const REFUSALS = ['CALENDAR_UNKNOWN', 'EMPTY_RANGE'];

async function runOnTheWay(project: TestProject, request: RunRequest | undefined): Promise<void> {
  if (!request) return;
  try {
    await project.materialize(request);
  } catch (error) {
    if (!isPipelineError(error) || !REFUSALS.includes(error.code)) throw error;
  }
}

let cache = '';
beforeAll(() => {
  cache = mkdtempSync(join(tmpdir(), 'fastbreak-cache-'));
});
afterAll(() => rmSync(cache, { recursive: true, force: true }));

/** Does something with a project of its own, whose analyses of SQL are those of all projects of this file. */
async function inProject<T>(
  pipeline: RandomPipeline,
  work: (project: TestProject) => Promise<T>,
): Promise<T> {
  const project = keptProject(filesOf(pipeline));
  try {
    mkdirSync(join(project.home, 'cache'), { recursive: true });
    symlinkSync(cache, join(project.home, 'cache', 'sql'));
    return await work(project);
  } finally {
    rmSync(project.root, { recursive: true, force: true });
  }
}

async function expectAllMade(project: TestProject, pipeline: RandomPipeline): Promise<unknown> {
  expect((await project.materialize({ prune: true })).code).toBe(0);
  for (const [name, rows] of Object.entries(expectedRows(pipeline))) {
    const made = await project.query(
      `SELECT CAST(game_date AS VARCHAR), CAST(number AS DOUBLE), CAST(points AS DOUBLE) FROM reports.${name}`,
    );
    const byDate: Record<string, unknown> = Object.fromEntries(
      made.map(([day, ...numbers]) => [String(day), numbers]),
    );
    expect(byDate, name).toEqual(rows);
  }
  return contentOf(project);
}

propertyTest(
  'all invariants against a rebuild',
  'after any history a project holds what a new project makes of the same files',
  {
    cases: histories,
    runs: 2,
    secondsPerCase: 5,
    holds: async ({ first, firstRun, history }) => {
      let pipeline = first;
      const made = await inProject(first, async (project) => {
        await runOnTheWay(project, requestOf(firstRun, pipeline));
        for (const { edit, run } of history) {
          pipeline = edited(first, pipeline, edit);
          project.writeAll(filesOf(pipeline));
          await runOnTheWay(project, requestOf(run, pipeline));
        }
        pipeline = repaired(pipeline);
        project.writeAll(filesOf(pipeline));
        const content = await expectAllMade(project, pipeline);
        const again = await project.materialize({ prune: true });
        expect(again.document.status).toBe('nothing-to-do');
        await expectAgreement(project);
        return content;
      });
      const fresh = await inProject(pipeline, (project) => expectAllMade(project, pipeline));
      expect(made).toEqual(fresh);
    },
  },
);
