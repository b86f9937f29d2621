import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * The folder of the reference games, or undefined where it is not there; tests then use the simulated league.
 * FASTBREAK_TEST_DATA=simulated leaves it out on purpose.
 */
export function referenceData(): string | undefined {
  if (process.env['FASTBREAK_TEST_DATA'] === 'simulated') return undefined;
  const folder = resolve(ROOT, process.env['NBA_DATA'] ?? '../shared/data');
  return existsSync(join(folder, 'player_box.parquet')) ? folder : undefined;
}
