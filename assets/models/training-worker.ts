import { parentPort } from 'node:worker_threads';

import { runTrainingJob, type TrainingJob } from './training-job.ts';

parentPort?.on('message', (job: TrainingJob) => {
  parentPort?.postMessage(runTrainingJob(job));
});
