/**
 * A program that only reads what `status` has to read: the compiled pipeline, the files that it was made from, and
 * what is recorded of every partition. It decides nothing; what a command takes beyond it is the engine's own.
 */
export function bareReader(): string {
  return `
import Database from 'better-sqlite3';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [state, compiled, root] = process.argv.slice(1);
const pipeline = JSON.parse(readFileSync(compiled, 'utf8'));
for (const { path } of pipeline.inputs) {
  const file = join(root, path);
  if (existsSync(file)) createHash('sha256').update(readFileSync(file)).digest('hex');
}
const db = new Database(state, { readonly: true });
let bytes = 0;
for (const { words } of db.prepare('SELECT words FROM packed_partitions').iterate()) {
  bytes += words.length;
}
db.close();
console.log(pipeline.assets.length, bytes);
`;
}
