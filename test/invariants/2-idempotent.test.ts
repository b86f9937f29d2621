import { expect, test } from 'vitest';
import { countsOf } from '../support/project.ts';
import { leagueProject } from '../support/league.ts';

test('x', async () => {
  const p = leagueProject();
  const r = await p.materialize();
  console.log(JSON.stringify(r, null, 1));
  console.log(await p.status('best_before'), await p.status('season_so_far'));
  console.log(await p.query('select * from reports.season_so_far order by 1'), await p.allVersions());
  const t = performance.now();
  const r2 = await p.materialize({ force: true });
  console.log(performance.now() - t, r2.document.assets);
  expect(countsOf(r2, 'daily')).toEqual({});
});
