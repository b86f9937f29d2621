import { randomUUID } from 'node:crypto';
import {
  accessSync,
  constants,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hasErrorCode, messageOf, PipelineError } from '../errors.ts';

/**
 * Lets `write` fill a file beside the wanted one and puts it in its place when that went well. Whatever goes
 * wrong, an existing file stays as it was and nothing is left behind.
 */
export async function writeAtomically(
  path: string,
  write: (temporaryPath: string) => Promise<void> | void,
): Promise<void> {
  checkPlace(path);
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.tmp`);
  try {
    await write(temporary);
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** The same for a text. */
export async function writeTextAtomically(path: string, text: string): Promise<void> {
  await writeAtomically(path, (temporary) => {
    try {
      writeFileSync(temporary, text);
    } catch (error) {
      throw unwritable(path, messageOf(error), error);
    }
  });
}

/** Says what is wrong with a place before work is done that could not be kept. */
export function checkPlace(path: string): void {
  const folder = dirname(path);
  try {
    accessSync(folder, constants.W_OK);
    if (!statSync(folder).isDirectory()) throw unwritable(path, `${folder} is not a folder`);
  } catch (error) {
    if (error instanceof PipelineError) throw error;
    if (hasErrorCode(error, 'ENOENT')) {
      throw unwritable(path, `there is no folder ${folder}`, error, `make it: mkdir -p ${folder}`);
    }
    throw unwritable(path, `the folder ${folder} is not writable`, error);
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw unwritable(path, 'it is a folder', undefined, 'name a file inside it');
  }
}

/** A folder with all above it, or a message that says why not. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new PipelineError(`the folder ${folder} cannot be made: ${messageOf(error)}`, {
      code: 'OUTPUT_UNWRITABLE',
      hint: 'choose another folder',
      cause: error,
    });
  }
}

function unwritable(
  path: string,
  reason: string,
  cause?: unknown,
  hint = 'choose another path',
): PipelineError {
  return new PipelineError(`${path} cannot be written: ${reason}`, {
    code: 'OUTPUT_UNWRITABLE',
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
}
