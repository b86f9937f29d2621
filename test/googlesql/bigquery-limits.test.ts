import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { brokenLimits } from './bigquery-limits.ts';
import { catalogOf } from './pipeline-catalog.ts';
import { PROOF_TABLES } from './proofs/tables.ts';
import { serviceBinary, skipReason } from './zetasql-binary.ts';
import { ZetaSqlService } from './zetasql-service.ts';

describe.skipIf(serviceBinary.path === undefined)(
  `joins that BigQuery refuses although they analyze${skipReason}`,
  () => {
    let service: ZetaSqlService;
    let catalog = '';
    beforeAll(async () => {
      service = await ZetaSqlService.start();
      catalog = await service.register(catalogOf(PROOF_TABLES));
    });
    afterAll(() => service[Symbol.asyncDispose]());

    const limits = async (sql: string) => brokenLimits(await service.resolve(catalog, sql));

    test.each([
      ['t LEFT JOIN u ON u.id < t.id', 'LEFT JOIN'],
      ['t LEFT JOIN u ON u.id = 1 AND t.id > u.id', 'LEFT JOIN'],
      ['t RIGHT JOIN u ON u.id = t.id OR u.id = t.a', 'RIGHT JOIN'],
      ['t FULL JOIN u ON u.id BETWEEN t.a AND t.b', 'FULL JOIN'],
      ['t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.id < t.id)', 'correlated EXISTS'],
      ['t WHERE (SELECT COUNT(*) FROM u WHERE u.id < t.id) = 0', 'correlated SCALAR'],
    ])('%s', async (from, message) => {
      expect(await limits(`SELECT t.id FROM ${from}`)).toEqual([expect.stringContaining(message)]);
    });

    test.each([
      't LEFT JOIN u ON u.id = t.id AND u.z > t.a',
      't LEFT JOIN u USING (id)',
      't FULL JOIN u ON u.id + 1 = t.id',
      't JOIN u ON u.id < t.id',
      't CROSS JOIN u',
      't LEFT JOIN UNNEST(t.arr) AS x ON TRUE',
      't WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.id = t.id AND u.z < t.a)',
      't WHERE t.id NOT IN (SELECT u.id FROM u)',
      't WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.id = 1)',
      't WHERE EXISTS (SELECT 1 FROM UNNEST(t.arr) AS x WHERE x < t.a)',
    ])('but not %s', async (from) => {
      expect(await limits(`SELECT t.id FROM ${from}`)).toEqual([]);
    });
  },
);
