/** Parsed JSON of somebody else's, read piece by piece; what is not as expected is said with its place. */
export class JsonShape {
  readonly #value: unknown;
  readonly #path: string;
  readonly #fail: (message: string) => never;

  /** @param fail throws the error that callers expect */
  constructor(value: unknown, path: string, fail: (message: string) => never) {
    this.#value = value;
    this.#path = path;
    this.#fail = fail;
  }

  get isThere(): boolean {
    return this.#value !== undefined && this.#value !== null;
  }

  /** A field of an object; one that is absent may be asked whether it `isThere`. */
  field(name: string): JsonShape {
    const path = this.#path === '' ? name : `${this.#path}.${name}`;
    return new JsonShape(this.#object()[name], path, this.#fail);
  }

  /** All fields of an object. */
  fields(): [string, JsonShape][] {
    return Object.keys(this.#object()).map((name) => [name, this.field(name)]);
  }

  list(): JsonShape[] {
    const list: unknown = this.#value;
    if (!Array.isArray(list)) return this.#unexpected('a list');
    return list.map((item, at) => new JsonShape(item, `${this.#path}[${at}]`, this.#fail));
  }

  text(): string {
    return typeof this.#value === 'string' ? this.#value : this.#unexpected('a text');
  }

  texts(): string[] {
    return this.list().map((item) => item.text());
  }

  number(): number {
    return typeof this.#value === 'number' ? this.#value : this.#unexpected('a number');
  }

  /** Numbers, among them true and false as 1 and 0. */
  numbers(): Float64Array {
    const list: unknown = this.#value;
    if (!Array.isArray(list)) return this.#unexpected('a list of numbers');
    const numbers = new Float64Array(list.length);
    for (const [at, item] of (list as readonly unknown[]).entries()) {
      numbers[at] =
        typeof item === 'number' || typeof item === 'boolean'
          ? Number(item)
          : new JsonShape(item, `${this.#path}[${at}]`, this.#fail).number();
    }
    return numbers;
  }

  /** A number that is written as text, as `"21"` and `"5E-1"`. */
  numberInText(): number {
    const number = typeof this.#value === 'number' ? this.#value : Number(this.text() || NaN);
    return Number.isFinite(number) ? number : this.#unexpected('a number in quotes');
  }

  /** For checks of a caller's own. */
  unexpected(expected: string): never {
    return this.#unexpected(expected);
  }

  #object(): Readonly<Record<string, unknown>> {
    const value = this.#value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return this.#unexpected('an object');
    }
    return value as Readonly<Record<string, unknown>>;
  }

  #unexpected(expected: string): never {
    const text = JSON.stringify(this.#value) ?? 'not there';
    const shown = text.length > 60 ? `${text.slice(0, 57)}...` : text;
    return this.#fail(`${this.#path || 'it'} is ${shown}, expected ${expected}`);
  }
}
