import type { EventListener, RunResult } from '../events.ts';
import type { DaysOfAsset } from './failure-groups.ts';
import { renderFinalReport } from './final-report.ts';
import { jsonText, runResultJson } from './json.ts';
import { createLog } from './log.ts';
import { createProgress, type Progress } from './progress.ts';
import { paintFor } from './text.ts';

/** The options of a command that reports a run. */
export interface ReportOptions {
  readonly file: string | undefined;
  readonly target: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  /** `silent` unless asked for: then every event is logged instead of shown as progress. */
  readonly logLevel: string;
  readonly color: boolean;
}

export interface ReportEffects {
  readonly now: () => number;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly isTerminal: boolean;
  readonly width: number;
}

export interface Reporter {
  readonly listener: EventListener;
  /** Prints the report, or the JSON document; nothing else goes to stdout. */
  readonly finish: (result: RunResult) => void;
}

/** Turns the events of a run into what people or scripts see. */
export function createReporter(
  options: ReportOptions,
  effects: ReportEffects,
  daysOf?: DaysOfAsset,
): Reporter {
  const paint = paintFor(options.color);
  const isLogging = options.logLevel !== 'silent' && options.logLevel !== '';
  const progress = isLogging ? undefined : createQuietableProgress(options, effects);
  const log = isLogging
    ? createLog({
        level: options.logLevel,
        write: effects.stderr,
        now: effects.now,
        pretty: effects.isTerminal,
        paint,
      })
    : undefined;
  return {
    listener: (event) => {
      progress?.listener(event);
      log?.(event);
    },
    finish: (result) => {
      progress?.stop();
      if (options.json) return effects.stdout(jsonText(runResultJson(result)));
      const scope = { file: options.file, target: options.target };
      const report = { scope, paint, quiet: options.quiet, daysOf };
      return effects.stdout(renderFinalReport(result, report));
    },
  };
}

function createQuietableProgress(
  options: ReportOptions,
  effects: ReportEffects,
): Progress | undefined {
  if (options.quiet) return undefined;
  return createProgress({
    write: effects.stderr,
    now: effects.now,
    isTerminal: effects.isTerminal,
    width: effects.width,
    paint: paintFor(options.color && effects.isTerminal),
  });
}
