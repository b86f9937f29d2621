import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const FIXTURES = join(import.meta.dirname, 'fixtures');
/** What `train.py` made with XGBoost 1.7.4. */
export const KEPT = join(FIXTURES, 'xgboost-1.7.4');

/** What XGBoost predicts, by the script that trained its models. */
export interface Predictions {
  readonly xgboost: string;
  readonly best_iteration: number;
  readonly features: readonly (readonly (number | null)[])[];
  readonly predictions: Readonly<Record<string, readonly number[]>>;
}

export function predictionsIn(folder: string): Predictions {
  return JSON.parse(readFileSync(join(folder, 'predictions.json'), 'utf8')) as Predictions;
}

/** Rows as columns; null is NaN. */
export function columnsOf(rows: readonly (readonly (number | null)[])[]): Float64Array[] {
  return Array.from(rows[0] ?? [], (_, at) => Float64Array.from(rows, (row) => row[at] ?? NaN));
}

/** A Python that has XGBoost, or undefined. */
export function pythonWithXgboost(): string | undefined {
  return ['python3', '/usr/bin/python3'].find(
    (python) => spawnSync(python, ['-c', 'import numpy, xgboost']).status === 0,
  );
}

/** Trains the models of the tests again into a folder. */
export function trainInto(python: string, folder: string): void {
  const script = join(FIXTURES, 'train.py');
  const { status, stderr } = spawnSync(
    python,
    [script, join(FIXTURES, 'contract-features.csv'), folder],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`train.py ended with ${status}: ${stderr}`);
}

/** The content of a model file of the tests. */
export function modelText(name: string, folder = KEPT): string {
  return readFileSync(join(folder, `${name}.json`), 'utf8');
}
