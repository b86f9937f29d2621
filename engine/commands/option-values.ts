import { PipelineError } from '../errors.ts';

/** One option of a command as help shows it and parsing needs it. */
export interface OptionSpec {
  /** `list` may be given several times, and with commas. */
  readonly type: 'flag' | 'text' | 'list' | 'count';
  /** What help calls the value, e.g. `RANGE`. */
  readonly value?: string;
  readonly description: string;
  readonly short?: string;
  readonly choices?: readonly string[];
}

/** What was given on the command line, by option name, already known to be valid options. */
export class OptionValues {
  readonly positionals: readonly string[];
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(values: ReadonlyMap<string, readonly string[]>, positionals: readonly string[]) {
    this.#values = values;
    this.positionals = positionals;
  }

  flag(name: string): boolean {
    return this.#values.has(name);
  }

  /** The last one given. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  list(name: string): string[] {
    const given = this.#values.get(name) ?? [];
    return given.flatMap((text) => text.split(',')).filter((text) => text !== '');
  }

  count(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const count = Number(text);
    if (Number.isSafeInteger(count) && count > 0) return count;
    throw new PipelineError(`expected --${name} to be a whole number above 0, found "${text}"`, {
      code: 'INVALID_OPTION',
    });
  }
}

/** Leaves out what was not given, so that a command's own default holds. */
export function given<T extends object>(
  options: T,
): { readonly [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  // Only the keys without a value are gone.
  return Object.fromEntries(entries) as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}
