import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { trainingSettings } from '../../assets/models/model-settings.ts';
import { settingNames } from '../../assets/models/points_model.evaluate.ts';
import { GROUP_NAMES, groupFeatures } from '../../bench/feature-groups.ts';
import type { CompiledPipeline } from '../../engine/compile/compiled.ts';
import { loadCompiledPipeline } from '../../engine/compile/load-compiled.ts';
import { applyVariant } from '../../engine/config/apply-variant.ts';
import { readVariant } from '../../engine/config/variant.ts';

const ROOT = resolve(import.meta.dirname, '../..');

let assets: CompiledPipeline['assets'];
beforeAll(async () => {
  const cacheDir = mkdtempSync(join(tmpdir(), 'flagship-compiled-'));
  const file = join(ROOT, 'pipeline.yaml');
  assets = (await loadCompiledPipeline({ file, cacheDir })).assets;
  rmSync(cacheDir, { recursive: true });
});

/** The variant files of the project, and the one of the documentation. */
function examples(): (readonly [string, string])[] {
  const folder = join(ROOT, 'variants');
  const own = readdirSync(folder).map(
    (name) => [name, readFileSync(join(folder, name), 'utf8')] as const,
  );
  const doc = readFileSync(join(ROOT, 'docs/experiments.md'), 'utf8');
  const [, inDoc = ''] = /```yaml\n(# variants\/[^]*?)```/.exec(doc) ?? [];
  return [...own, ['experiments.md', inDoc]];
}

test('the example variants fit the models as they are declared', () => {
  const model = assets.find(({ name }) => name === 'points_model');
  if (model?.settings === undefined) throw new Error('the flagship has no points_model');
  const features = new Map(
    model.upstream.map(({ relation, asset }) => [
      relation,
      assets.find(({ name }) => name === asset)?.columns.map(({ name }) => name) ?? [],
    ]),
  );
  expect(examples().length).toBeGreaterThan(3);
  for (const [name, text] of examples()) {
    const read = readVariant(name, text);
    if (!read.ok) throw new Error(`${name} is no variant`);
    const applied = applyVariant(read.variant, {
      settings: model.settings,
      model: 'points_v1',
      modelSettings: settingNames.model,
      assetSettings: settingNames.asset,
      features,
    });
    const faults = applied.ok ? [] : applied.diagnostics.map(({ message }) => message);
    expect(faults, name).toEqual([]);
    // What the module would refuse is refused here.
    if (applied.ok) expect(trainingSettings(applied.settings).models).toHaveLength(1);
  }
});

test('every feature of the trained models belongs to exactly one group', () => {
  const models = assets
    .filter(({ file }) => file === 'assets/models/points_model.ts')
    .flatMap(({ settings }) => trainingSettings(settings ?? {}).models);
  expect(models.length).toBeGreaterThan(2);
  for (const { features } of models) {
    const names = features.flatMap((source) => source.names);
    const grouped = [...groupFeatures(names).values()].flat();
    expect(grouped.toSorted()).toEqual(names.toSorted());
  }
  const lineups = models.find(({ id }) => id === 'points_lineups_v1');
  const groups = groupFeatures(lineups?.features.flatMap(({ names }) => names) ?? []);
  expect(GROUP_NAMES.filter((group) => (groups.get(group)?.length ?? 0) === 0)).toEqual([]);
});

test('a feature of no group is an error that says where groups are', () => {
  expect(() => groupFeatures(['points_ewma_8', 'shoe_size'])).toThrow(
    'the feature shoe_size belongs to no group, expected one: see bench/feature-groups.ts',
  );
});
