import type { Table } from '../catalog.ts';
import type { Field } from '../resources.ts';
import type { StatementKind } from '../sql/statement-kind.ts';

export interface ResultRows {
  readonly fields: readonly Field[];
  readonly rows: readonly (readonly unknown[])[];
}

/** What one statement did. */
export interface StatementOutcome {
  readonly kind: StatementKind | 'CREATE_TABLE_AS_SELECT';
  readonly text: string;
  readonly bytes: number;
  readonly tables: readonly Table[];
  readonly result?: ResultRows;
  /** Of DML. */
  readonly affected?: number;
  readonly target?: { readonly dataset: string; readonly name: string };
}

/** What a query job did. */
export interface ScriptOutcome {
  readonly statements: readonly StatementOutcome[];
  /** Of the last SELECT; absent when there was none. */
  readonly result: ResultRows | undefined;
  readonly isScript: boolean;
}

/** The type that a job's statistics name. Temporary functions before a single statement do not make it a script. */
export function statementType(outcome: ScriptOutcome): string {
  if (outcome.isScript) return 'SCRIPT';
  return (
    outcome.statements.findLast((each) => each.kind !== 'CREATE_FUNCTION')?.kind ??
    'CREATE_FUNCTION'
  );
}

/** BigQuery bills whole megabytes, and ten for the smallest query that reads anything. */
export function billedBytes(bytes: number): number {
  const megabyte = 1 << 20;
  return bytes === 0 ? 0 : Math.max(10 * megabyte, Math.ceil(bytes / megabyte) * megabyte);
}
