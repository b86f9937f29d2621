import type { LintFinding, LintInput } from './lint-finding.ts';
import type { SqlTree } from './parse.ts';
import {
  type Identifier,
  identifier,
  isRecord,
  listAt,
  recordAt,
  recordsIn,
  type TreeRecord,
} from './tree.ts';

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
  const relations = relationNames(select);
  const clauses = CLAUSES.map((clause) => select[clause] ?? null);
  const windowWithQualify = lintWindowClause(select);
  const aliases = listAt(select, 'expressions').flatMap((item): LintFinding[] => {
    const alias = identifier(recordAt(recordAt(item, 'alias'), 'alias'));
    const expression = recordAt(item, 'alias')?.['this'];
    if (alias === undefined || expression === undefined || isPlainColumn(expression)) return [];
    const { start, end } = alias;
    if (relations.has(alias.name.toLowerCase())) {
      return [
        {
          code: 'SQL_ALIAS_LIKE_RELATION',
          message: `"${alias.name}" is the name of an output column and of a relation in the same SELECT`,
          hint: 'rename one of them',
          start,
          end,
        },
      ];
    }
    const isInput = listAt(select, 'expressions').some((one) => namesColumn(one, alias.name));
    if (!isInput || !isUsedIn(clauses, alias)) return [];
    return [
      {
        code: 'SQL_SHADOWING_ALIAS',
        message: `"${alias.name}" is an input column and the name of another output column: GROUP BY, QUALIFY and ORDER BY take it for one or the other`,
        hint: 'give the output column another name, or compute it in a CTE',
        start,
        end,
      },
    ];
  });
  return [...windowWithQualify, ...aliases];
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

function isPlainColumn(expression: SqlTree): boolean {
  return recordAt(expression, 'column') !== undefined;
}

/** True when the expression of an item reads an input column of that name. */
function namesColumn(item: SqlTree, name: string): boolean {
  const expression = recordAt(item, 'alias')?.['this'] ?? item;
  return columnsIn(expression).some((column) => sameName(column, name));
}

function isUsedIn(clauses: readonly SqlTree[], alias: Identifier): boolean {
  return clauses.some((clause) =>
    columnsIn(clause).some((column) => !column.isQualified && sameName(column, alias.name)),
  );
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

function sameName(column: ColumnName, name: string): boolean {
  return column.name.toLowerCase() === name.toLowerCase();
}
