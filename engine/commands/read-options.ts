import { PipelineError } from '../errors.ts';
import type { ExportOptions } from './export.ts';
import { given, type OptionValues } from './option-values.ts';

/** The run that `runs show ID` names; undefined for the list. */
export function runToShow(positionals: readonly string[]): string | undefined {
  const [verb, id] = positionals;
  if (verb === undefined) return undefined;
  if (verb === 'show' && id !== undefined) return id;
  const found = positionals.join(' ');
  throw new PipelineError(`expected "runs" or "runs show ID", found "runs ${found}"`, {
    code: 'INVALID_ARGUMENT',
    hint: verb === 'show' ? 'fastbreak runs lists the ids' : `fastbreak runs show ${verb}`,
  });
}

export function exportOptionsOf(values: OptionValues): ExportOptions {
  const out = values.text('out');
  if (out === undefined) {
    throw new PipelineError('expected --out PATH, the file to write', {
      code: 'MISSING_OPTION',
      hint: 'fastbreak help export shows an example',
    });
  }
  if (out === '-') {
    throw new PipelineError('expected --out PATH, the file to write, found "-"', {
      code: 'INVALID_OPTION',
      hint: 'rows on stdout: fastbreak query "SELECT * FROM …" --csv, or --json',
    });
  }
  return {
    asset: values.positionals[0] ?? '',
    format: formatOf(values.text('format'), out),
    out,
    ...given({ partitions: values.text('partitions') }),
  };
}

function formatOf(format: string | undefined, path: string): ExportOptions['format'] {
  const wanted = format ?? path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  return wanted === 'csv' || wanted === 'json' ? wanted : 'parquet';
}
