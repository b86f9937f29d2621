import { expect, test } from 'vitest';
import { Gate } from '../../engine/warehouse/gate.ts';

/** Work that ends when it is told to. */
function held() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { work: () => promise, end: resolve };
}

const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test('lets one through at a time, in the order in which they came', async () => {
  const gate = new Gate();
  const order: string[] = [];
  const first = held();
  const through = [
    gate.alone(undefined, first.work).then(() => order.push('first over')),
    gate.alone(undefined, async () => order.push('second')),
    gate.alone(undefined, async () => order.push('third')),
  ];
  await settled();
  expect(order).toEqual([]);
  first.end();
  await Promise.all(through);
  expect(order.filter((each) => each !== 'first over')).toEqual(['second', 'third']);
});

test('nobody gets ahead of those who wait, also in the very moment in which one leaves', async () => {
  const gate = new Gate();
  const order: string[] = [];
  const first = held();
  const over = gate.alone(undefined, first.work);
  const waiting = gate.alone(undefined, async () => void order.push('waited'));
  const late = over.then(() => gate.alone(undefined, async () => void order.push('late')));
  first.end();
  await Promise.all([waiting, late]);
  expect(order).toEqual(['waited', 'late']);
});

test('work that throws leaves the gate open for the next', async () => {
  const gate = new Gate();
  const bad = gate.alone(undefined, () => Promise.reject(new Error('bad')));
  await expect(bad).rejects.toThrow('bad');
  expect(await gate.alone(undefined, async () => 1)).toBe(1);
});

test('who is told to stop while waiting goes away, and the others keep their places', async () => {
  const gate = new Gate();
  const order: string[] = [];
  const first = held();
  const over = gate.alone(undefined, first.work);
  const controller = new AbortController();
  const gone = gate.alone(controller.signal, async () => order.push('gone'));
  const next = gate.alone(undefined, async () => order.push('next'));
  controller.abort();
  await expect(gone).rejects.toMatchObject({ kind: 'interrupted' });
  const never = gate.alone(controller.signal, async () => order.push('never'));
  await expect(never).rejects.toMatchObject({ kind: 'interrupted' });
  first.end();
  await Promise.all([over, next]);
  expect(order).toEqual(['next']);
});
