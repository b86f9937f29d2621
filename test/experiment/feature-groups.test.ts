import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { trainingSettings } from '../../assets/models/model-settings.ts';
import { GROUP_NAMES, groupFeatures } from '../../bench/feature-groups.ts';
import { loadCompiledPipeline } from '../../engine/compile/load-compiled.ts';

const FILE = resolve(import.meta.dirname, '../../pipeline.yaml');

test('every feature of the trained models belongs to exactly one group', async () => {
  const cacheDir = mkdtempSync(join(tmpdir(), 'flagship-compiled-'));
  try {
    const { assets } = await loadCompiledPipeline({ file: FILE, cacheDir });
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
  } finally {
    rmSync(cacheDir, { recursive: true });
  }
});

test('a feature of no group is an error that says where groups are', () => {
  expect(() => groupFeatures(['points_ewma_8', 'shoe_size'])).toThrow(
    'the feature shoe_size belongs to no group, expected one: see bench/feature-groups.ts',
  );
});
