import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { PipelineError } from '../errors.ts';
import { didYouMean } from '../util/nearest-name.ts';
import {
  type CommandName,
  type CommandSpec,
  COMMANDS,
  GLOBAL_OPTIONS,
  type OptionsByCommand,
} from './command-table.ts';
import { type OptionSpec, OptionValues } from './option-values.ts';

/** What a command line asks for. */
export type Invocation =
  | { readonly type: 'version' }
  | { readonly type: 'help'; readonly command: CommandName | undefined }
  | { readonly type: 'run'; readonly command: CommandName; readonly values: OptionValues };

type Specs = Readonly<Record<string, OptionSpec>>;

interface GivenOption {
  readonly type: 'option';
  readonly name: string;
  /** As it was written, e.g. `-t`. */
  readonly written: string;
  readonly value: string | undefined;
  readonly hasInlineValue: boolean;
}

type Word = GivenOption | { readonly type: 'positional'; readonly text: string };

/** Takes the words after the program's name; throws a PipelineError for what cannot be understood. */
export function parseCommandLine(args: readonly string[]): Invocation {
  const words = readWords(args, allOptions());
  const first = words.find((word) => word.type === 'positional');
  const asksHelp = asks(words, 'help');
  if (asks(words, 'version')) return { type: 'version' };
  if (first === undefined) {
    checkOptions(words, GLOBAL_OPTIONS, undefined);
    return { type: 'help', command: undefined };
  }
  if (first.text === 'help') {
    const topic = words.filter((word) => word.type === 'positional')[1];
    return { type: 'help', command: topic && commandNamed(topic.text) };
  }
  const command = commandNamed(first.text);
  // The same word may be a flag of one command and take a value of another: `--csv`, `--columns`.
  const own = readWords(args, { ...allOptions(), ...optionsOf(command) });
  if (asksHelp || asks(own, 'help')) return { type: 'help', command };
  return { type: 'run', command, values: readValues(command, own) };
}

/** The options of the command itself, typed. */
export function commandOptions<Name extends CommandName>(
  command: Name,
  values: OptionValues,
): OptionsByCommand[Name] {
  const spec: CommandSpec<OptionsByCommand[Name]> = COMMANDS[command];
  return spec.read(values);
}

function asks(words: readonly Word[], option: string): boolean {
  return words.some((word) => word.type === 'option' && word.name === option);
}

function optionsOf(command: CommandName): Specs {
  const spec: CommandSpec<unknown> = COMMANDS[command];
  return { ...GLOBAL_OPTIONS, ...spec.options };
}

function commandNamed(text: string): CommandName {
  const names = Object.keys(COMMANDS);
  // The keys of the table are the names.
  if (names.includes(text)) return text as CommandName;
  throw new PipelineError(`unknown command "${text}"${didYouMean(text, names)}`, {
    code: 'UNKNOWN_COMMAND',
    hint: `commands: ${names.join(', ')}; fastbreak --help explains them`,
  });
}

function readValues(command: CommandName, words: readonly Word[]): OptionValues {
  const spec: CommandSpec<unknown> = COMMANDS[command];
  checkOptions(words, optionsOf(command), command);
  const values = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const word of words) {
    if (word.type === 'positional') positionals.push(word.text);
    else values.set(word.name, [...(values.get(word.name) ?? []), word.value ?? '']);
  }
  // Not always the first: what a flag before it was taken to have for a value is a word of its own by now.
  positionals.splice(positionals.indexOf(command), 1);
  checkPositionals(command, spec, positionals);
  return new OptionValues(values, positionals);
}

function checkOptions(
  words: readonly Word[],
  options: Specs,
  command: CommandName | undefined,
): void {
  for (const word of words) {
    if (word.type === 'option') checkOption(word, options, command);
  }
}

function checkOption(option: GivenOption, options: Specs, command: CommandName | undefined): void {
  const spec = options[option.name];
  const problem = spec ? valueProblem(option, spec) : unknownOption(option, options, command);
  if (problem === undefined) return;
  const help = command === undefined ? 'fastbreak --help' : `fastbreak help ${command}`;
  throw new PipelineError(problem, {
    code: spec ? 'INVALID_OPTION' : 'UNKNOWN_OPTION',
    hint: `${help} lists what it takes`,
  });
}

function unknownOption(
  { name, written }: GivenOption,
  options: Specs,
  command: CommandName | undefined,
): string {
  const what = written.startsWith('--') ? `--${name}` : written;
  const known = Object.keys(options).map((option) => `--${option}`);
  const of = command === undefined ? '' : ` of ${command}`;
  return `unknown option "${what}"${of}${didYouMean(what, known)}`;
}

function valueProblem(
  { written, value, hasInlineValue }: GivenOption,
  spec: OptionSpec,
): string | undefined {
  if (spec.type === 'flag') {
    return hasInlineValue ? `expected ${written} alone, found "${written}=${value}"` : undefined;
  }
  if (value === undefined || value === '') {
    return `expected ${written} ${spec.value ?? 'VALUE'}, found no value`;
  }
  const { choices } = spec;
  if (choices === undefined) return undefined;
  const parts = spec.type === 'list' ? value.split(',') : [value];
  const wrong = parts.find((part) => !choices.includes(part));
  if (wrong === undefined) return undefined;
  const allowed = choices.join(', ');
  return `expected ${written} to be one of ${allowed}, found "${wrong}"${didYouMean(wrong, choices)}`;
}

function checkPositionals(
  command: CommandName,
  spec: CommandSpec<unknown>,
  positionals: readonly string[],
): void {
  const { least, most } = spec.positionals;
  if (positionals.length >= least && positionals.length <= most) return;
  const found = positionals.length === 0 ? 'nothing' : positionals.map(quoted).join(' ');
  throw new PipelineError(
    `expected fastbreak ${command} ${spec.usage || 'without arguments'}, found ${found}`,
    { code: 'INVALID_ARGUMENT', hint: spec.examples[0] ?? `fastbreak help ${command}` },
  );
}

function quoted(text: string): string {
  return `"${text}"`;
}

/** Options and other words in order. A word like `-7d` or `-7d..` is a date, not a bundle of options. */
function readWords(args: readonly string[], specs: Specs): Word[] {
  const options: ParseArgsOptionsConfig = {};
  for (const [name, spec] of Object.entries(specs)) {
    const type = spec.type === 'flag' ? 'boolean' : 'string';
    options[name] = spec.short === undefined ? { type } : { type, short: spec.short };
  }
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const words: Word[] = [];
  let dateAt = -1;
  for (const token of tokens) {
    const arg = args[token.index] ?? '';
    if (token.kind === 'positional') words.push({ type: 'positional', text: token.value });
    if (token.kind !== 'option') continue;
    if (/^-\d/.test(arg)) {
      if (dateAt !== token.index) words.push({ type: 'positional', text: arg });
      dateAt = token.index;
      continue;
    }
    const { name, rawName: written, value } = token;
    words.push({
      type: 'option',
      name,
      written,
      value,
      hasInlineValue: token.inlineValue === true,
    });
  }
  return words;
}

/** All options of all commands: to find the command, it must be known which words are options' values. */
function allOptions(): Specs {
  const specs: readonly CommandSpec<unknown>[] = Object.values(COMMANDS);
  const all: Record<string, OptionSpec> = { ...GLOBAL_OPTIONS };
  for (const spec of specs) Object.assign(all, spec.options);
  return all;
}
