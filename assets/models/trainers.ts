import { boosting } from './train-boosting.ts';
import { minutesRate } from './train-minutes-rate.ts';
import { ridge } from './train-ridge.ts';
import type { Trainer, TrainerName } from './trainer.ts';

/** All ways to learn, by the names that settings use. */
export const TRAINERS: Readonly<Record<TrainerName, Trainer>> = {
  boosting,
  ridge,
  minutes_rate: minutesRate,
};
