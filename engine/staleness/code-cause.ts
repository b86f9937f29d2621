import type { CodeParts, CompiledAsset } from '../compile/compiled.ts';
import type { Cause, CauseContext } from './cause.ts';

/** The cause `code` of a partition that another version of the code made, naming what changed in it. */
export function codeCause(context: CauseContext, index: number): Cause | undefined {
  const { asset, records, recordIndex } = context.of;
  const recorded = context.codeVersions[records.code[recordIndex[index] ?? -1] ?? -1];
  if (recorded === undefined || recorded === asset.codeVersion) return undefined;
  const definition = context.definitionOf(recorded);
  const changed = changedParts(asset, parseParts(definition?.parts));
  const label = `code changed${changed.length > 0 ? `: ${changed.join(', ')}` : ''}`;
  return {
    kind: 'code',
    label,
    detail: `${label} (version ${recorded.slice(0, 8)} made it, now ${asset.codeVersion.slice(0, 8)})`,
  };
}

const SOURCE_NAMES = { sql: 'SQL', module: 'module', source: 'source' } as const;

function changedParts(asset: CompiledAsset, recorded: Partial<CodeParts>): string[] {
  const names: readonly (readonly [keyof CodeParts, string])[] = [
    ['source', SOURCE_NAMES[asset.kind]],
    ['functions', 'functions'],
    ['windows', 'windows'],
    ['columns', 'columns'],
    ['failures', 'failures'],
  ];
  const isOlder = Object.keys(recorded).length === 0;
  return names
    .filter(([part]) => !isOlder && isOther(part, recorded[part], asset.codeParts[part]))
    .map(([, name]) => name);
}

/** What an older version does not tell is not known to differ; only failures need not be there. */
function isOther(
  part: keyof CodeParts,
  recorded: string | undefined,
  now: string | undefined,
): boolean {
  return recorded !== now && (part === 'failures' || recorded !== undefined);
}

function parseParts(text: string | undefined): Partial<CodeParts> {
  if (text === undefined) return {};
  const parts: unknown = JSON.parse(text);
  // Written by this program from CodeParts; an older version may lack some of them.
  return typeof parts === 'object' && parts !== null ? (parts as Partial<CodeParts>) : {};
}
