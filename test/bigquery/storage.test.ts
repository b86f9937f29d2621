import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { gcsObjectStore } from '../../engine/warehouse/object-store-gcs.ts';
import { setVariables } from '../cloud/clients.ts';
import { startStorageServer, type StorageServer } from '../cloud/storage/server.ts';
import { gamesCsv } from '../support/league.ts';
import { contentOf } from './broken-runs.ts';
import { cloudFor, type Machine, machineWith } from './cloud.ts';
import { FEW_GAMES, smallPipeline } from './small-pipeline.ts';

interface Lake {
  readonly storage: StorageServer;
  readonly machine: Machine;
}

/** A project whose games are at an address of a bucket `lake`. */
async function lakeWith(
  address: string,
  options: { readonly pageItems?: number } = {},
): Promise<Lake> {
  const storage = await startStorageServer({ buckets: ['lake'], ...options });
  const restore = setVariables(storage.env);
  onTestFinished(async () => {
    restore();
    await storage.stop();
  });
  const machine = machineWith(smallPipeline());
  machine.project.edit('pipeline.yaml', 'path: data/games.csv', `path: '\${GAMES}', format: csv`);
  machine.project.env['GAMES'] = address;
  return { storage, machine };
}

function putGames(storage: StorageServer, name = 'in/games.csv', games = FEW_GAMES): void {
  storage.put({ bucket: 'lake', name, bytes: Buffer.from(gamesCsv(games)) });
}

const downloads = (storage: StorageServer): number =>
  storage.calls.filter(({ query }) => query.get('alt') === 'media').length;

async function succeeds(machine: Machine, line = 'materialize', target = 'local'): Promise<string> {
  const outcome = await machine.runOn(target, line.split(' '));
  expect(outcome, outcome.err).toMatchObject({ code: 0 });
  return outcome.out;
}

/** A run that fails: one clear message. */
async function fails(machine: Machine, line = 'materialize'): Promise<string> {
  const outcome = await machine.runOn('local', line.split(' '));
  expect(outcome.code, outcome.out).toBe(1);
  const text = `${outcome.out}${outcome.err}`;
  expect(text).not.toMatch(/Internal error|node_modules|at async/);
  return text;
}

test('the files of a folder are listed page by page, and only those of the right ending', async () => {
  const { storage, machine } = await lakeWith('gs://lake/in', { pageItems: 2 });
  for (const game of FEW_GAMES) putGames(storage, `in/game-${game.id}.csv`, [game]);
  storage.put({ bucket: 'lake', name: 'in/README.txt', bytes: Buffer.from('not a game') });
  storage.put({ bucket: 'lake', name: 'input/other.csv', bytes: Buffer.from('neither') });
  const ran = await succeeds(machine, 'materialize --json');
  expect(JSON.parse(ran)).toMatchObject({ assets: [{ name: 'games', rows: 4 }, {}, {}, {}, {}] });
  expect(storage.calls.filter(({ query }) => query.has('pageToken')).length).toBeGreaterThan(0);
  expect(downloads(storage)).toBe(4);
});

test('an object is downloaded once, whatever is asked for later', async () => {
  const { storage, machine } = await lakeWith('gs://lake/in/games.csv');
  putGames(storage);
  await succeeds(machine);
  expect(downloads(storage)).toBe(1);
  await succeeds(machine);
  await succeeds(machine, 'materialize games --force');
  expect(downloads(storage)).toBe(1);
});

test('the same bytes written again make nothing stale, others make stale what reads them', async () => {
  const { storage, machine } = await lakeWith('gs://lake/in/games.csv');
  putGames(storage);
  await succeeds(machine);
  putGames(storage);
  const same = JSON.parse(await succeeds(machine, 'materialize --json')) as {
    readonly assets: readonly { readonly materialized: number }[];
  };
  expect(same.assets.map(({ materialized }) => materialized)).toEqual([0, 0, 0, 0, 0]);
  expect(downloads(storage)).toBe(1);
  putGames(storage, 'in/games.csv', FEW_GAMES.with(3, { id: 4, date: '2023-10-27', points: 77 }));
  const changed = JSON.parse(await succeeds(machine, 'materialize --json')) as {
    readonly assets: readonly { readonly name: string; readonly materialized: number }[];
  };
  expect(changed.assets.find(({ name }) => name === 'games')).toMatchObject({ materialized: 1 });
  expect(downloads(storage)).toBe(2);
});

test('a download that breaks goes on from where it broke', async () => {
  const { storage, machine } = await lakeWith('gs://lake/in/games.csv');
  putGames(storage);
  const size = gamesCsv(FEW_GAMES).length;
  const match = { path: 'games.csv' };
  storage.faults.failNext({ match: { ...match, nth: 1 }, with: { breakAfterBytes: 10 } });
  // Would cut off the end of a second download from the beginning, and nothing of the rest.
  storage.faults.failNext({ match: { ...match, nth: 2 }, with: { breakAfterBytes: size - 10 } });
  await succeeds(machine);
  expect(downloads(storage)).toBe(2);
});

test('bytes that arrive changed are fetched again', async () => {
  const { storage, machine } = await lakeWith('gs://lake/in/games.csv');
  putGames(storage);
  storage.faults.failNext({ match: { path: 'games.csv' }, with: 'corrupt', times: 2 });
  await succeeds(machine);
  expect(downloads(storage)).toBeGreaterThan(1);
});

test('bytes that always arrive changed fail with their checksums', async () => {
  const { storage, machine } = await lakeWith('gs://lake/in/games.csv');
  putGames(storage);
  storage.faults.failNext({ match: { path: 'games.csv' }, with: 'corrupt', times: 999 });
  const text = await fails(machine);
  expect(text).toContain('gs://lake/in/games.csv: the bytes that arrived have checksum');
  storage.faults.clear();
  await succeeds(machine);
});

test.each([
  ['a missing object', 'gs://lake/in/nothing.csv', 'expected a csv file or a folder of them'],
  ['a missing folder', 'gs://lake/nowhere', 'expected a csv file or a folder of them'],
  ['a missing bucket', 'gs://no-such-lake/in/games.csv', 'The specified bucket does not exist'],
])('%s is told, by the path as it is declared', async (_, address, told) => {
  const { machine } = await lakeWith(address);
  const text = await fails(machine);
  expect(text).toContain('SOURCE_MISSING');
  expect(text).toContain(told);
  expect(text).toContain('${GAMES}');
  expect(text).toContain('check the path of the source');
});

test('an address that is none says what is expected', async () => {
  const { machine } = await lakeWith('gs:///in/games.csv');
  const outcome = await machine.runOn('local', ['materialize']);
  expect([1, 2]).toContain(outcome.code);
  expect(`${outcome.out}${outcome.err}`).toContain(
    'expected an address like gs://bucket/folder/file',
  );
});

test('a bucket that may not be read says which role it takes', async () => {
  const { storage, machine } = await lakeWith('gs://lake/in/games.csv');
  putGames(storage);
  const message =
    'tests@loopback does not have storage.objects.list access to the Google Cloud Storage bucket.';
  storage.faults.failNext({ with: { status: 403, reason: 'forbidden', message }, times: 99 });
  const text = await fails(machine);
  expect(text).toContain(`ACCESS_DENIED: \${GAMES} cannot be read: ${message}`);
  expect(text).toContain('roles/storage.objectViewer');
});

test('steps at once that need one object share its download', async () => {
  const { storage, machine } = await lakeWith('gs://lake/in/games.csv');
  putGames(storage);
  const cache = machine.project.path('cache');
  const [object] = await gcsObjectStore(cache).list('gs://lake/in/games.csv', 'csv');
  if (!object) throw new Error('not listed');
  const paths = await Promise.all([1, 2, 3].map(() => gcsObjectStore(cache).localPath(object)));
  expect(new Set(paths).size).toBe(1);
  expect(readFileSync(paths[0] ?? '', 'utf8')).toBe(gamesCsv(FEW_GAMES));
  expect(downloads(storage)).toBe(1);
});

test('a source in a bucket reaches BigQuery like any other', async () => {
  const server = await cloudFor();
  const { storage, machine } = await lakeWith('gs://lake/in/games.csv');
  putGames(storage);
  await succeeds(machine, 'materialize', 'prod');
  expect((await contentOf(server)).rows['raw.games']).toHaveLength(4);
});

test('an export is written to the bucket as a whole', async () => {
  const { storage, machine } = await lakeWith('gs://lake/in/games.csv');
  putGames(storage);
  await succeeds(machine);
  const out = 'gs://lake/out/daily.csv';
  const printed = await succeeds(machine, `export daily --format csv --out ${out}`);
  expect(printed).toContain(out);
  const lines = (): string[] =>
    String(storage.readObject('lake', 'out/daily.csv')[0] ?? '')
      .trim()
      .split('\n');
  expect(lines()).toHaveLength(5);
  expect(lines()[0]).toBe('game_date,games,points,best');
});

test('an export that cannot be written leaves the object as it was', async () => {
  const { storage, machine } = await lakeWith('gs://lake/in/games.csv');
  putGames(storage);
  await succeeds(machine);
  storage.put({ bucket: 'lake', name: 'out/daily.csv', bytes: Buffer.from('old') });
  const refuse = { status: 403, reason: 'forbidden', message: 'no storage.objects.create access' };
  const line = 'export daily --format csv --out gs://lake/out/daily.csv';
  for (const fault of [refuse, 'drop before', 'html'] as const) {
    storage.faults.failNext({ match: { path: '/upload/' }, with: fault, times: 99 });
    await fails(machine, line);
    expect(String(storage.readObject('lake', 'out/daily.csv')[0])).toBe('old');
    storage.faults.clear();
  }
  storage.faults.failNext({
    match: { path: '/upload/' },
    with: { status: 503, reason: 'backendError' },
  });
  await succeeds(machine, line);
  expect(String(storage.readObject('lake', 'out/daily.csv')[0])).toContain('game_date');
  expect(
    (await machine.runOn('local', 'export daily --format csv --out gs://lake/'.split(' '))).err,
  ).toContain('name the object');
  expect(await fails(machine, 'export daily --format csv --out gs://no-lake/x.csv')).toContain(
    'gs://no-lake/x.csv: The specified bucket does not exist.',
  );
});
