import { expect } from 'vitest';
import type { Machine } from './cloud.ts';

/**
 * Runs a command on the targets `local` and `prod`: what it prints with `--json` must be equal but for what two targets
 * cannot have in common. Returns that.
 */
export async function equalOn(
  machine: Machine,
  line: string | readonly string[],
  code = 0,
): Promise<unknown> {
  const words = [...(typeof line === 'string' ? line.split(' ') : line), '--json'];
  const local = await machine.runOn('local', words);
  const cloud = await machine.runOn('prod', words);
  const title = words.join(' ');
  expect({ title, code: local.code, err: local.err }).toEqual({
    title,
    code,
    err: expect.any(String) as unknown,
  });
  expect({ title, code: cloud.code, err: cloud.err }).toEqual({
    title,
    code,
    err: expect.any(String) as unknown,
  });
  const [here, there] = [comparable(local.out), comparable(cloud.out)];
  expect(there, title).toEqual(here);
  return here;
}

/** Names, times, costs; data versions, since each warehouse hashes its own way. */
const OWN = new Set([
  'target',
  'run_id',
  'at',
  'seconds',
  'bytes_billed',
  'data_version',
  'input_version',
  'started_at',
  'ended_at',
  'recorded_at',
  'resolved_at',
  'command',
]);

function comparable(text: string): unknown {
  return JSON.parse(text, (key, value: unknown) => {
    if (OWN.has(key)) return undefined;
    // Whether there is anything to do is asked of a shared target in a run of its own.
    if (value === 'nothing-to-do') return 'succeeded';
    // Steps at once end in any order.
    return key === 'assets' && Array.isArray(value)
      ? value.map((each) => JSON.stringify(each)).sort()
      : value;
  });
}
