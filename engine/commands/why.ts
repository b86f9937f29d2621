import { EXIT, PipelineError } from '../errors.ts';
import { AssetGraph } from '../graph/asset-graph.ts';
import { indexOfDay } from '../partitions/calendar.ts';
import { type Day, firstOfMonth, formatDay, UNPARTITIONED } from '../partitions/date.ts';
import { jsonText } from '../report/json.ts';
import { paintFor } from '../report/text.ts';
import { type AssetEvaluation } from '../staleness/status.ts';
import { evaluationOf } from '../staleness/causes.ts';
import { type Effects, type GlobalOptions, openProject, type Project } from './context.ts';
import { parseDate } from './dates.ts';
import { notAPartitionJson, notAPartitionText } from './not-a-partition.ts';
import { withRecord } from './record.ts';
import {
  failuresOfPartition,
  partitionFailuresJson,
  partitionFailuresText,
} from './why-failures.ts';
import { storyJson } from './why-json.ts';
import { tellStory } from './why-story.ts';
import { storyText } from './why-text.ts';

export interface WhyOptions {
  readonly asset: string;
  /** Absent for an asset without partitions. */
  readonly date?: string;
}

/** `fastbreak why ASSET DATE`: the whole story of one partition. */
export async function runWhy(
  options: WhyOptions & GlobalOptions,
  effects: Effects,
): Promise<number> {
  const project = await openProject(options, effects);
  const asset = new AssetGraph(project.pipeline).asset(options.asset);
  return withRecord(project, effects, async (record) => {
    const of = evaluationOf(record.evaluation, asset.name);
    const day = wantedDay(project, of, options);
    const index = indexOfDay(of.expected.days, day);
    const request = { project, record, of, day, scope: options };
    const paint = paintFor(options.color);
    if (index < 0) {
      const text = options.json
        ? jsonText(notAPartitionJson(request))
        : notAPartitionText(request, paint);
      effects.stdout(text);
      return EXIT.ok;
    }
    const story = tellStory(request, index);
    const failures = await failuresOfPartition(project, effects, { asset, day });
    effects.stdout(
      options.json
        ? jsonText({ ...storyJson(story), failures: partitionFailuresJson(failures) })
        : storyText(story, { timezone: project.pipeline.timezone, paint }) +
            partitionFailuresText(failures, options),
    );
    return EXIT.ok;
  });
}

/** The partition that the date names: a month's first day, the one partition of an unpartitioned asset. */
function wantedDay(project: Project, of: AssetEvaluation, options: WhyOptions): Day {
  const { asset, expected } = of;
  if (asset.partitionSet === undefined) {
    if (options.date === undefined || options.date === 'all') return UNPARTITIONED;
    throw new PipelineError(`${asset.name} has no partitions, found the date "${options.date}"`, {
      code: 'NOT_PARTITIONED',
      hint: `fastbreak why ${asset.name}`,
    });
  }
  if (options.date === undefined) {
    throw new PipelineError(`expected a date: ${asset.name} has partitions`, {
      code: 'MISSING_DATE',
      hint: `fastbreak why ${asset.name} ${formatDay(expected.days.at(-1) ?? project.today)}`,
    });
  }
  const day = parseDate(options.date, project.today);
  const set = project.pipeline.partitionSets.find((each) => each.name === asset.partitionSet);
  return set?.type === 'months' ? firstOfMonth(day) : day;
}
