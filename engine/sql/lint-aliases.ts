import type { LintFinding, LintInput } from './lint-finding.ts';
import type { SqlTree } from './parse.ts';
import { identifier, isRecord, listAt, recordAt, recordsIn, type TreeRecord } from './tree.ts';

const CLAUSES = ['group_by', 'having', 'qualify', 'order_by', 'windows'] as const;

/** Output names that hide an input column, or a relation's alias, in the same SELECT. */
export function lintAliases({ statement }: LintInput): readonly LintFinding[] {
  const findings: LintFinding[] = [];
  for (const record of recordsIn(statement)) {
    const select = recordAt(record, 'select');
    if (select !== undefined) findings.push(...lintSelect(select));
  }
  return findings;
}

function lintSelect(select: TreeRecord): readonly LintFinding[] {
  const items = listAt(select, 'expressions');
  const names: SelectNames = {
    relations: relationNames(select),
    inputs: new Set(items.flatMap((item) => columnsIn(expressionOf(item)).map(lowerName))),
    inClauses: new Set(
      CLAUSES.flatMap((clause) => columnsIn(select[clause] ?? null))
        .filter((column) => !column.isQualified)
        .map(lowerName),
    ),
  };
  return [...lintWindowClause(select), ...items.flatMap((item) => lintItem(item, names))];
}

/** Lower-case names that occur in a SELECT. */
interface SelectNames {
  readonly relations: ReadonlySet<string>;
  /** Columns that its items read. */
  readonly inputs: ReadonlySet<string>;
  /** Columns without a qualifier in GROUP BY, HAVING, QUALIFY, ORDER BY and WINDOW. */
  readonly inClauses: ReadonlySet<string>;
}

function lintItem(item: SqlTree, names: SelectNames): readonly LintFinding[] {
  const alias = identifier(recordAt(recordAt(item, 'alias'), 'alias'));
  const isPlainColumn = recordAt(expressionOf(item), 'column') !== undefined;
  if (alias === undefined || isPlainColumn) return [];
  const { name, start, end } = alias;
  const lower = name.toLowerCase();
  if (names.relations.has(lower)) {
    const message = `"${name}" is the name of an output column and of a relation in the same SELECT`;
    const code = 'SQL_ALIAS_LIKE_RELATION';
    return [{ code, message, hint: 'rename one of them', start, end }];
  }
  if (!names.inputs.has(lower) || !names.inClauses.has(lower)) return [];
  return [
    {
      code: 'SQL_SHADOWING_ALIAS',
      message: `"${name}" is an input column and the name of another output column: GROUP BY, QUALIFY and ORDER BY take it for one or the other`,
      hint: 'give the output column another name, or compute it in a CTE',
      start,
      end,
    },
  ];
}

function expressionOf(item: SqlTree): SqlTree {
  return recordAt(item, 'alias')?.['this'] ?? item;
}

function lintWindowClause(select: TreeRecord): readonly LintFinding[] {
  const [window] = listAt(select, 'windows');
  const name = identifier(recordAt(window, 'name'));
  if (name === undefined || select['qualify'] === null) return [];
  return [
    {
      code: 'SQL_QUALIFY_WINDOW',
      message: 'QUALIFY with a WINDOW clause does not run on DuckDB',
      hint: 'write the window inline, or use a subquery',
      start: name.start,
      end: name.end,
    },
  ];
}

function relationNames(select: TreeRecord): ReadonlySet<string> {
  const names = new Set<string>();
  const items = [
    ...listAt(recordAt(select, 'from'), 'expressions'),
    ...listAt(select, 'joins').map((join) => (isRecord(join) ? (join['this'] ?? null) : null)),
  ];
  for (const item of items) {
    const relation = recordAt(item, 'table') ?? recordAt(item, 'subquery');
    const name = identifier(recordAt(relation, 'alias')) ?? identifier(recordAt(relation, 'name'));
    if (name !== undefined) names.add(name.name.toLowerCase());
  }
  return names;
}

interface ColumnName {
  readonly name: string;
  readonly isQualified: boolean;
}

function columnsIn(tree: SqlTree): readonly ColumnName[] {
  const columns: ColumnName[] = [];
  for (const record of recordsIn(tree)) {
    const column = recordAt(record, 'column');
    const name = identifier(recordAt(column, 'name'));
    if (name === undefined) continue;
    columns.push({ name: name.name, isQualified: recordAt(column, 'table') !== undefined });
  }
  return columns;
}

function lowerName(column: ColumnName): string {
  return column.name.toLowerCase();
}
