import { describe, expect, test } from 'vitest';
import { measuredProject } from './measured-project.ts';

/** The whole error that compiling a pipeline with these rules ends with. */
async function errorOf(rules: string): Promise<string> {
  try {
    await measuredProject({ rules }).open();
  } catch (error) {
    return String(error);
  }
  throw new Error('Expected an error, nothing was thrown');
}

async function pipelineOf(rules?: string) {
  const project = measuredProject(rules === undefined ? {} : { rules });
  return (await project.open()).pipeline;
}

describe('rules of validation and health', () => {
  test('have defaults: a component per group, the rows of every asset as columns', async () => {
    const { validation, health } = await pipelineOf();
    expect(validation).toEqual({ coverage: 99, fewRows: 50, drop: 15, assets: {} });
    expect(health.components).toEqual([
      { name: 'raw', weight: 1, type: 'complete', assets: ['games', 'plays'] },
      { name: 'reports', weight: 1, type: 'complete', assets: ['totals', 'form'] },
    ]);
    expect(health.csv.map(({ name }) => name)).toEqual([
      'date',
      'score',
      'class',
      'games',
      'plays',
      'totals',
      'form',
      'expected_empty',
      'reasons',
    ]);
    expect(health.isLegacy).toBe(false);
  });

  test('leave every code version as it is', async () => {
    const rules = 'validation: { coverage: 90, assets: { plays: { critical: { note: null } } } }\n';
    const [without, having] = [await pipelineOf(), await pipelineOf(rules)];
    expect(having.validation.assets['plays']?.critical).toEqual([
      // A text is never 0.
      { column: 'note', zeros: false, most: 5 },
    ]);
    const versions = ({ assets }: typeof having) => assets.map(({ codeVersion }) => codeVersion);
    expect(versions(having)).toEqual(versions(without));
  });

  test.each([
    ['validation: { assets: { play: {} } }', 'unknown asset "play", did you mean "plays"?'],
    [
      'validation: { assets: { plays: { critical: { valu: null } } } }',
      'unknown column "valu", did you mean "value"?',
    ],
    [
      'validation: { assets: { plays: { columns: { valeu: 99 } } } }',
      'unknown column "valeu", did you mean "value"?',
    ],
    [
      'validation: { assets: { plays: { expected_rows: { per: game } } } }',
      'unknown asset "game", did you mean "games"?',
    ],
    ['health: { components: { a: { any: play } } }', 'unknown asset "play"'],
    ['health: { components: { a: { present: [totals, frm] } } }', 'unknown asset "frm"'],
    [
      'health: { components: { a: { ratio: { of: plays.gam, per: games } } } }',
      'unknown column "gam", did you mean "game"?',
    ],
    [
      'health: { components: { a: { any: form, present: [form] } } }',
      'health component "a" has any and present',
    ],
    ['health: { components: { a: { weight: 2 } } }', 'health component "a" has nothing to measure'],
    ['health: { csv: { a: { percent: { of: b, per: a } } } }', 'unknown csv column "b"'],
    ['health: { csv: { a: dat } }', 'health.csv.a'],
    ['health: { legacy: true }', 'health.legacy_columns does not say what it is fed with'],
    ['validation: { coverage: 101 }', 'validation.coverage'],
    ['health: { componets: {} }', 'componets'],
  ])('%s is refused: %s', async (rules, message) => {
    expect(await errorOf(`${rules}\n`)).toContain(message);
  });
});
