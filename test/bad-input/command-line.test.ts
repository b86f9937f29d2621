import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectSound, type Kept } from '../support/kept.ts';
import { Rig } from '../support/rig.ts';
import { SHOP, SHOP_YAML } from '../support/shop-project.ts';

let rig: Rig;
let sound: Kept;

beforeAll(async () => {
  rig = await Rig.create(SHOP);
  expect(await rig.run('materialize', '--quiet')).toMatchObject({ code: 0 });
  sound = await expectSound(rig);
});
afterAll(() => rig[Symbol.asyncDispose]());

type Case = readonly [title: string, command: string, says: readonly string[]];

const REFUSED: readonly Case[] = [
  [
    'a misspelt asset is answered with the nearest name',
    'materialize dayly',
    ['unknown asset "dayly", did you mean "daily"?', 'fastbreak status lists the assets'],
  ],
  [
    'a misspelt group is answered with the nearest name and all that there are',
    'materialize group:report',
    ['no asset has group "report", did you mean "reports"?', 'there are: raw, reports'],
  ],
  [
    'a date that does not exist is called that',
    'materialize --partitions 2024-02-30',
    ['there is no date 2024-02-30', 'dates are YYYY-MM-DD'],
  ],
  [
    'a word that is no date is shown with an example',
    'why daily tomorrow',
    ['expected a date like 2024-01-15, found "tomorrow"'],
  ],
  [
    'a range that ends before it begins is turned round for the reader',
    'materialize --partitions 2024-01-05..2024-01-02',
    ['the range begins after it ends', 'turn it round: 2024-01-02..2024-01-05'],
  ],
  [
    'a range without a partition is a mistake, with the ends of the calendar',
    'materialize --partitions 2025-01-01..2025-02-01',
    ['none of the dates asked for has a partition', 'open_days goes from 2024-01-02 to 2024-01-08'],
  ],
  [
    'a day off is no partition to make',
    'materialize --partitions 2024-01-07',
    ['none of the dates asked for (2024-01-07) has a partition', 'fastbreak why ASSET DATE'],
  ],
  [
    'a plan for a day off is refused like the run',
    'materialize --partitions 2024-01-07 --dry-run',
    ['none of the dates asked for (2024-01-07) has a partition'],
  ],
  [
    'dates in two ways are refused',
    'backfill daily --dates 2024-01-02 --from 2024-01-02',
    ['expected one of', '--dates', '--from with --to, found several'],
  ],
  [
    'an option of another command is refused',
    'materialize --partitions 2024-01-02 --from 2024-01-02',
    ['unknown option "--from" of materialize', 'fastbreak help materialize'],
  ],
  [
    'a status that there is not is answered with those that there are',
    'materialize --only nonsense',
    ['expected --only to be one of missing, failed, stale, found "nonsense"'],
  ],
  [
    'a misspelt option is answered with the nearest',
    'materialize --onyl missing',
    ['unknown option "--onyl" of materialize, did you mean "--only"?'],
  ],
  [
    'a misspelt command is answered with the nearest and all that there are',
    'materialise',
    ['unknown command "materialise", did you mean "materialize"?', 'commands: init, compile'],
  ],
  [
    'an unknown target is answered with those of the pipeline',
    'materialize --target prod',
    ['unknown target "prod"', 'targets in pipeline.yaml: local'],
  ],
  [
    'a pipeline file that is not there is named',
    'status --file nowhere.yaml',
    ['expected a pipeline file, found nothing at', 'nowhere.yaml', '--file'],
  ],
  [
    'a folder in place of the pipeline file is answered with the file in it',
    'status --file data',
    ['expected a pipeline file, found a folder at', '--file data/pipeline.yaml'],
  ],
  [
    'rows are not exported to a file of the name -',
    'export daily --out -',
    ['expected --out PATH, the file to write, found "-"', 'fastbreak query'],
  ],
  [
    'two formats at once are refused, one of them being JSON',
    'lineage --format dot --json',
    ['expected --json or --format dot, found both'],
  ],
];

test.each(REFUSED)('%s', async (_, command, says) => {
  const { code, stdout, stderr } = await rig.run(...command.split(' '));
  for (const part of says) expect(stderr).toContain(part);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(code).toBe(2);
  if (!command.includes('--json')) expect(stdout).toBe('');
  else expect(JSON.parse(stdout)).toMatchObject({ error: { code: expect.any(String) as unknown } });
});

test.each(REFUSED.filter(([, command]) => !command.includes('--format')))(
  '%s, with --json in a document',
  async (_, command, says) => {
    const { code, stdout, stderr } = await rig.run(...command.split(' '), '--json');
    expect(code).toBe(2);
    const { error } = JSON.parse(stdout) as {
      readonly error: { readonly code: string; readonly message: string; readonly hint?: string };
    };
    expect(error.code).toMatch(/^[A-Z][A-Z_]+$/);
    expect(stderr).toContain(error.message);
    for (const part of says) expect(`${error.message} ${error.hint ?? ''}`).toContain(part);
  },
);

test('a pipeline that is not valid is a document with all of its errors', async () => {
  await using broken = await Rig.create({
    ...SHOP,
    'pipeline.yaml': SHOP_YAML.replace('same', 'sane'),
  });
  const { code, stdout } = await broken.run('status', '--json');
  expect(code).toBe(2);
  const { error, errors } = JSON.parse(stdout) as {
    readonly error: { readonly code: string };
    readonly errors: readonly { readonly code: string; readonly range: object }[];
  };
  expect(errors.length).toBeGreaterThan(0);
  expect(error.code).toBe(errors[0]?.code);
  expect(errors[0]?.range).toMatchObject({ file: 'pipeline.yaml' });
});

test('why of a day off says that it is one and names its neighbours', async () => {
  const { code, stdout } = await rig.run('why', 'daily', '2024-01-07');
  expect(code).toBe(0);
  expect(stdout).toContain('a day off in season 2024');
  expect(stdout).toContain('2024-01-06 and 2024-01-08');
});

test('nothing of all this has changed a row or the record', async () => {
  expect(await expectSound(rig)).toEqual(sound);
  const { runs } = JSON.parse((await rig.run('runs', '--json')).stdout) as { runs: unknown[] };
  expect(runs).toHaveLength(1);
});
