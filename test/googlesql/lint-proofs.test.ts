import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { analyzeSql } from '../../engine/sql/analyze.ts';
import { AGGREGATE_RULES } from '../../engine/sql/lint-aggregate-rules.ts';
import { DATE_RULES } from '../../engine/sql/lint-date-rules.ts';
import { RESERVED_WORDS } from '../../engine/sql/lint-reserved.ts';
import { NUMBER_RULES } from '../../engine/sql/lint-number-rules.ts';
import { TEXT_RULES } from '../../engine/sql/lint-text-rules.ts';
import { TOKEN_RULES } from '../../engine/sql/lint-tokens.ts';
import { transpileToDuckdb } from '../../engine/sql/transpile.ts';
import { BothEngines, type Translate } from './both-engines.ts';
import { PROOFS } from './proofs/index.ts';
import { PROOF_TABLES } from './proofs/tables.ts';
import { serviceBinary, skipReason } from './zetasql-binary.ts';

const SQL_FOLDER = resolve(import.meta.dirname, '../../engine/sql');
const CALL_RULES = [...NUMBER_RULES, ...DATE_RULES, ...AGGREGATE_RULES, ...TEXT_RULES];
const isSkipped = serviceBinary.path === undefined;

/** What the transpiler makes of a text by itself. */
const alone: Translate = (parser, googleSql) => textOf(parser.transpile(googleSql));
/** What the engine makes of it: known mistakes of the transpiler are mended before. */
const asEngine: Translate = (parser, googleSql) => textOf(transpileToDuckdb(parser, googleSql));

function textOf(transpiled: ReturnType<typeof transpileToDuckdb>): string {
  if (transpiled.ok) return transpiled.sql;
  throw new Error(transpiled.message);
}

/** Words of GoogleSQL's grammar that may be names. */
const OTHER_KEYWORDS =
  `date days filter final first function group_rows index key language last level
  match model month near next offset only option percent pivot position replace row sample season
  simple state table time timestamp type unpivot value values view week year`.split(/\s+/);

/** Mended before a text is transpiled, so that the rule is a second lock on the door. */
const MENDED = [
  'SQL_COUNTIF',
  'SQL_DECIMAL_LITERAL',
  'SQL_DIV_MOD_ARGUMENT',
  'SQL_DIV_MOD_OPERAND',
];

describe.skipIf(isSkipped)(`what the lint refuses${skipReason}`, () => {
  let both: BothEngines;
  beforeAll(async () => {
    both = await BothEngines.of(PROOF_TABLES);
  });
  afterAll(() => both[Symbol.asyncDispose]());

  test.each(PROOFS)('$code, $outcome: $refused', async ({ code, refused, outcome, because }) => {
    expect((await analyzeSql({ kind: 'select', text: refused })).findings).toContainEqual(
      expect.objectContaining({ code }),
    );
    const verdict = await both.judge(refused, alone);
    expect(verdict).toMatchObject({ outcome });
    if (outcome === 'agree' || outcome === 'not evaluated') expect(because).toBeDefined();
    if (outcome === 'rows' && MENDED.includes(code)) {
      expect(await both.judge(refused, asEngine)).toMatchObject({ outcome: 'agree' });
    } else {
      expect(await both.judge(refused, asEngine)).toMatchObject({ outcome });
    }
  });

  test.each(PROOFS.flatMap(({ instead }) => instead ?? []))(
    'the form to write instead gives equal rows: %s',
    async (text) => {
      const { findings } = await analyzeSql({ kind: 'select', text });
      expect(findings).toEqual([]);
      const verdict = await both.judge(text, asEngine);
      expect(verdict).toMatchObject({ outcome: 'agree' });
      expect(verdict.google).not.toBe('');
    },
  );

  test('the words that are no names without backticks, and no others', async () => {
    const judged = async (name: string): Promise<boolean> => {
      const text = `WITH ${name} AS (SELECT 1 AS a) SELECT q.a FROM ${name} AS q`;
      return (await both.judge(text, () => 'SELECT 1 AS a')).outcome === 'google refuses';
    };
    for (const word of RESERVED_WORDS) {
      expect([word, await judged(word), await judged(`\`${word}\``)]).toEqual([word, true, false]);
    }
    for (const word of OTHER_KEYWORDS) expect([word, await judged(word)]).toEqual([word, false]);
  });

  test('a bare cast of a FLOAT64 column, which the compiler refuses knowing its type', async () => {
    const cast = (value: string) => `SELECT id, CAST(${value} AS INT64) AS v FROM t`;
    expect(await both.judge(cast('x'), asEngine)).toMatchObject({ outcome: 'rows' });
    expect(await both.judge(cast('ROUND(x)'), asEngine)).toMatchObject({ outcome: 'agree' });
  });
});

describe('no rule of the lint is without a proof', () => {
  /** The proofs' findings: the code and message of the rule, and the word that it stands at. */
  async function found(): Promise<ReadonlySet<string>> {
    const all = new Set<string>();
    for (const { refused } of PROOFS) {
      const { findings } = await analyzeSql({ kind: 'select', text: refused });
      for (const { code, message, start, end } of findings) {
        all.add(code).add(`${code} ${message}`);
        all.add(`${code} ${message} ${refused.slice(start, end).toUpperCase()}`);
      }
    }
    return all;
  }

  test('of a function, by each of its names', async () => {
    const proved = await found();
    const rules = CALL_RULES.flatMap(({ code, message, names }) =>
      names.map((name) => `${code} ${message} ${name}`),
    );
    const without = rules.filter((rule) => !proved.has(rule) && !UNREACHABLE.includes(rule));
    expect(rules.length).toBeGreaterThan(70);
    expect(without).toEqual([]);
  });

  test('of a word', async () => {
    const proved = await found();
    const rules = TOKEN_RULES.map(({ code, message }) => `${code} ${message}`);
    expect(rules.length).toBeGreaterThan(15);
    expect(rules.filter((rule) => !proved.has(rule))).toEqual([]);
  });

  test('of any kind, by the codes in its text', async () => {
    const proved = await found();
    const codes = new Set(
      readdirSync(SQL_FOLDER)
        .filter((name) => /^lint.*\.ts$/.test(name))
        .flatMap(
          (name) => readFileSync(join(SQL_FOLDER, name), 'utf8').match(/\bSQL_[A-Z_]+/g) ?? [],
        ),
    );
    expect(codes.size).toBeGreaterThan(50);
    expect([...codes].filter((code) => !proved.has(code))).toEqual([]);
  });

  test('but names that the parser refuses before', async () => {
    for (const call of ['COUNT(a HAVING MAX d)', 'STRING_AGG(s HAVING MAX d)']) {
      const { findings } = await analyzeSql({ kind: 'select', text: `SELECT ${call} AS v FROM t` });
      expect(findings.map(({ code }) => code)).toEqual(['SQL_SYNTAX']);
    }
  });
});

const HAVING = CALL_RULES.find(({ code }) => code === 'SQL_AGGREGATE_HAVING');
const UNREACHABLE = ['COUNT', 'STRING_AGG'].map(
  (name) => `${HAVING?.code} ${HAVING?.message} ${name}`,
);
