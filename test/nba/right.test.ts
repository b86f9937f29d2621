import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { referenceData } from '../support/data.ts';
import { Flagship } from './flagship.ts';
import { compareTables, computeReference } from './reference/index.ts';
import type { ReferenceAsset, ReferenceRow, ReferenceTables } from './reference/index.ts';
import { TABLE_PLANS, toleranceOf } from './table-plans.ts';
import type { TablePlan } from './table-plans.ts';

/** The beginning of the season from which on real games are compared; an empty text: all of them. */
const SINCE = process.env['FASTBREAK_TEST_SINCE'] ?? '2024-10-01';
const real = referenceData();

const ASSETS = Object.keys(TABLE_PLANS) as ReferenceAsset[];

interface Side {
  readonly title: string;
  readonly make: () => Promise<Flagship>;
}

const SIDES: readonly Side[] = [
  { title: 'a simulated league', make: async () => (await Flagship.simulated()).withTreesAlone() },
  ...(real === undefined
    ? []
    : [
        {
          title: 'the real games',
          make: async () => (await Flagship.since(SINCE || '1900-01-01', real)).withTreesAlone(),
        },
      ]),
];

describe.each(SIDES)('every table agrees with the independent reference on $title', ({ make }) => {
  let flagship: Flagship;
  let tables: ReferenceTables;

  beforeAll(async () => {
    flagship = await make();
    await flagship.make();
    tables = await computeReference(flagship.data);
  }, 300_000);
  afterAll(() => flagship[Symbol.dispose]());

  test.each(ASSETS)(
    '%s has the same rows and values',
    async (name) => expectAgreement(flagship, { name, plan: TABLE_PLANS[name], tables }),
    300_000,
  );
});

async function expectAgreement(
  flagship: Flagship,
  request: {
    readonly name: ReferenceAsset;
    readonly plan: TablePlan;
    readonly tables: ReferenceTables;
  },
): Promise<void> {
  const { name, plan, tables } = request;
  const { relation } = (await flagship.tables()).get(name) ?? { relation: name };
  const expected = tables[name].rows.map((row) => withoutUncompared(row, plan));
  const [first] = expected;
  const columns = (await columnsOf(flagship, relation)).filter(
    (column) => first && column in first,
  );
  const selected = columns.map((column) => plan.select?.[column] ?? `"${column}"`).join(', ');
  const actual = await flagship.objects(
    `SELECT ${selected} FROM ${relation} WHERE ${plan.where ?? 'TRUE'}`,
  );
  const { differences, comparedColumns, referenceOnlyColumns } = compareTables(expected, actual, {
    key: tables[name].key,
    tolerance: toleranceOf(plan),
  });
  expect(differences).toEqual([]);
  expect(expected.length).toBeGreaterThan(0);
  expect(referenceOnlyColumns).toEqual([]);
  expect(comparedColumns.length).toBe(plan.compared);
}

/** The reference's row under the names of the asset, without the columns that are left out on purpose. */
function withoutUncompared(row: ReferenceRow, plan: TablePlan): ReferenceRow {
  return Object.fromEntries(
    Object.entries(row)
      .filter(([column]) => !(column in plan.notCompared))
      .map(([column, value]) => [plan.renamed?.[column] ?? column, value]),
  );
}

async function columnsOf(flagship: Flagship, relation: string): Promise<readonly string[]> {
  const rows = await flagship.query(`DESCRIBE ${relation}`);
  return rows.map(([name]) => String(name));
}
