import { ApiError } from '../../http/api-error.ts';
import { wordAt } from '../../../../engine/sql/token-view.ts';
import { jobError } from '../duckdb-errors.ts';
import type { Resolved } from '../sql/translate.ts';
import { type ScriptStatement, splitScript } from '../sql/split-script.ts';
import { pathAt } from '../sql/table-paths.ts';
import { statementKind, type StatementKind } from '../sql/statement-kind.ts';
import { unquote } from '../sql/create-table.ts';
import type { ScriptOutcome, StatementOutcome } from './outcome.ts';
import { invalid, type ScriptSession } from './session.ts';
import { alterTable, changeSchema, createTable, dropTable, tableName } from './table-statements.ts';

/** Thrown with what the statements before the failing one did. */
export class ScriptFault extends ApiError {
  readonly statements: readonly StatementOutcome[];

  constructor(cause: ApiError, statements: readonly StatementOutcome[]) {
    const { status, reason, message, location } = cause;
    super(status, reason, message, location === undefined ? {} : { location });
    this.statements = statements;
  }
}

/**
 * Runs the statements one after another. One that fails undoes the open transaction and throws a ScriptFault
 * whose message says where the statement is.
 */
export async function runScript(session: ScriptSession, script: string): Promise<ScriptOutcome> {
  const statements = splitScript(script);
  if (statements.length === 0) throw invalid('Syntax error: Unexpected end of script at [1:1]');
  const isScript = isMultiStatement(session, statements);
  const done: StatementOutcome[] = [];
  for (const statement of statements) {
    try {
      session.throwIfCancelled();
      done.push(await runStatement(session, statement.text));
    } catch (error) {
      await session.abandon();
      throw new ScriptFault(located(error, session, statement, isScript), done);
    }
  }
  await session.abandon();
  return { statements: done, result: done.findLast((each) => each.result)?.result, isScript };
}

/** What a dry run finds out without changing anything: bytes, and the fields of a single SELECT. */
export async function dryRunScript(session: ScriptSession, script: string): Promise<ScriptOutcome> {
  const statements = splitScript(script);
  const isScript = isMultiStatement(session, statements);
  const done: StatementOutcome[] = [];
  for (const statement of statements) {
    try {
      const outcome = await examine(session, statement.text);
      done.push(outcome);
      // Later statements read what this one would have made.
      if (isScript && !['SELECT', 'CREATE_FUNCTION'].includes(outcome.kind)) break;
    } catch (error) {
      throw new ScriptFault(located(error, session, statement, isScript), done);
    }
  }
  return { statements: done, result: done.findLast((each) => each.result)?.result, isScript };
}

function isMultiStatement(session: ScriptSession, statements: readonly ScriptStatement[]): boolean {
  const kinds = statements.map(({ text }) => statementKind(session.translator.tokenize(text)));
  return kinds.filter((kind) => kind !== 'CREATE_FUNCTION').length > 1;
}

function located(
  error: unknown,
  session: ScriptSession,
  statement: ScriptStatement,
  isScript: boolean,
): ApiError {
  const { reason, message, location } = jobError(error, session.catalog);
  const isOwn = ['stopped', 'timeout', 'bytesBilledLimitExceeded'].includes(reason);
  const place = ` at [${statement.line}:${statement.column}]`;
  const text = isOwn ? message : `${isScript ? 'Query error: ' : ''}${message}${place}`;
  const status = error instanceof ApiError ? error.status : 400;
  return new ApiError(status, reason, text, location === undefined ? {} : { location });
}

async function runStatement(session: ScriptSession, text: string): Promise<StatementOutcome> {
  const kind = kindOf(session, text);
  const resolved = await session.resolve(text);
  const bytes = await session.countBytes(resolved.tables);
  const base = { kind, text, bytes, tables: resolved.tables };
  return { ...base, ...(await WORK[kind](session, resolved)) };
}

async function examine(session: ScriptSession, text: string): Promise<StatementOutcome> {
  const kind = kindOf(session, text);
  const resolved = await session.resolve(text);
  const bytes = await session.countBytes(resolved.tables);
  const base = { kind, text, bytes, tables: resolved.tables };
  if (kind === 'CREATE_FUNCTION') return { ...base, ...(await WORK[kind](session, resolved)) };
  if (kind === 'SELECT') {
    const fields = await session.describe(session.translator.toDuckdb(resolved.text));
    return { ...base, result: { fields, rows: [] } };
  }
  if (['INSERT', 'UPDATE', 'DELETE', 'MERGE'].includes(kind)) {
    await session.describe(session.translator.toDuckdb(resolved.text));
  }
  return base;
}

function kindOf(session: ScriptSession, text: string): StatementKind {
  const kind = statementKind(session.translator.tokenize(text));
  if (kind !== undefined) return kind;
  const words = text.split(/\s+/, 3).join(' ');
  throw invalid(
    `Syntax error: Unexpected "${words}": the test server does not know this statement`,
  );
}

type Work = (session: ScriptSession, resolved: Resolved) => Promise<Partial<StatementOutcome>>;

const changeRows: Work = async (session, resolved) => {
  const { tokens } = resolved;
  const first = wordAt(tokens, 0);
  const start = ['INTO', 'FROM', 'TABLE'].includes(wordAt(tokens, 1)) ? 2 : 1;
  const path = pathAt(tokens, start);
  if (path === undefined) throw invalid(`Syntax error: Expected a table after ${first}`);
  if (
    (first === 'UPDATE' || first === 'DELETE') &&
    !tokens.some((_, at) => wordAt(tokens, at) === 'WHERE')
  ) {
    throw invalid(`${first} must have a WHERE clause`);
  }
  const { dataset, name } = tableName(session, path.parts);
  if (session.catalog.findTable(dataset, name) === undefined && path.parts.length === 1) {
    await session.connection.run(session.translator.toDuckdb(resolved.text));
    return {};
  }
  const table = session.catalog.table(dataset, name);
  const text =
    first === 'TRUNCATE'
      ? `DELETE FROM ${resolved.text.slice(path.start)} WHERE TRUE`
      : resolved.text;
  const affected = await session.change(
    table,
    session.translator.toDuckdb(text),
    first === 'INSERT',
  );
  return { affected, target: { dataset, name } };
};

const WORK: Readonly<Record<StatementKind, Work>> = {
  SELECT: async (session, { text }) => ({
    result: await session.select(session.translator.toDuckdb(text)),
  }),
  INSERT: changeRows,
  UPDATE: changeRows,
  DELETE: changeRows,
  MERGE: changeRows,
  TRUNCATE_TABLE: changeRows,
  CREATE_TABLE: async (session, resolved) => {
    const { dataset, name, hasQuery } = await createTable(session, resolved);
    const kind = hasQuery ? ({ kind: 'CREATE_TABLE_AS_SELECT' } as const) : {};
    return { target: { dataset, name }, ...kind };
  },
  CREATE_FUNCTION: async (session, { text }) => {
    const sql = session.translator.toDuckdb(text.replace(/^CREATE\s+OR\s+REPLACE/i, 'CREATE'));
    await session.connection.run(
      withoutTypes(
        sql.replace(/^CREATE\s+TEMP(?:ORARY)?\s+FUNCTION/i, 'CREATE OR REPLACE TEMP MACRO'),
      ),
    );
    return {};
  },
  CREATE_SCHEMA: async (session, resolved) => {
    await changeSchema(session, resolved);
    return {};
  },
  DROP_SCHEMA: async (session, resolved) => {
    await changeSchema(session, resolved);
    return {};
  },
  ALTER_TABLE: async (session, resolved) => ({ target: await alterTable(session, resolved) }),
  DROP_TABLE: async (session, resolved) => ({ target: await dropTable(session, resolved) }),
  ASSERT: async (session, { text }) => {
    await assertTrue(session, text);
    return {};
  },
  BEGIN_TRANSACTION: async (session) => {
    await session.begin();
    return {};
  },
  COMMIT_TRANSACTION: async (session) => {
    await session.commit();
    return {};
  },
  ROLLBACK_TRANSACTION: async (session) => {
    await session.rollback();
    return {};
  },
};

/** `ASSERT condition AS 'message'`: the message is the last thing of the statement. */
async function assertTrue(session: ScriptSession, text: string): Promise<void> {
  const match = /^ASSERT\s+([\s\S]*?)(?:\s+AS\s+('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"))?$/i.exec(
    text,
  );
  const condition = match?.[1] ?? '';
  const { rows } = await session.select(session.translator.toDuckdb(`SELECT (${condition}) AS v`));
  if (rows[0]?.[0] === true) return;
  throw invalid(match?.[2] === undefined ? 'Assertion failed' : unquote(match[2]));
}

/** BigQuery casts arguments; DuckDB's typed macros refuse what is of a wider type, such as a sum of integers. */
function withoutTypes(macro: string): string {
  return macro.replace(/(MACRO\s+\w+\s*)\(([^)]*)\)/i, (_, head: string, list: string) => {
    const names = list.split(',').map((argument) => argument.trim().split(/\s+/)[0]);
    return `${head}(${names.join(', ')})`;
  });
}
