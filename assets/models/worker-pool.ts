import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

import type { TrainingJob, TrainingResult } from './training-job.ts';

/**
 * Runs training jobs in as many threads as there are cores, and hands the results over as they come.
 * @throws what a job threw; the other threads are stopped then, and when the signal aborts
 */
export async function trainAll(
  jobs: readonly TrainingJob[],
  {
    signal,
    onResult,
  }: { readonly signal: AbortSignal; readonly onResult: (result: TrainingResult) => void },
): Promise<void> {
  const waiting = [...jobs];
  const count = Math.min(availableParallelism(), waiting.length);
  const workers = Array.from(
    { length: count },
    () => new Worker(new URL('./training-worker.ts', import.meta.url)),
  );
  const stop = (): void => {
    for (const worker of workers) void worker.terminate();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.all(workers.map((worker) => feed(worker, waiting, { signal, onResult })));
  } finally {
    signal.removeEventListener('abort', stop);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

interface Feeding {
  readonly signal: AbortSignal;
  readonly onResult: (result: TrainingResult) => void;
}

/** Gives one thread a job after the other until none waits. */
function feed(
  worker: Worker,
  waiting: TrainingJob[],
  { signal, onResult }: Feeding,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const next = (): void => {
    const job = waiting.shift();
    if (job === undefined || signal.aborted) resolve();
    else worker.postMessage(job);
  };
  worker.on('message', (result: TrainingResult) => {
    onResult(result);
    next();
  });
  worker.on('error', reject);
  worker.on('exit', (code) => {
    if (code === 0 || signal.aborted) resolve();
    else reject(new Error(`a training thread ended with code ${code}`));
  });
  next();
  return promise;
}
