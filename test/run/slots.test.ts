import { describe, expect, test } from 'vitest';
import { type Place, Slots } from '../../engine/run/slots.ts';

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Slots whose work the test ends by name, with a diary of what began. */
function diary(limit: number, pools: Readonly<Record<string, number>> = {}) {
  const began: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const results = new Map<string, unknown>();
  const state = { mayBegin: true };
  const slots = new Slots({
    limit,
    pools: new Map(Object.entries(pools)),
    mayBegin: () => state.mayBegin,
  });
  const add = (name: string, place: Partial<Place> = {}): void => {
    const { promise, resolve, reject } = Promise.withResolvers<object>();
    ends.set(name, (error) => (error ? reject(error) : resolve({ name })));
    void slots
      .run({ order: 0, ...place }, () => {
        began.push(name);
        return promise;
      })
      .then(
        (result) => results.set(name, result ?? 'not begun'),
        (error: Error) => results.set(name, error.message),
      );
  };
  const end = async (name: string, error?: Error): Promise<void> => {
    ends.get(name)?.(error);
    await turn();
    await turn();
  };
  return { slots, began, results, state, add, end };
}

describe('what runs at once', () => {
  test('is no more than the limit, and the next begins when one is over', async () => {
    const { began, add, end } = diary(2);
    for (const name of ['a', 'b', 'c', 'd']) add(name);
    await turn();
    expect(began).toEqual(['a', 'b']);
    await end('b');
    expect(began).toEqual(['a', 'b', 'c']);
    await end('a');
    expect(began).toEqual(['a', 'b', 'c', 'd']);
  });

  test('is no more than the limit of the pool, and what waits for it keeps no slot of others', async () => {
    const { began, add, end } = diary(2, { api: 1 });
    add('first', { pool: 'api' });
    add('second', { pool: 'api' });
    add('other');
    await turn();
    expect(began).toEqual(['first', 'other']);
    await end('other');
    expect(began).toEqual(['first', 'other']);
    await end('first');
    expect(began).toEqual(['first', 'other', 'second']);
  });

  test('counts pools apart from each other', async () => {
    const { began, add } = diary(9, { one: 1, two: 2 });
    for (const name of ['a', 'b', 'c']) {
      add(`one ${name}`, { pool: 'one' });
      add(`two ${name}`, { pool: 'two' });
    }
    await turn();
    expect(began.toSorted()).toEqual(['one a', 'two a', 'two b']);
  });

  test('of a pool can be no more than the limit of all', () => {
    const { slots } = diary(3, { wide: 9, narrow: 2 });
    expect([undefined, 'wide', 'narrow'].map((pool) => slots.limitOf(pool))).toEqual([3, 3, 2]);
  });
});

test('the lowest begins first, equal ones in the order in which they came', async () => {
  const { began, add, end } = diary(1);
  add('c1', { order: 3 });
  add('a1', { order: 1 });
  add('b1', { order: 2 });
  add('a2', { order: 1 });
  for (const name of ['a1', 'a2', 'b1', 'c1']) await end(name);
  expect(began).toEqual(['a1', 'a2', 'b1', 'c1']);
});

test('what follows from the end of something has its chance before others begin', async () => {
  const began: string[] = [];
  const slots = new Slots({ limit: 1, pools: new Map(), mayBegin: () => true });
  const run = (name: string, order: number) =>
    slots.run({ order }, async () => {
      began.push(name);
      await turn();
      return {};
    });
  const chain = async (): Promise<void> => {
    await run('upstream', 0);
    await Promise.resolve();
    await Promise.resolve();
    await run('downstream', 1);
  };
  await Promise.all([chain(), run('later', 2)]);
  expect(began).toEqual(['upstream', 'downstream', 'later']);
});

describe('when nothing new is to begin', () => {
  test('what runs goes on, what waits is not begun, what is owed is', async () => {
    const { began, results, state, add, end } = diary(1);
    add('running');
    await turn();
    add('waiting');
    add('owed', { isOwed: true });
    state.mayBegin = false;
    await end('running');
    expect(began).toEqual(['running', 'owed']);
    await end('owed');
    expect(Object.fromEntries(results)).toEqual({
      running: { name: 'running' },
      waiting: 'not begun',
      owed: { name: 'owed' },
    });
  });

  test('after something threw not even what is owed begins', async () => {
    const { began, results, add, end } = diary(2);
    add('bad');
    add('running');
    await turn();
    add('waiting');
    add('owed', { isOwed: true });
    await end('bad', new Error('a bug'));
    expect(began).toEqual(['bad', 'running']);
    await end('running');
    expect(Object.fromEntries(results)).toEqual({
      bad: 'a bug',
      running: { name: 'running' },
      waiting: 'not begun',
      owed: 'not begun',
    });
  });
});
