import { expect, test } from 'vitest';
import { Catalog } from './bigquery/catalog.ts';
import { TableLocks } from './bigquery/script/table-locks.ts';

const catalog = new Catalog('p', 'US', () => 0);
catalog.addDataset('d', {});
const T = catalog.putTable('d', 't', []);
const U = catalog.putTable('d', 'u', []);
const CONFLICT = 'Transaction is aborted due to concurrent update against table p:d.t.';

test('a table belongs to the first transaction that changes it, until it ends', () => {
  const locks = new TableLocks('p');
  const [first, second] = [{}, {}];
  locks.claim(T, first, locks.now());
  locks.claim(T, first, locks.now());
  locks.claim(U, second, locks.now());
  expect(() => locks.claim(T, second, locks.now())).toThrow(CONFLICT);
  locks.release(first, false);
  locks.claim(T, second, locks.now());
});

test('a transaction cannot change what was changed since it began', () => {
  const locks = new TableLocks('p');
  const [first, second] = [{}, {}];
  const since = locks.now();
  locks.claim(T, first, since);
  locks.release(first, true);
  expect(() => locks.claim(T, second, since)).toThrow(CONFLICT);
  locks.claim(U, second, since);
  locks.claim(T, second, locks.now());
});

test('single statements come one after another', async () => {
  const locks = new TableLocks('p');
  const order: string[] = [];
  const [first, second, third] = [{}, {}, {}];
  locks.claim(T, first, locks.now());
  const work = async (owner: object, name: string): Promise<void> => {
    await locks.wait(T, owner);
    order.push(`${name} has it`);
    await Promise.resolve();
    order.push(`${name} is done`);
    locks.release(owner, true);
  };
  const all = Promise.all([work(second, 'second'), work(third, 'third')]);
  order.push('first is done');
  locks.release(first, true);
  await all;
  expect(order).toEqual([
    'first is done',
    'second has it',
    'second is done',
    'third has it',
    'third is done',
  ]);
});
