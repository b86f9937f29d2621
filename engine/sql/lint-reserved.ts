import type { LintFinding, LintInput } from './lint-finding.ts';
import {
  type Identifier,
  identifier,
  listAt,
  recordAt,
  recordsIn,
  type TreeRecord,
} from './tree.ts';

/** GoogleSQL takes these for names only in backticks; the parser, and DuckDB, take many of them bare. */
export const RESERVED_WORDS: ReadonlySet<string> = new Set(
  `all and any array as asc assert_rows_modified at between by case cast collate contains create
  cross cube current default define desc distinct else end enum escape except exclude exists extract
  false fetch following for from full group grouping groups hash having if ignore in inner intersect
  interval into is join lateral left like limit lookup merge natural new no not null nulls of on or
  order outer over partition preceding proto qualify range recursive respect right rollup rows select
  set some struct tablesample then to treat true unbounded union unnest using when where window with
  within`.split(/\s+/),
);

/** Names without backticks that are reserved words, each where it first stands. */
export function lintReservedWords({ statement }: LintInput): readonly LintFinding[] {
  const first = new Map<string, Identifier>();
  for (const record of recordsIn(statement)) {
    for (const name of bareNames(record)) {
      const word = name.name.toLowerCase();
      const earlier = first.get(word);
      if (!RESERVED_WORDS.has(word) || (earlier && earlier.start <= name.start)) continue;
      first.set(word, name);
    }
  }
  return [...first.values()].map(({ name, start, end }) => ({
    code: 'SQL_RESERVED_WORD',
    message: `"${name}" is a reserved word of GoogleSQL: BigQuery refuses it as a name`,
    hint: `rename it wherever the statement uses it, e.g. ${name}_1, or write \`${name}\` in backticks`,
    start,
    end,
  }));
}

/** The names that an object of the tree gives or uses by themselves: behind a dot any word may stand. */
function bareNames(record: TreeRecord): readonly Identifier[] {
  const [table, column] = [recordAt(record, 'table'), recordAt(record, 'column')];
  const records = [
    recordAt(record, 'alias'),
    recordAt(table, 'schema') === undefined ? recordAt(table, 'name') : undefined,
    recordAt(column, 'table') === undefined ? recordAt(column, 'name') : undefined,
    ...listAt(record, 'windows').map((window) => recordAt(window, 'name')),
  ];
  return records.flatMap((each) => {
    const name = each?.['quoted'] === true ? undefined : identifier(each);
    return name === undefined || name.end === 0 ? [] : [name];
  });
}
