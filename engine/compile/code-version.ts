import type { Asset, Calendar, SettingValue, SqlFunction } from '../config/pipeline.ts';
import { type CodeVersion, unsafeCodeVersion } from '../ids.ts';
import { shortHash } from '../util/hash.ts';
import { stableJson } from '../util/stable-json.ts';
import type { CodeParts } from './compiled.ts';

/** What decides an asset's rows, besides the rows of its upstreams. */
export interface CodeInput {
  readonly asset: Asset;
  /** Normal form of the SQL, or hash of the module; '' for sources. */
  readonly sourceHash: string;
  /** Normal forms of the conditions of `expected_empty` rules and of universes, by their text. */
  readonly conditionHashes: ReadonlyMap<string, string>;
  /** The project functions used, each with the normal form of its body. */
  readonly functions: readonly { readonly definition: SqlFunction; readonly hash: string }[];
  /** The calendar whose periods the statement reads. */
  readonly calendar: Calendar | undefined;
  /** Hashes of the contents of the asset's files, by their declared paths. */
  readonly fileHashes?: Readonly<Record<string, string>> | undefined;
}

/** Hashes of the parts that decide an asset's rows, so that `why` can name the one that changed. */
export function codeParts(input: CodeInput): CodeParts {
  return {
    source: hashOf(sourcePart(input)),
    functions: hashOf(
      input.functions.map(({ definition, hash }) => ({
        name: definition.name,
        arguments: definition.arguments,
        hash,
      })),
    ),
    windows: hashOf(windowsPart(input)),
    columns: hashOf(columnsPart(input.asset)),
    // Only where there are some: what has none keeps the version that it had before there could be any.
    ...(input.asset.universe === undefined ? {} : { failures: hashOf(failuresPart(input)) }),
    ...(input.asset.settings === undefined ? {} : { settings: settingsPart(input.asset.settings) }),
    ...(input.fileHashes === undefined ? {} : { files: input.fileHashes }),
  };
}

/** The one hash of all parts. */
export function codeVersion(parts: CodeParts): CodeVersion {
  return unsafeCodeVersion(hashOf(parts));
}

function sourcePart({ asset, sourceHash, conditionHashes }: CodeInput) {
  const rules = asset.expectedEmpty.map((rule) =>
    rule.type === 'condition'
      ? { ...rule, condition: conditionHashes.get(rule.condition) ?? rule.condition }
      : rule,
  );
  if (asset.kind !== 'source') return { sourceHash, rules };
  const mapping = asset.columns.map((column) => [column.name, column.from ?? column.name]);
  return { format: asset.source?.format, mapping, rules };
}

/** Who fails why decides whether an empty partition is expected, so it is part of the code. */
function failuresPart({ asset: { universe }, conditionHashes }: CodeInput) {
  const hash = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : (conditionHashes.get(text) ?? text);
  if (universe === undefined) return {};
  const { from, entity, where, counts, failures } = universe;
  return {
    from: from.type === 'sql' ? { sql: hash(from.sql) } : from,
    entity,
    where: hash(where),
    counts: [hash(counts.expected), hash(counts.actual), hash(counts.missingDates)],
    failures: failures.map((rule) => ({ ...rule, when: hash(rule.when) })),
  };
}

function settingsPart(settings: Readonly<Record<string, SettingValue>>) {
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, hashOf(value)]));
}

function windowsPart({ asset, calendar }: CodeInput) {
  const windows = asset.upstream
    .map(({ relation, asset: name, window, optional }) => ({ relation, name, window, optional }))
    .sort((a, b) => (`${a.relation} ${a.name}` < `${b.relation} ${b.name}` ? -1 : 1));
  if (calendar === undefined) return windows;
  const { periodColumn, periodStartWhere, where } = calendar;
  return { windows, periods: { periodColumn, periodStartWhere, where } };
}

function columnsPart(asset: Asset) {
  return {
    columns: asset.columns.map(({ name, type, round }) => ({ name, type, round })),
    key: asset.key,
    partitionColumn: asset.partitionColumn,
  };
}

function hashOf(value: unknown): string {
  return shortHash(stableJson(value));
}
