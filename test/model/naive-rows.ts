import type { AssetSpec } from './world.ts';

/** A row as far as another asset reads it. */
export interface Row {
  readonly points: number;
  readonly isBroken?: boolean;
}

export function rowsFromText(text: string): readonly Row[] {
  return text === '' ? [] : (JSON.parse(text) as readonly Row[]);
}

/** A row of an asset of a world. */
export interface MadeRow {
  readonly side: number;
  readonly number: number;
  readonly points: number;
}

/** The rows of one partition, from the rows that each of its relations has in its window: what the SQL says. */
export function naiveRows(
  spec: AssetSpec,
  relations: readonly (readonly Row[])[],
): readonly MadeRow[] | 'no number' {
  const points: number[] = [];
  for (const [at, rows] of relations.entries()) {
    const isGames = spec.edges[at]?.upstream === 'games';
    if (spec.readsNotes && isGames && rows.some((row) => row.isBroken)) return 'no number';
    const read = rows.filter((row) => row.points >= spec.least);
    points.push(...read.map((row) => row.points * (spec.factor + at)));
  }
  if (spec.hasOwnRow) points.push(1);
  return [0, 1].flatMap((side) => {
    const own = points.filter((each) => each % 2 === side);
    if (own.length === 0) return [];
    return [{ side, number: own.length, points: own.reduce((sum, each) => sum + each, 0) }];
  });
}
