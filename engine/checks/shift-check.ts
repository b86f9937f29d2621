import type { ShiftCheck } from '../config/check.ts';
import { type CheckContext, type CheckSelect, partitionColumnOf } from './scope.ts';
import { numeric, shownFigure, withHistory } from './statistics-checks.ts';

/** A bin that one side lacks counts as this share of it, since the index has no value for none. */
const LEAST_SHARE = '1e-4';

/**
 * Partitions whose distribution differs from that of the partitions before: the population stability index, the sum of
 * (p - q) * ln(p / q) over the bins, with the partition's share p and the share q before.
 */
export function distributionShift(check: ShiftCheck, context: CheckContext): CheckSelect {
  const own = partitionColumnOf(context) ?? '';
  const all = withHistory(`${context.prefix}all`, [check.column], context);
  const value = numeric(check.column, '', context.asset.columns, context);
  const values = `${context.prefix}values`;
  const ctes = [
    ...all.ctes,
    `${values} AS (SELECT ${own} AS day, ${value} AS x FROM ${all.name} WHERE ${value} IS NOT NULL)`,
  ];
  const found =
    check.bins === undefined
      ? byDeciles(check, values, context)
      : byBins(check, check.bins, values, context);
  return {
    ctes: [...ctes, ...found.ctes],
    select: `SELECT day AS ${own}, ${shownFigure('psi')} AS population_stability_index, row_count FROM (${found.select}) AS _s
WHERE row_count >= ${check.minRows} AND partitions_before >= ${check.minPartitions} AND psi > ${check.max}`,
  };
}

/** With bounds that are known, bins are counted per partition and added up over the partitions before. */
function byBins(
  check: ShiftCheck,
  bins: readonly number[],
  values: string,
  { prefix }: CheckContext,
): CheckSelect {
  const daily = `${prefix}daily`;
  const sums = `${prefix}sums`;
  const over = `OVER (ORDER BY day ROWS BETWEEN ${check.over} PRECEDING AND 1 PRECEDING)`;
  const all = [...bins.keys(), bins.length];
  const counts = all.map((at) => {
    const [low, high] = [bins[at - 1], bins[at]];
    const within = [
      ...(low === undefined ? [] : [`x >= ${low}`]),
      ...(high === undefined ? [] : [`x < ${high}`]),
    ];
    return `COUNT(IF(${within.join(' AND ')}, 1, NULL)) AS bin_${at}`;
  });
  const terms = all.map((at) =>
    term(`bin_${at} / row_count`, `NULLIF(before_${at}, 0) / rows_before`),
  );
  return {
    ctes: [
      `${daily} AS (SELECT day, COUNT(*) AS row_count, ${counts.join(', ')} FROM ${values} GROUP BY day)`,
      `${sums} AS (SELECT day, row_count, ${all.map((at) => `bin_${at}, SUM(bin_${at}) ${over} AS before_${at}`).join(', ')},
  SUM(row_count) ${over} AS rows_before, COUNT(*) ${over} AS partitions_before FROM ${daily})`,
    ],
    select: `SELECT day, row_count, partitions_before, ${terms.join('\n  + ')} AS psi FROM ${sums}`,
  };
}

/** Deciles are those of the partitions before each partition, whose values are sorted for it. */
function byDeciles(check: ShiftCheck, values: string, { prefix }: CheckContext): CheckSelect {
  const [days, edges] = [`${prefix}days`, `${prefix}edges`];
  const [own, shares] = [`${prefix}own`, `${prefix}shares`];
  return {
    ctes: [
      `${days} AS (SELECT day, COUNT(*) AS row_count, ROW_NUMBER() OVER (ORDER BY day) AS place FROM ${values} GROUP BY day)`,
      // Up to each edge lies a share of the values before: about a tenth more each time, all of them at the last.
      `${edges} AS (SELECT day, x AS edge, MAX(cumulated) AS q FROM (
  SELECT day, MAX(x) AS x, MAX(cumulated) AS cumulated FROM (
    SELECT _d.day, _v.x, NTILE(10) OVER (PARTITION BY _d.day ORDER BY _v.x) AS tile,
      CUME_DIST() OVER (PARTITION BY _d.day ORDER BY _v.x) AS cumulated
    FROM ${days} AS _d
    JOIN ${days} AS _b ON _b.place BETWEEN _d.place - ${check.over} AND _d.place - 1
    JOIN ${values} AS _v ON _v.day = _b.day
    WHERE _d.row_count >= ${check.minRows} AND _d.place > ${check.minPartitions}
      AND _d.day IN (SELECT partition_date FROM partitions)
  ) AS _t GROUP BY day, tile) AS _e GROUP BY day, x)`,
      `${own} AS (SELECT _e.day, _e.edge, _e.q, COUNT(IF(_v.x <= _e.edge, 1, NULL)) / COUNT(*) AS p
FROM ${edges} AS _e JOIN ${values} AS _v ON _v.day = _e.day GROUP BY _e.day, _e.edge, _e.q)`,
      // What lies above all values before belongs to the last bin.
      `${shares} AS (SELECT day, IF(q = 1, 1, p) - COALESCE(LAG(p) ${ORDER}, 0) AS p, q - COALESCE(LAG(q) ${ORDER}, 0) AS q FROM ${own})`,
    ],
    select: `SELECT _d.day, _d.row_count, _d.place - 1 AS partitions_before, SUM(${term('_s.p', '_s.q')}) AS psi
FROM ${shares} AS _s JOIN ${days} AS _d ON _d.day = _s.day GROUP BY _d.day, _d.row_count, _d.place`,
  };
}

const ORDER = 'OVER (PARTITION BY day ORDER BY edge)';

function term(own: string, before: string): string {
  const p = `GREATEST(${own}, ${LEAST_SHARE})`;
  const q = `GREATEST(COALESCE(${before}, 0), ${LEAST_SHARE})`;
  return `(${p} - ${q}) * LN(${p} / ${q})`;
}
