import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { evaluateProject, openReader } from '../../engine/commands/context.ts';
import { isPipelineError } from '../../engine/errors.ts';
import { unsafeRunId } from '../../engine/ids.ts';
import { type Day, formatDay, parseDay, UNPARTITIONED } from '../../engine/partitions/date.ts';
import { formatHash } from '../../engine/partitions/hash64.ts';
import { explainCauses } from '../../engine/staleness/causes.ts';
import { dataVersionAt, hasRows } from '../../engine/staleness/input-version.ts';
import { type GraphEvaluation, STATUS_NAMES } from '../../engine/staleness/status.ts';
import type { StateReader } from '../../state/store.ts';
import { keptProject, type RunOutcome, type TestProject } from '../support/project.ts';
import { expectSameCauses } from '../staleness/compare-causes.ts';
import { naiveCauses } from '../staleness/naive-causes.ts';
import { type NaiveRequest, NaiveEngine, type NaiveResult } from './naive-run.ts';
import type { World } from './world.ts';
import { filesOf } from './world-files.ts';

/** What a run on the way may refuse: a calendar that nobody read yet, or a range without a date that is known. */
const REFUSALS = ['CALENDAR_UNKNOWN', 'EMPTY_RANGE'];

/** A real project and the model of it, doing the same and compared after everything that they do. */
export class ModelProject {
  readonly project: TestProject;
  readonly naive: NaiveEngine;

  constructor(world: World, cache: string) {
    this.project = keptProject(filesOf(world));
    shareCache(this.project, cache);
    this.naive = new NaiveEngine(world);
  }

  edit(world: World): void {
    this.naive.edit(world);
    this.project.writeAll(filesOf(world));
  }

  /** Runs both; fails where outcomes, rows, statuses or causes differ. Returns what the real one reported. */
  async run(request: NaiveRequest): Promise<RunOutcome | undefined> {
    const wanted = this.naive.run(request);
    const outcome = await this.#materialize(request);
    if (outcome) await this.expectOutcomes(outcome, wanted);
    else expect(describe(wanted)).toEqual([]);
    await this.expectContents();
    await this.expectStatuses(request.assets);
    return outcome;
  }

  /** The request with everything in it. */
  everything(change: Partial<NaiveRequest> = {}): NaiveRequest {
    const assets = ['games', ...this.naive.world.assets.map((asset) => asset.name)];
    return { assets, force: false, prune: true, ...change };
  }

  async #materialize(request: NaiveRequest): Promise<RunOutcome | undefined> {
    const { assets, range, force, prune, only } = request;
    try {
      return await this.project.materialize({
        selection: assets,
        ...(range && { partitions: range.join('..') }),
        force,
        prune,
        ...(only && { only }),
      });
    } catch (error) {
      if (isPipelineError(error) && REFUSALS.includes(error.code)) return undefined;
      throw error;
    }
  }

  /** Every partition ended as the model says, in the record's events and in the counts of the report. */
  async expectOutcomes(
    { document }: RunOutcome,
    wanted: ReadonlyMap<string, NaiveResult>,
  ): Promise<void> {
    const events = await this.#withReader((reader) =>
      document.run_id === null ? [] : reader.eventsOfRun(unsafeRunId(document.run_id)),
    );
    const found = events.map(({ asset, day, type }) => `${asset} ${formatDay(day)} ${type}`);
    expect(found.sort()).toEqual(describe(wanted));
    for (const asset of document.assets) {
      const { outcomes, skipped, emptyBefore, removed } = wanted.get(asset.name) ?? NOTHING;
      const count = (type: string): number =>
        [...outcomes.values()].filter((each) => each.type === type).length;
      expect(asset).toMatchObject({
        materialized: count('materialized'),
        unchanged: count('unchanged'),
        failed: count('failed'),
        blocked: count('blocked'),
        expected_empty: count('expected_empty') + emptyBefore,
        skipped,
        pruned: removed.length,
      });
    }
    expect(document.assets.map((asset) => asset.name).sort()).toEqual([...wanted.keys()].sort());
    for (const failure of document.failures) {
      const day = failure.partition === 'all' ? UNPARTITIONED : parseDay(failure.partition);
      const outcome = wanted.get(failure.asset)?.outcomes.get(day ?? 0);
      expect([failure, outcome?.type]).toEqual([failure, failure.status]);
      if (outcome?.category === 'EMPTY_RESULT') expect(failure.category).toBe('EMPTY_RESULT');
      else expect(failure.category).not.toBe('EMPTY_RESULT');
      if (outcome?.blockers) expect(outcome.blockers).toContain(namedBlocker(failure.message));
    }
  }

  /** The tables hold the rows of the model and no others; the warehouse claims and the record say the same. */
  async expectContents(): Promise<void> {
    const { model } = this.naive;
    const rows: string[] = [];
    const claims: string[] = [];
    for (const asset of model.pipeline.assets) {
      for (const day of model.recordedDays(asset.name)) {
        const { content, data } = model.partition(asset.name, day);
        if (content === 'none') continue;
        const list = content === 'rows' ? (JSON.parse(data) as Record<string, unknown>[]) : [];
        rows.push(...list.map((row) => rowText(asset.name, day, row)));
        claims.push(`${asset.name} ${formatDay(day)} ${list.length}`);
      }
    }
    const found = await contentsOf(this.project);
    expect(found.rows).toEqual(rows.sort());
    expect(found.claims).toEqual(claims.sort());
    expect(found.staged).toEqual([]);
  }

  /** Statuses and causes of every partition; of the source only if a run has just looked at its file. */
  async expectStatuses(selected: readonly string[]): Promise<void> {
    const project = await this.project.open();
    await this.#withReader((reader) => {
      const evaluation = evaluateProject(project, reader);
      const found: string[] = [];
      const naive: string[] = [];
      const { model } = this.naive;
      for (const of of evaluation.assets.values()) {
        if (of.asset.kind === 'source' && !selected.includes(of.asset.name)) continue;
        const asset = model.asset(of.asset.name);
        for (const [index, day] of of.expected.days.entries()) {
          found.push(`${asset.name} ${formatDay(day)} ${STATUS_NAMES[of.status[index] ?? 0]}`);
        }
        for (const [index, day] of model.expected(asset).days.entries()) {
          naive.push(`${asset.name} ${formatDay(day)} ${model.status(asset, index)}`);
        }
        this.#expectCauses(evaluation, reader, of.asset.name);
      }
      expect(found).toEqual(naive);
    });
  }

  #expectCauses(evaluation: GraphEvaluation, reader: StateReader, name: string): void {
    const { model } = this.naive;
    const of = [...evaluation.assets.values()].find((each) => each.asset.name === name);
    if (!of) throw new Error(`no asset ${name}`);
    const target = evaluation.pipeline.defaultTarget;
    const explained = explainCauses({
      evaluation,
      codeVersions: reader.snapshot(target).codeVersions,
      reader,
      target,
      asset: of.asset.name,
      indexes: [...of.expected.days.keys()],
      most: 100,
    });
    for (const [index, causes] of explained) {
      const where = `${name} ${formatDay(of.expected.days[index] ?? 0)}`;
      expectSameCauses(where, causes, naiveCauses(model, model.asset(name), index));
    }
  }

  /** Data version by date of every asset, as recorded. */
  async dataVersions(): Promise<Record<string, Record<string, string>>> {
    const { evaluation } = await this.project.evaluate();
    const all: Record<string, Record<string, string>> = {};
    for (const { asset, records } of evaluation.assets.values()) {
      const made = [...records.days.keys()].filter((at) => hasRows(records, at));
      all[asset.name] = Object.fromEntries(
        made.map((at) => [
          formatDay(records.days[at] ?? 0),
          formatHash(dataVersionAt(records, at)),
        ]),
      );
    }
    return all;
  }

  /** The record; whoever asked closes it. */
  async openReader(): Promise<StateReader> {
    const reader = await openReader(await this.project.open());
    if (!reader) throw new Error('nothing was recorded yet');
    return reader;
  }

  async #withReader<T>(work: (reader: StateReader) => T): Promise<T> {
    const reader = await this.openReader();
    try {
      return work(reader);
    } finally {
      reader.close();
    }
  }
}

const NOTHING: NaiveResult = { outcomes: new Map(), removed: [], skipped: 0, emptyBefore: 0 };

/** `asset date outcome`, sorted; removals count as outcomes. */
function describe(results: ReadonlyMap<string, NaiveResult>): string[] {
  const texts = Array.from(results, ([name, { outcomes, removed }]) => [
    ...Array.from(outcomes, ([day, { type }]) => `${name} ${formatDay(day)} ${type}`),
    ...removed.map((day) => `${name} ${formatDay(day)} removed`),
  ]);
  return texts.flat().sort();
}

/** `asset date` out of a message, or the asset alone where any date would do. */
function namedBlocker(message: string): string {
  const [, asset = '', date = '', orBefore] =
    /^needs (\w+) of (\S+?)( or before)?, which/.exec(message) ?? [];
  return orBefore === undefined ? `${asset} ${date}` : asset;
}

function rowText(asset: string, day: Day, row: Record<string, unknown>): string {
  const { isBroken, date: _, ...rest } = row;
  const values = isBroken === undefined ? rest : { ...rest, note: isBroken ? 'many' : '0' };
  return `${asset} ${formatDay(day)} ${fieldsOf(values)}`;
}

/** Names and values in the order of the names. */
function fieldsOf(row: Record<string, unknown>): string {
  const fields = Object.entries(row).map(([name, value]) => `${name}=${String(value)}`);
  return fields.sort().join(' ');
}

interface Contents {
  readonly rows: string[];
  readonly claims: string[];
  readonly staged: readonly unknown[];
}

/** Everything that a warehouse file holds, sorted. */
export async function contentsOf(project: TestProject): Promise<Contents> {
  const tables = await project.query(
    `SELECT schema_name, table_name FROM duckdb_tables() WHERE table_name NOT LIKE '\\_fastbreak\\_%' ESCAPE '\\'`,
  );
  const staged = tables.filter(([, name]) => String(name).includes('staging'));
  const own = tables.filter(([schema]) => schema === 'raw' || schema === 'reports');
  const selects = own.map(
    ([schema, name]) => `SELECT '${name}', CAST(to_json(t) AS VARCHAR) FROM ${schema}.${name} AS t`,
  );
  const claims = `SELECT asset, day || ' ' || rows FROM _fastbreak_materializations`;
  const list = await project.query(
    [...selects, `SELECT 'claim', asset || ' ' || x FROM (${claims}) AS c(asset, x)`].join(
      ' UNION ALL ',
    ),
  );
  const rows = list.flatMap(([asset, json]) => {
    if (asset === 'claim') return [];
    const values = JSON.parse(String(json)) as Record<string, unknown>;
    const { game_date: date, game_id: id, ...rest } = values;
    return [
      `${asset} ${String(date ?? 'all')} ${fieldsOf(id === undefined ? rest : { id, ...rest })}`,
    ];
  });
  const claimed = list.flatMap(([kind, text]) => {
    if (kind !== 'claim') return [];
    const [asset = '', day = '', count = ''] = String(text).split(' ');
    return [`${asset} ${formatDay(Number(day))} ${count}`];
  });
  return { rows: rows.sort(), claims: claimed.sort(), staged };
}

/** A folder for analyses of SQL that all projects of a file share. */
export function sharedCache(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'fastbreak-cache-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Lets a new project use a shared folder for its analyses of SQL. */
export function shareCache(project: TestProject, path: string): void {
  mkdirSync(join(project.home, 'cache'), { recursive: true });
  symlinkSync(path, join(project.home, 'cache', 'sql'));
}

/** Does something with a project and its model, and removes the project. */
export async function withModel<T>(
  world: World,
  cache: string,
  work: (both: ModelProject) => Promise<T>,
): Promise<T> {
  const both = new ModelProject(world, cache);
  try {
    return await work(both);
  } finally {
    rmSync(both.project.root, { recursive: true, force: true });
  }
}
