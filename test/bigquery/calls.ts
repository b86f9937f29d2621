import type { BigQueryServer } from '../cloud/bigquery/server.ts';
import type { Call } from '../cloud/http/call.ts';

/** The calls that reach a server from now on. */
export class CallCount {
  readonly #server: BigQueryServer;
  readonly #from: number;

  constructor(server: BigQueryServer) {
    this.#server = server;
    this.#from = server.calls.length;
  }

  get all(): readonly Call[] {
    return this.#server.calls.slice(this.#from);
  }

  /** Calls that sent a job, dry runs aside. */
  get jobs(): readonly Call[] {
    return this.all.filter(isJob);
  }

  /** Jobs whose id names what they are for, e.g. `stage`. */
  jobsFor(purpose: string): readonly Call[] {
    return this.jobs.filter((call) => purposeOf(call) === purpose);
  }

  /** Jobs by what they are for. */
  byPurpose(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const call of this.jobs) {
      const purpose = purposeOf(call);
      counts[purpose] = (counts[purpose] ?? 0) + 1;
    }
    return counts;
  }
}

function isJob({ method, path, jobId = '' }: Call): boolean {
  return method === 'POST' && path.endsWith('/jobs') && jobId.startsWith('fastbreak_');
}

/** `fastbreak_<run>_<session>_<purpose>_…`: the word after the session. */
function purposeOf({ jobId = '' }: Call): string {
  return /^fastbreak_.+?_[0-9a-f]{8}_([a-z]+)/.exec(jobId)?.[1] ?? 'other';
}
