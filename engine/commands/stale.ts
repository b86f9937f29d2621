import { EXIT } from '../errors.ts';
import { AssetGraph } from '../graph/asset-graph.ts';
import { selectAssets } from '../graph/selection.ts';
import { formatDay } from '../partitions/date.ts';
import { commandText } from '../report/command-text.ts';
import { jsonText } from '../report/json.ts';
import { renderStaleAsset, type StalePartition } from '../report/stale-text.ts';
import { paintFor, plural } from '../report/text.ts';
import type { Cause } from '../staleness/cause.ts';
import { explainCauses } from '../staleness/causes.ts';
import { type AssetEvaluation, STATUS, STATUS_NAMES } from '../staleness/status.ts';
import { summarizeAsset } from '../staleness/summary.ts';
import { type Effects, type GlobalOptions, openProject, type Project } from './context.ts';
import { mendingWords } from './mending-words.ts';
import { type ProjectRecord, withRecord } from './record.ts';

export interface StaleOptions {
  readonly selection: readonly string[];
  readonly exclude: readonly string[];
}

interface StaleAsset {
  readonly of: AssetEvaluation;
  readonly partitions: readonly StalePartition[];
  /** Current partitions that may come out different. */
  readonly mayChange: number;
}

/** `fastbreak stale`: what is not as it should be, and why. */
export async function runStale(
  options: StaleOptions & GlobalOptions,
  effects: Effects,
): Promise<number> {
  const project = await openProject(options, effects);
  const graph = new AssetGraph(project.pipeline);
  const selected = selectAssets(graph, [...options.selection], [...options.exclude]);
  return withRecord(project, effects, (record) => {
    const assets = [...record.evaluation.assets.values()]
      .filter((of) => selected.has(of.asset.name))
      .map((of) => staleAsset(project, record, of));
    effects.stdout(
      options.json
        ? jsonText(staleJson(project.target.name, assets))
        : staleText(project, record, assets, options),
    );
    return EXIT.ok;
  });
}

/** A cause as scripts see it. */
export function causeJson({ kind, upstream, partitions, count, detail }: Cause): object {
  return {
    kind,
    ...(upstream === undefined ? {} : { upstream }),
    ...(partitions === undefined ? {} : { partitions, count: count ?? partitions.length }),
    detail,
  };
}

const OPEN: ReadonlySet<number> = new Set([
  STATUS.stale,
  STATUS.missing,
  STATUS.failed,
  STATUS.blocked,
]);

function staleAsset(project: Project, record: ProjectRecord, of: AssetEvaluation): StaleAsset {
  const indexes = [...of.status.keys()].filter((index) => OPEN.has(of.status[index] ?? 0));
  const causes = explainCauses({
    evaluation: record.evaluation,
    codeVersions: record.snapshot.codeVersions,
    reader: record.reader,
    target: project.target.name,
    asset: of.asset.name,
    indexes,
  });
  const partitions = indexes.map((index) => ({
    day: of.expected.days[index] ?? 0,
    status: STATUS_NAMES[of.status[index] ?? 0] ?? 'stale',
    causes: causes.get(index) ?? [],
  }));
  return { of, partitions, mayChange: summarizeAsset(of).mayChange };
}

function staleJson(target: string, assets: readonly StaleAsset[]): object {
  return {
    target,
    partitions: assets.flatMap(({ of, partitions }) =>
      partitions.map(({ day, status, causes }) => ({
        asset: of.asset.name,
        partition: formatDay(day),
        status,
        causes: causes.map(causeJson),
      })),
    ),
    may_change: assets
      .filter((asset) => asset.mayChange > 0)
      .map(({ of, mayChange }) => ({ asset: of.asset.name, count: mayChange })),
  };
}

function staleText(
  project: Project,
  record: ProjectRecord,
  assets: readonly StaleAsset[],
  options: StaleOptions & GlobalOptions,
): string {
  const paint = paintFor(options.color);
  const calendarOf = (name: string): Int32Array =>
    [...record.evaluation.assets.values()].find((of) => of.asset.name === name)?.expected.days ??
    new Int32Array(0);
  const open = assets.filter((asset) => asset.partitions.length > 0);
  const blocks = open.map(({ of, partitions }) =>
    renderStaleAsset(of.asset.name, partitions, { calendarOf, paint }),
  );
  const mayChange = assets.reduce((sum, asset) => sum + asset.mayChange, 0);
  const changing =
    mayChange > 0
      ? `${plural(mayChange, 'current partition')} may change when upstream is made.\n`
      : '';
  const scope = { file: options.file, target: options.target };
  const evaluations = assets.map(({ of }) => of);
  const words = mendingWords(new AssetGraph(project.pipeline), options, evaluations);
  const mend = commandText(scope, 'materialize', ...words);
  if (open.length === 0) {
    const unread = project.pipeline.calendars.find(
      (calendar) => !record.snapshot.calendars.has(calendar.name),
    );
    const line = unread
      ? `Nothing is stale, but calendar ${unread.name} was not read yet: run ${paint('bold', mend)}\n`
      : `${paint('green', `Nothing is stale in ${project.target.name}.`)}\n`;
    return line + changing;
  }
  return `${blocks.join('\n')}\n${changing}To mend it: ${paint('bold', mend)}\n`;
}
