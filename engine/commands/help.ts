import { type CommandName, type CommandSpec, COMMANDS, GLOBAL_OPTIONS } from './command-table.ts';
import type { OptionSpec } from './option-values.ts';

/** The help of one command, or the list of all of them. */
export function helpText(command: CommandName | undefined): string {
  return command === undefined ? overview() : commandHelp(command, COMMANDS[command]);
}

function overview(): string {
  const commands = Object.entries<CommandSpec<unknown>>(COMMANDS).map(
    ([name, spec]) => [`${name} ${spec.usage}`, spec.summary] as const,
  );
  return [
    'Fastbreak: a declarative, date-partitioned asset pipeline.',
    'Usage: fastbreak COMMAND [options]',
    section('Commands', commands),
    section('Options of every command', optionLines(GLOBAL_OPTIONS)),
    section('Exit codes', [
      ['0', 'all well'],
      ['1', 'some partition failed or was blocked, or a check failed'],
      ['2', 'the command line or the pipeline is wrong'],
      ['3', 'another run holds the target'],
      ['130', 'interrupted'],
    ]),
    'fastbreak help COMMAND explains one command, with examples.\n',
  ].join('\n\n');
}

function commandHelp(name: CommandName, spec: CommandSpec<unknown>): string {
  const own =
    Object.keys(spec.options).length > 0 ? [section('Options', optionLines(spec.options))] : [];
  return [
    `fastbreak ${name}: ${spec.summary}.`,
    `Usage: fastbreak ${name} ${spec.usage}${own.length > 0 ? ' [options]' : ''}`.trimEnd(),
    ...(spec.details === undefined ? [] : [spec.details]),
    ...own,
    section('Options of every command', optionLines(GLOBAL_OPTIONS)),
    `Examples:\n${spec.examples.map((example) => `  ${example}\n`).join('')}`,
  ].join('\n\n');
}

function optionLines(
  options: Readonly<Record<string, OptionSpec>>,
): readonly (readonly [string, string])[] {
  return Object.entries(options).map(([name, spec]) => {
    const short = spec.short === undefined ? '    ' : `-${spec.short}, `;
    const value = spec.value === undefined ? '' : ` ${spec.value}`;
    return [`${short}--${name}${value}`, spec.description];
  });
}

function section(title: string, lines: readonly (readonly [string, string])[]): string {
  const width = Math.max(...lines.map(([left]) => left.length));
  const texts = lines.map(([left, right]) => `  ${left.trimEnd().padEnd(width)}  ${right}`);
  return `${title}:\n${texts.join('\n')}`;
}
