import type { RunResult } from '../events.ts';
import { formatDay } from '../partitions/date.ts';

/** The JSON document of `materialize` and `backfill`; scripts rely on its shape. */
export function runResultJson(result: RunResult): object {
  return {
    run_id: result.runId ?? null,
    target: result.target,
    status: result.status,
    seconds: roundSeconds(result.seconds),
    ...(result.stopped === undefined ? {} : { stopped: result.stopped }),
    assets: result.assets.map((asset) => ({
      name: asset.name,
      materialized: asset.materialized,
      unchanged: asset.unchanged,
      skipped: asset.skipped,
      expected_empty: asset.expectedEmpty,
      failed: asset.failed,
      blocked: asset.blocked,
      frozen: asset.frozen ?? 0,
      pruned: asset.pruned ?? 0,
      no_longer_expected: asset.noLongerExpected ?? 0,
      rows: asset.rows,
      ...(asset.bytesBilled === undefined ? {} : { bytes_billed: asset.bytesBilled }),
      ...(asset.absent === undefined ? {} : { failed_entities: asset.absent }),
      seconds: roundSeconds(asset.seconds),
    })),
    failures: result.failures.map((failure) => ({
      asset: failure.asset,
      partition: formatDay(failure.day),
      status: failure.type,
      category: failure.category,
      message: failure.message,
    })),
    checks: result.checks.map(({ asset, check, severity, blocking, days, rows, message }) => ({
      asset,
      check,
      severity,
      blocking,
      partitions: days.map(formatDay),
      rows,
      message,
    })),
  };
}

/** A document as it goes to stdout with `--json`. */
export function jsonText(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

function roundSeconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
