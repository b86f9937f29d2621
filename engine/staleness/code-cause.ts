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
  const names: readonly (readonly [HashPart, string])[] = [
    ['source', SOURCE_NAMES[asset.kind]],
    ['functions', 'functions'],
    ['windows', 'windows'],
    ['columns', 'columns'],
    ['failures', 'failures'],
  ];
  const isOlder = Object.keys(recorded).length === 0;
  if (isOlder) return [];
  const { codeParts } = asset;
  return [
    ...names
      .filter(([part]) => isOther(part, recorded[part], codeParts[part]))
      .map(([, name]) => name),
    ...changedEntries(recorded.settings, codeParts.settings).map((key) => `setting ${key}`),
    ...changedEntries(recorded.files, codeParts.files).map((path) => `file ${path}`),
  ];
}

type HashPart = Exclude<keyof CodeParts, 'settings' | 'files'>;

/** Keys that were added, removed or have another hash. */
function changedEntries(
  before: Readonly<Record<string, string>> = {},
  now: Readonly<Record<string, string>> = {},
): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter((key) => before[key] !== now[key])
    .sort();
}

/** What an older version does not tell is not known to differ; only failures need not be there. */
function isOther(part: HashPart, recorded: string | undefined, now: string | undefined): boolean {
  return recorded !== now && (part === 'failures' || recorded !== undefined);
}

function parseParts(text: string | undefined): Partial<CodeParts> {
  if (text === undefined) return {};
  const parts: unknown = JSON.parse(text);
  // Written by this program from CodeParts; an older version may lack some of them.
  return typeof parts === 'object' && parts !== null ? (parts as Partial<CodeParts>) : {};
}
