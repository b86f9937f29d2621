import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../cli.ts', import.meta.url));

/** Files of a project by path inside its folder. */
export type RigFiles = Readonly<Record<string, string | Uint8Array>>;

/** How a command ended and what it printed. */
export interface CliResult {
  /** The exit code; the signal's name when a signal ended the process. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. */
export interface RunningCli {
  readonly process: ChildProcess;
  readonly ended: Promise<CliResult>;
  /** Waits until stdout or stderr holds a text; fails when the process ends before. */
  readonly printed: (text: string) => Promise<void>;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** A shell line that is run before the command, in the same shell: `ulimit -f 100`. */
  readonly shell?: string;
}

/** A temporary project on which tests run the real binary; gone when `await using` goes out of scope. */
export class Rig implements AsyncDisposable {
  readonly folder: string;
  readonly #running = new Set<ChildProcess>();

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(files: RigFiles = {}): Promise<Rig> {
    const rig = new Rig(await mkdtemp(join(tmpdir(), 'fastbreak-rig-')));
    for (const [path, content] of Object.entries(files)) await rig.write(path, content);
    return rig;
  }

  /** A second project in the state that this one is in. */
  async copy(): Promise<Rig> {
    const rig = await Rig.create();
    await cp(this.folder, rig.folder, { recursive: true });
    return rig;
  }

  /** FASTBREAK_HOME of the commands. */
  get home(): string {
    return this.path('home');
  }

  path(...parts: readonly string[]): string {
    return join(this.folder, ...parts);
  }

  read(path: string): Promise<string> {
    return readFile(this.path(path), 'utf8');
  }

  async write(path: string, content: string | Uint8Array): Promise<void> {
    await mkdir(dirname(this.path(path)), { recursive: true });
    await writeFile(this.path(path), content);
  }

  /** Replaces a text that must occur in the file. */
  async edit(path: string, from: string, to: string): Promise<void> {
    const text = await this.read(path);
    if (!text.includes(from)) throw new Error(`${path} does not hold ${JSON.stringify(from)}`);
    await this.write(
      path,
      text.replace(from, () => to),
    );
  }

  async remove(path: string): Promise<void> {
    await rm(this.path(path), { recursive: true, force: true });
  }

  run(...args: readonly string[]): Promise<CliResult> {
    return this.start(args).ended;
  }

  runWith(options: CliOptions, ...args: readonly string[]): Promise<CliResult> {
    return this.start(args, options).ended;
  }

  start(args: readonly string[], options: CliOptions = {}): RunningCli {
    const words = [process.execPath, CLI, ...args];
    const script = `${options.shell ?? ':'}; exec "$@"`;
    const command = options.shell === undefined ? words : ['sh', '-c', script, 'sh', ...words];
    const child = spawn(command[0] ?? '', command.slice(1), {
      cwd: options.cwd ?? this.folder,
      env: { ...cleanEnvironment(), FASTBREAK_HOME: this.home, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#running.add(child);
    child.once('close', () => this.#running.delete(child));
    return watch(child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const left = [...this.#running].map(
      (child) => new Promise((resolve) => child.once('close', resolve)),
    );
    for (const child of this.#running) child.kill('SIGKILL');
    await Promise.all(left);
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Nothing of the machine that runs the tests may decide their outcome. */
function cleanEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '', TMPDIR } = process.env;
  return { PATH, HOME, NO_COLOR: '1', ...(TMPDIR === undefined ? {} : { TMPDIR }) };
}

function watch(child: ChildProcess): RunningCli {
  const printedSoFar = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  const hear = (name: 'stdout' | 'stderr') => (chunk: string) => {
    printedSoFar[name] += chunk;
    for (const listener of listeners) listener();
  };
  child.stdout?.setEncoding('utf8').on('data', hear('stdout'));
  child.stderr?.setEncoding('utf8').on('data', hear('stderr'));
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ ...printedSoFar, code: code ?? signal ?? -1 }));
  });
  const printed = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (`${printedSoFar.stdout}${printedSoFar.stderr}`.includes(text)) resolve();
      };
      listeners.add(look);
      look();
      const missing = (): void => reject(new Error(`never printed "${text}":\n${all()}`));
      const all = (): string => `${printedSoFar.stdout}${printedSoFar.stderr}`;
      ended.then(missing, reject);
    });
  return { process: child, ended, printed };
}
