import { writeFileSync } from 'node:fs';
import { test } from 'vitest';
import { instantsOf } from './crash/crash.ts';
import { leagueFiles } from './support/league.ts';
import { copyOf, keptProject } from './support/project.ts';
test('x', async () => {
  const fresh = keptProject(leagueFiles());
  await fresh.dryRun();
  writeFileSync('/tmp/bk/i1', (await instantsOf(keptProject(leagueFiles()))).join('\n'));
  writeFileSync('/tmp/bk/i2', (await instantsOf(copyOf(fresh))).join('\n'));
  writeFileSync('/tmp/bk/i3', (await instantsOf(copyOf(fresh))).join('\n'));
});
