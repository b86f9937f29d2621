import type { MergedSettings } from './asset-settings.ts';
import type { YamlPath } from './load.ts';
import type { Column } from './pipeline.ts';
import type { Problems } from './problems.ts';
import type { ColumnSpec, PipelineSpec } from './spec.ts';

export interface ColumnsInput {
  readonly name: string;
  readonly spec: PipelineSpec;
  readonly settings: MergedSettings;
  readonly isSource: boolean;
  readonly partitionColumn: string | undefined;
  /** Names in the dictionary, those with invalid definitions included. */
  readonly dictionaryNames: readonly string[];
}

/** The asset's columns with what the dictionary says about them; undefined when any is wrong. */
export function normalizeColumns(
  input: ColumnsInput,
  problems: Problems,
): readonly Column[] | undefined {
  const { name, settings } = input;
  if (settings.columns === undefined) {
    problems.add({
      code: 'MISSING_KEY',
      message: `asset "${name}" has no "columns"`,
      path: ['assets', name],
      atKey: true,
      hint: 'list the columns that its rows have: names from the dictionary, or { name: {type: …} }',
    });
    return undefined;
  }
  const before = problems.diagnostics.length;
  const columns: Column[] = [];
  for (const [index, entry] of settings.columns.value.entries()) {
    const path = [...settings.columns.path, index];
    const column =
      typeof entry === 'string'
        ? fromDictionary(entry, path, input, problems)
        : fromEntry(entry, path, input, problems);
    if (column !== undefined) addColumn(columns, column, path, problems);
  }
  checkKey(input, columns, problems);
  // An entry of the dictionary that failed the schema leaves a gap that is reported there.
  const isWhole = columns.length === settings.columns.value.length;
  return isWhole && problems.diagnostics.length === before ? columns : undefined;
}

function fromDictionary(
  name: string,
  path: YamlPath,
  input: ColumnsInput,
  problems: Problems,
): Column | undefined {
  const definition = input.spec.columns?.[name];
  if (definition !== undefined) return toColumn(name, definition, path, input, problems);
  if (!input.dictionaryNames.includes(name)) {
    problems.unknown({ what: 'column', name, known: input.dictionaryNames, path });
  }
  return undefined;
}

function fromEntry(
  entry: Readonly<Record<string, ColumnSpec | null>>,
  path: YamlPath,
  input: ColumnsInput,
  problems: Problems,
): Column | undefined {
  const [name, own] = Object.entries(entry)[0] ?? [];
  if (name === undefined) return undefined;
  const definition = { ...input.spec.columns?.[name], ...own };
  return toColumn(name, definition, [...path, name], input, problems);
}

function toColumn(
  name: string,
  definition: ColumnSpec,
  path: YamlPath,
  input: ColumnsInput,
  problems: Problems,
): Column | undefined {
  const { type, round, from } = definition;
  if (type === undefined) {
    problems.add({
      code: 'MISSING_TYPE',
      message: `column "${name}" of "${input.name}" has no type`,
      path,
      hint: `write { ${name}: {type: STRING} }, or give it a type in the dictionary`,
    });
    return undefined;
  }
  checkRounding({ name, type, round }, path, input, problems);
  if (from !== undefined && !input.isSource) {
    problems.add({
      code: 'FROM_WITHOUT_SOURCE',
      message: `column "${name}" of "${input.name}" has "from", which only columns of sources can have`,
      path,
    });
  }
  const identifies =
    name === input.partitionColumn || (input.settings.key?.value.includes(name) ?? false);
  return {
    name,
    type,
    description: definition.description ?? '',
    nullable: definition.nullable ?? !identifies,
    ...optionalParts(definition),
  };
}

function optionalParts({ unit, round, references, from }: ColumnSpec) {
  return {
    ...(unit === undefined ? {} : { unit }),
    ...(round === undefined ? {} : { round }),
    ...(references === undefined ? {} : { references }),
    ...(from === undefined ? {} : { from }),
  };
}

function checkRounding(
  column: Pick<Column, 'name' | 'type'> & { readonly round: number | undefined },
  path: YamlPath,
  input: ColumnsInput,
  problems: Problems,
): void {
  const isFloat = column.type.includes('FLOAT64');
  if (isFloat && column.round === undefined) {
    problems.add({
      code: 'MISSING_ROUND',
      message: `column "${column.name}" of "${input.name}" is ${column.type} and has no "round"`,
      path,
      hint: 'say how many decimals are stored, e.g. round: 4; sums of floats differ in the last bits between a batch and its parts',
    });
  }
  if (!isFloat && column.round !== undefined) {
    problems.add({
      code: 'ROUND_WITHOUT_FLOAT',
      message: `column "${column.name}" of "${input.name}" is ${column.type}, which cannot be rounded`,
      path,
      hint: 'remove "round", or make it FLOAT64',
    });
  }
}

function addColumn(columns: Column[], column: Column, path: YamlPath, problems: Problems): void {
  const same = columns.find((other) => other.name.toLowerCase() === column.name.toLowerCase());
  if (same === undefined) {
    columns.push(column);
    return;
  }
  problems.add({
    code: 'DUPLICATE_COLUMN',
    message: `column "${column.name}" is listed twice`,
    path,
    hint: 'names of columns differ in more than case',
  });
}

function checkKey(input: ColumnsInput, columns: readonly Column[], problems: Problems): void {
  const { settings } = input;
  const known = columns.map((column) => column.name);
  // With a faulty column list, a missing key column would only repeat that fault.
  if (known.length !== settings.columns?.value.length) return;
  const { value: key, path } = settings.key ?? { value: [], path: [] };
  for (const [index, name] of key.entries()) {
    if (known.includes(name)) continue;
    problems.unknown({ what: 'column', name, known, path: [...path, index] });
  }
  if (input.partitionColumn === undefined) return;
  checkPartitionColumn(input.partitionColumn, input, columns, problems);
}

function checkPartitionColumn(
  name: string,
  input: ColumnsInput,
  columns: readonly Column[],
  problems: Problems,
): void {
  const own = ['assets', input.name];
  const path = input.settings.partition_column?.path ?? own;
  const column = columns.find((candidate) => candidate.name === name);
  if (column === undefined) {
    const isOwn = path[0] === 'assets';
    problems.add({
      code: 'MISSING_PARTITION_COLUMN',
      message: `the partition column "${name}" is not among the columns of "${input.name}"`,
      path: isOwn ? path : own,
      atKey: !isOwn,
      hint: 'add it to the columns, or name another one with partition_column',
    });
  } else if (column.type !== 'DATE') {
    const message = `the partition column "${name}" of "${input.name}" is ${column.type}; it must be DATE`;
    problems.add({ code: 'PARTITION_COLUMN_TYPE', message, path });
  }
}
