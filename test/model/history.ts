import fc from 'fast-check';
import type { ModelProject } from './model-project.ts';
import { type Edit, edited, edits, requestOf, type Run, runs } from './world-edits.ts';
import { type World, type WorldOptions, worlds } from './world.ts';

/** A world and what happens to it. */
export interface History {
  readonly first: World;
  readonly firstRun: Run;
  readonly history: readonly { readonly edit: Edit; readonly run: Run }[];
}

export function histories(options: WorldOptions, most: number): fc.Arbitrary<History> {
  return fc.record({
    first: worlds(options),
    firstRun: runs,
    history: fc.array(fc.record({ edit: edits(options), run: runs }), { maxLength: most }),
  });
}

/** The world before each of its edits, and in the end. */
export function worldsOf({ first, history }: History): readonly World[] {
  const worldsSoFar = [first];
  for (const { edit } of history) {
    worldsSoFar.push(edited(first, worldsSoFar.at(-1) ?? first, edit));
  }
  return worldsSoFar;
}

/** Lets a project and its model go through a history, compared after every run; returns the last world. */
export async function relive(both: ModelProject, of: History): Promise<World> {
  const [first = of.first, ...later] = worldsOf(of);
  await both.run(requestOf(of.firstRun, first) ?? both.everything());
  for (const [at, world] of later.entries()) {
    both.edit(world);
    const run = of.history[at]?.run;
    const request = run && requestOf(run, world);
    if (request) await both.run(request);
  }
  return later.at(-1) ?? first;
}
