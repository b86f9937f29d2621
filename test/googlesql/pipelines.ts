import { cpSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Flagship } from '../nba/flagship.ts';
import { referenceData } from '../support/data.ts';
import { keptProject, type TestProject } from '../support/project.ts';
import { kindsProject } from './kinds-project.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Two short seasons: first games, placeholders, series of play-offs, and enough games for every window. */
const SMALL_LEAGUE = { seed: 5, seasons: 2, teams: 6, gamesPerTeam: 26 };

/** The last date of the league is not played yet. */
const TO_COME = { throughDate: '2024-12-04', scheduledThrough: '2024-12-06' };

export interface Example {
  readonly title: string;
  /** All assets made. */
  readonly make: () => Promise<TestProject>;
}

export const LEAGUE: Example = {
  title: 'the flagship on a simulated league',
  make: async () => {
    const flagship = await Flagship.simulated({ ...SMALL_LEAGUE, ...TO_COME });
    // A short season is to have rows enough to train the models of the next one on.
    const pipeline = flagship.read('pipeline.yaml');
    flagship.write('pipeline.yaml', pipeline.replaceAll('min_rows: 1500', 'min_rows: 1000'));
    await flagship.make();
    return flagship;
  },
};

/** The flagship's dates alone: enough to make its statements. */
export const LEAGUE_DATES: Example = {
  title: 'the flagship',
  make: async () => {
    const flagship = await Flagship.simulated({ ...SMALL_LEAGUE, teams: 4, gamesPerTeam: 4 });
    const { code, log } = await flagship.materialize({ selection: ['schedule'] });
    if (code !== 0) throw new Error(log);
    return flagship;
  },
};

export const DEMO: Example = {
  title: 'the demo',
  make: () => {
    const project = keptProject({});
    cpSync(join(ROOT, 'engine/templates/demo'), project.root, { recursive: true });
    return made(project);
  },
};

/** Every window, partition set, column type and check. */
export const KINDS: Example = { title: 'all kinds', make: () => made(kindsProject()) };

/** Two weeks of real games, where the reference data is there; without what went before. */
export const SAMPLE: Example | undefined = sampleOf(referenceData());

function sampleOf(folder: string | undefined): Example | undefined {
  if (folder === undefined || !existsSync(join(folder, 'sample'))) return undefined;
  return {
    title: 'the flagship on two weeks of real games',
    make: async () => {
      const flagship = await Flagship.since('2000-01-01', join(folder, 'sample'));
      await flagship.make();
      return flagship;
    },
  };
}

async function made(project: TestProject): Promise<TestProject> {
  const { code, document } = await project.materialize();
  if (code !== 0) throw new Error(JSON.stringify(document.failures, null, 2));
  return project;
}
