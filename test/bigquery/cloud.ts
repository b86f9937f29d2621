import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Effects } from '../../engine/commands/context.ts';
import { setVariables } from '../cloud/clients.ts';
import {
  type BigQueryServer,
  type BigQueryServerOptions,
  startBigQueryServer,
} from '../cloud/bigquery/server.ts';
import { newProject, type TestProject } from '../support/project.ts';
import { type Outcome, runWords } from './command-line.ts';

/** A loopback BigQuery that this process's clients find, gone when the test is over. */
export async function cloudFor(options: BigQueryServerOptions = {}): Promise<BigQueryServer> {
  const server = await startBigQueryServer(options);
  const restore = setVariables(server.env);
  onTestFinished(async () => {
    restore();
    await server.stop();
  });
  return server;
}

/** A machine: the folder of a project with a home of its own. */
export class Machine {
  readonly project: TestProject;
  readonly home: string;

  constructor(project: TestProject, name = 'one') {
    this.project = project;
    this.home = join(project.root, `.home-${name}`);
  }

  /** Runs a command line on the target `prod`; words that hold blanks come in an array. */
  run(line: string | readonly string[], changes: Partial<Effects> = {}): Promise<Outcome> {
    const words = typeof line === 'string' ? line.split(' ') : line;
    return this.runOn('prod', words, changes);
  }

  runOn(
    target: string,
    words: readonly string[],
    changes: Partial<Effects> = {},
  ): Promise<Outcome> {
    return runWords([...words, '--target', target], { ...this.effects(), ...changes });
  }

  /** What a command prints with `--json`; throws when it does not end well. */
  async json<Document>(line: string, target = 'prod'): Promise<Document> {
    const { code, out, err } = await this.runOn(target, [...line.split(' '), '--json']);
    if (code !== 0) throw new Error(`${line} ended with ${code}: ${err}${out.slice(-500)}`);
    return JSON.parse(out) as Document;
  }

  effects(): Effects {
    const { project } = this;
    return {
      ...project.effects(),
      env: { ...project.env, FASTBREAK_HOME: this.home },
      now: Date.now,
    };
  }
}

/** A project of some files on one machine. */
export function machineWith(files: Readonly<Record<string, string>>): Machine {
  return new Machine(newProject(files));
}

/** Rows of a DuckDB SELECT on the server, as JSON values. */
export async function serverRows(server: BigQueryServer, sql: string): Promise<unknown[][]> {
  return (await server.duckdb(sql)).getRowsJson();
}
