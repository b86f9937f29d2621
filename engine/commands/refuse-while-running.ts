import { EXIT, PipelineError } from '../errors.ts';
import { type Effects, openReader, type Project } from './context.ts';
import { liveRunOf } from './live-run.ts';

/**
 * A run may be between two steps: its rows and its record are read when it is over.
 * @param command what to do again then
 * @throws {PipelineError} with exit code 3 while a run holds the target
 */
export async function refuseWhileRunning(
  project: Project,
  effects: Effects,
  command: string,
): Promise<void> {
  const reader = await openReader(project);
  const holder = liveRunOf(reader, project.target.name, effects.now());
  reader?.close();
  if (!holder) return;
  throw new PipelineError(
    `target ${project.target.name} is being written by run ${holder.runId} (${holder.command}, process ${holder.pid} on ${holder.host})`,
    {
      code: 'TARGET_HELD',
      exitCode: EXIT.locked,
      hint: `${command} again when it is over; fastbreak runs shows it`,
    },
  );
}
