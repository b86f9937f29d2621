import { readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Effects, GlobalOptions } from '../../engine/commands/context.ts';
import { type ProfileOptions, runProfile } from '../../engine/commands/profile.ts';
import { isPipelineError, type PipelineError } from '../../engine/errors.ts';
import { copyOf, GLOBALS, keptProject, newProject, type TestProject } from '../support/project.ts';
import { ORDERS_CSV, SHOP, SHOP_YAML } from '../support/shop-project.ts';

/** One text column of orders has a NULL. */
const FILES = {
  ...SHOP,
  'pipeline.yaml': SHOP_YAML.replace(
    'product: { type: STRING, nullable: false,',
    'product: { type: STRING,',
  ),
  'data/orders.csv': ORDERS_CSV.replace('5,2024-01-04,cup', '5,2024-01-04,'),
};

const DEAR = ORDERS_CSV.replaceAll('49.00', '99.00');

interface Shown {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function profile(
  project: TestProject,
  options: Partial<ProfileOptions & GlobalOptions> = {},
  changes: Partial<Effects> = {},
): Promise<Shown> {
  const [out, err]: [string[], string[]] = [[], []];
  const effects: Effects = {
    ...project.effects(),
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
    ...changes,
  };
  const own = { asset: 'orders', history: false, json: false, quiet: false };
  const code = await runProfile({ ...GLOBALS, ...own, ...options }, effects);
  return { code, out: out.join(''), err: err.join('') };
}

async function documentOf<Document>(
  project: TestProject,
  options: Partial<ProfileOptions> = {},
): Promise<Document> {
  const { out } = await profile(project, { ...options, json: true });
  return JSON.parse(out) as Document;
}

async function errorOf(
  project: TestProject,
  options: Partial<ProfileOptions & GlobalOptions>,
): Promise<PipelineError> {
  try {
    await profile(project, options);
  } catch (error) {
    if (isPipelineError(error)) return error;
    throw error;
  }
  throw new Error('expected an error');
}

interface ProfileDocument {
  readonly run_id: string;
  readonly partitions: object;
  readonly rows: number;
  readonly columns: readonly { readonly name: string; readonly mean: number | string | null }[];
}

interface HistoryDocument {
  readonly profiles: readonly {
    readonly run_id: string;
    readonly whole: boolean;
    readonly rows: number;
    readonly columns: readonly {
      readonly name: string;
      readonly mean: number;
      readonly nulls: number;
      readonly change: { readonly mean: number | null; readonly in_sd: number | null } | null;
    }[];
  }[];
}

let made: TestProject;

beforeAll(async () => {
  made = keptProject(FILES);
  await made.materialize();
}, 60_000);
afterAll(() => rmSync(made.root, { recursive: true, force: true }));

describe('fastbreak profile', () => {
  test('says what every column holds', async () => {
    const { code, out } = await profile(copyOf(made));
    expect(code).toBe(0);
    const lines = out.split('\n').map((line) => line.replaceAll(/ +/g, ' '));
    expect(lines[0]).toBe('orders in local: 8 rows, 6 partitions (2024-01-02..2024-01-08)');
    expect(lines).toContain('order_id INT64 0 8 1 1 2 4 6 8 8');
    expect(lines).toContain('product STRING 1 12.5% 3 3 3 6 6 6 6 6');
    expect(lines).toContain('product kettle 37.5%, teapot 37.5%, cup 12.5%');
    expect(lines.some((line) => line.startsWith('price 32.55 18.31 '))).toBe(true);
    expect(out).toMatch(/Recorded as 20240301T12\d{4}-\w{4}\./);
  });

  test('prints one document with the same', async () => {
    const document = await documentOf<ProfileDocument>(copyOf(made), { columns: ['day', 'price'] });
    expect(document).toMatchObject({
      target: 'local',
      asset: 'orders',
      rows: 8,
      partitions: { from: '2024-01-02', to: '2024-01-08', count: 6 },
      estimated: { distinct: false, quantiles: false },
      columns: [
        { name: 'day', min: '2024-01-02', max: '2024-01-08', distinct: 6 },
        {
          name: 'price',
          nulls: 0,
          min: 4.95,
          max: 49,
          quantiles: { p50: 34.5 },
          months: [{ month: '2024-01', rows: 8, nulls: 0 }],
        },
      ],
    });
    expect(document.columns[1]?.mean).toBeCloseTo(260.4 / 8, 9);
  });

  test('reads the wanted partitions only, and says that it is a part', async () => {
    const project = copyOf(made);
    const partitions = '2024-01-03..2024-01-04';
    expect(await documentOf<ProfileDocument>(project, { partitions })).toMatchObject({
      rows: 3,
      partitions: { from: '2024-01-03', to: '2024-01-04', count: 2 },
    });
    const { profiles } = await documentOf<HistoryDocument>(project, { history: true });
    expect(profiles.map(({ rows, whole }) => [rows, whole])).toEqual([[3, false]]);
  });

  test('writes a page that needs nothing else, with the figures of the text', async () => {
    const project = copyOf(made);
    await profile(project, { html: 'profile.html' });
    const page = readFileSync(project.path('profile.html'), 'utf8');
    expect(page).toContain('Profile of orders');
    expect(page).toContain('histogram of price from 4.95 to 49');
    expect(page).toContain('kettle (37.5%), teapot (37.5%) and cup (12.5%)');
    expect(page).not.toMatch(/https?:/);
  });

  test('shows what it measured where there is no record to keep it in', async () => {
    const project = copyOf(made);
    rmSync(project.path('.fastbreak/state.sqlite'));
    const { code, out, err } = await profile(project);
    expect(code).toBe(0);
    expect(out).toContain('8 rows');
    expect(out).not.toContain('Recorded');
    expect(err).toContain('the profile is not kept');
  });
});

describe('the history of profiles', () => {
  async function dearer(): Promise<TestProject> {
    const project = copyOf(made);
    await profile(project);
    project.write('data/orders.csv', DEAR);
    await project.materialize();
    await profile(project);
    return project;
  }

  test('tells mean and nulls of every profile and how they changed', async () => {
    const project = await dearer();
    const { profiles } = await documentOf<HistoryDocument>(project, {
      history: true,
      columns: ['price', 'product'],
    });
    expect(profiles.map(({ columns }) => columns.map(({ name }) => name))).toEqual([
      ['product', 'price'],
      ['product', 'price'],
    ]);
    const [first, second] = profiles.map(({ columns }) => columns);
    expect(first?.map(({ change }) => change)).toEqual([null, null]);
    expect([first?.[0]?.nulls, second?.[0]?.nulls]).toEqual([1, 0]);
    expect(second?.[1]?.mean).toBeCloseTo((260.4 + 150) / 8, 9);
    expect(second?.[1]?.change?.mean).toBeCloseTo(150 / 260.4, 6);
    const { out } = await profile(project, { history: true, columns: ['price'] });
    expect(out).toContain('orders in local: 2 recorded profiles');
    expect(out).toContain('+57.6%');
    expect(out).toContain('▁█');
  });

  test('compares with the last profile, with one of a run, and with the newest of a date', async () => {
    const project = copyOf(made);
    const { run_id: id } = await documentOf<ProfileDocument>(project);
    project.write('data/orders.csv', DEAR);
    await project.materialize();
    for (const against of ['last', id, '2024-03-01', 'today']) {
      const fresh = copyOf(project);
      expect(await documentOf(fresh, { against, columns: ['price', 'order_id'] })).toMatchObject({
        before: { run_id: id, rows: 8 },
        now: { rows: 8 },
        columns: [
          { name: 'order_id', notable: false, change: { mean: 0, null_share: 0 } },
          { name: 'price', notable: true, change: { null_share: 0 } },
        ],
      });
    }
    const { out } = await profile(project, { against: id });
    expect(out).toContain('2 of 4 columns moved by a quarter of a standard deviation');
  });

  test('takes an earlier profile that has all columns before a later one that lacks some', async () => {
    const project = copyOf(made);
    const { run_id: id } = await documentOf<ProfileDocument>(project);
    await profile(project, { columns: ['price'] });
    expect(await documentOf(project, { against: 'last' })).toMatchObject({
      before: { run_id: id },
    });
  });

  test('names the columns that only one of both has', async () => {
    const project = copyOf(made);
    await profile(project, { columns: ['price'] });
    const { out } = await profile(project, { against: 'last' });
    expect(out).toContain('None of 1 column moved');
    expect(out).toContain('Only in now: order_id, day, product.');
  });
});

describe('fastbreak profile says what is wrong', () => {
  test.each([
    ['an unknown asset', { asset: 'order' }, 'UNKNOWN_ASSET', 'did you mean "orders"?'],
    ['an unknown column', { columns: ['prise'] }, 'UNKNOWN_COLUMN', 'did you mean "price"?'],
    [
      'a range without rows',
      { partitions: '2024-01-07' },
      'EMPTY_RANGE',
      'it has 6 partitions, 2024-01-02..2024-01-08',
    ],
    [
      'two things at once',
      { history: true, html: 'page.html' },
      'INVALID_OPTIONS',
      'expected one of --history, --html',
    ],
    [
      'a range of what was recorded',
      { history: true, partitions: '2024-01-04' },
      'INVALID_OPTIONS',
      'expected one of --history, --partitions',
    ],
    [
      'a page in a folder that is not there',
      { html: 'no/page.html' },
      'OUTPUT_UNWRITABLE',
      'there is no folder',
    ],
    ['no history', { history: true }, 'PROFILE_NOT_FOUND', 'no profile of orders was recorded yet'],
    [
      'nothing to compare with',
      { against: 'last' },
      'PROFILE_NOT_FOUND',
      'no profile of orders was recorded yet',
    ],
  ] as const)('about %s', async (_, options, code, message) => {
    const error = await errorOf(made, options);
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
    expect(error.hint).toBeDefined();
  });

  test('about a run that has no profile, and a date before the first one', async () => {
    const project = copyOf(made);
    await profile(project);
    const unknown = await errorOf(project, { against: '20240301T000000-aaaa' });
    expect(unknown.message).toContain('has no profile of run "20240301T000000-aaaa"');
    const early = await errorOf(project, { against: '2024-02-01' });
    expect(early.message).toContain('of 2024-02-01 or before; the oldest is of 2024-03-01');
  });

  test('about an asset that was never materialized, and a target without anything', async () => {
    const project = newProject(FILES);
    expect((await errorOf(project, {})).code).toBe('NOT_MATERIALIZED');
    await project.materialize({ selection: ['days'] });
    const error = await errorOf(project, {});
    expect(error).toMatchObject({
      code: 'NOT_MATERIALIZED',
      message: 'orders was never materialized in target local',
      hint: 'fastbreak materialize +orders',
      exitCode: 1,
    });
  });

  test('about being stopped, with the exit code of that', async () => {
    const controller = new AbortController();
    controller.abort();
    const stopped = profile(copyOf(made), {}, { signal: controller.signal });
    await expect(stopped).rejects.toMatchObject({ exitCode: 130 });
  });
});

describe('profile: true of an asset', () => {
  const PROFILED = {
    ...FILES,
    'pipeline.yaml': FILES['pipeline.yaml'].replace(
      'description: One row per order.',
      'description: One row per order.\n    profile: true',
    ),
  };

  test('records its numeric columns after a run that made some of it, and only then', async () => {
    const project = newProject(PROFILED);
    const { document } = await project.materialize();
    await project.materialize();
    await project.materialize({ selection: ['daily'], force: true });
    const history = await documentOf<HistoryDocument>(project, { history: true });
    expect(history.profiles.map(({ run_id, rows }) => [run_id, rows])).toEqual([
      [document.run_id, 8],
    ]);
    expect(history.profiles[0]?.columns.map(({ name }) => name)).toEqual(['order_id', 'price']);
    expect((await errorOf(project, { asset: 'daily', history: true })).code).toBe(
      'PROFILE_NOT_FOUND',
    );
  });

  test('is of all rows, also where the run made one partition', async () => {
    const project = newProject(PROFILED);
    await project.materialize();
    project.write('data/orders.csv', `${PROFILED['data/orders.csv']}9,2024-01-08,cup,1000.00\n`);
    const { document } = await project.materialize();
    const { profiles } = await documentOf<HistoryDocument>(project, { history: true });
    const last = profiles.at(-1);
    expect(last).toMatchObject({ run_id: document.run_id, rows: 9, whole: true });
    const price = last?.columns.find(({ name }) => name === 'price');
    expect(price?.mean).toBeCloseTo(1260.4 / 9, 6);
    // The eight prices deviate by 18.31 from their mean.
    expect(price?.change?.in_sd).toBeCloseTo((1260.4 / 9 - 260.4 / 8) / Math.sqrt(2346.72 / 7), 3);
  });
});
