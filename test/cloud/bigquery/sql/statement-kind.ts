import type { SqlToken } from '../../../../engine/sql/parse.ts';

export type StatementKind =
  | 'SELECT'
  | 'INSERT'
  | 'UPDATE'
  | 'DELETE'
  | 'MERGE'
  | 'TRUNCATE_TABLE'
  | 'CREATE_TABLE'
  | 'CREATE_SCHEMA'
  | 'CREATE_FUNCTION'
  | 'ALTER_TABLE'
  | 'DROP_TABLE'
  | 'DROP_SCHEMA'
  | 'ASSERT'
  | 'BEGIN_TRANSACTION'
  | 'COMMIT_TRANSACTION'
  | 'ROLLBACK_TRANSACTION';

/** By the words that a statement begins with. */
const BEGINNINGS: readonly (readonly [RegExp, StatementKind])[] = [
  [/^(SELECT|WITH|\()/, 'SELECT'],
  [/^INSERT\b/, 'INSERT'],
  [/^UPDATE\b/, 'UPDATE'],
  [/^DELETE\b/, 'DELETE'],
  [/^MERGE\b/, 'MERGE'],
  [/^TRUNCATE TABLE\b/, 'TRUNCATE_TABLE'],
  [/^CREATE (OR REPLACE )?(TEMP |TEMPORARY )?TABLE\b/, 'CREATE_TABLE'],
  [/^CREATE SCHEMA\b/, 'CREATE_SCHEMA'],
  [/^CREATE (OR REPLACE )?(TEMP |TEMPORARY )FUNCTION\b/, 'CREATE_FUNCTION'],
  [/^ALTER TABLE\b/, 'ALTER_TABLE'],
  [/^DROP TABLE\b/, 'DROP_TABLE'],
  [/^DROP SCHEMA\b/, 'DROP_SCHEMA'],
  [/^ASSERT\b/, 'ASSERT'],
  [/^BEGIN( TRANSACTION)?$/, 'BEGIN_TRANSACTION'],
  [/^COMMIT( TRANSACTION)?$/, 'COMMIT_TRANSACTION'],
  [/^ROLLBACK( TRANSACTION)?$/, 'ROLLBACK_TRANSACTION'],
];

/** What a statement does; undefined for what the server does not know (procedural SQL, views and so on). */
export function statementKind(tokens: readonly SqlToken[]): StatementKind | undefined {
  const words = tokens
    .slice(0, 5)
    .map((token) => token.text.toUpperCase())
    .join(' ');
  return BEGINNINGS.find(([pattern]) => pattern.test(words))?.[1];
}
