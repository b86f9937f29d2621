/** Readers of the graph formats, as strict as their grammars where it matters: they throw on what is not valid. */

type Attributes = Readonly<Record<string, string>>;

export interface DotGraph {
  readonly name: string;
  readonly nodes: Record<string, Attributes>;
  readonly edges: { readonly from: string; readonly to: string; readonly attributes: Attributes }[];
  readonly clusters: Record<string, string[]>;
}

const DOT_TOKEN =
  /\s*(?:"((?:[^"\\]|\\.)*)"|<((?:<[^<>]*>|[^<>])*)>(?=\])|([A-Za-z_]\w*|-?\d+)|(->|[{}[\];,=:]))/suy;

interface DotToken {
  readonly kind: 'id' | 'mark';
  readonly text: string;
}

/** Reads the part of Graphviz's language that is used: quoted ids, HTML labels, subgraphs, attributes. */
export function readDot(text: string): DotGraph {
  const reader = new DotReader(tokensOf(text));
  return reader.graph();
}

function tokensOf(text: string): DotToken[] {
  const tokens: DotToken[] = [];
  const pattern = new RegExp(DOT_TOKEN);
  while (pattern.lastIndex < text.trimEnd().length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) throw new Error(`not dot at ${text.slice(at, at + 40)}`);
    const [, quoted, html, word, mark] = match;
    if (mark !== undefined) tokens.push({ kind: 'mark', text: mark });
    else tokens.push({ kind: 'id', text: unquote(quoted) ?? html ?? word ?? '' });
  }
  return tokens;
}

function unquote(text: string | undefined): string | undefined {
  return text?.replace(/\\(.)/gs, (_whole, character: string) =>
    character === 'n' ? '\n' : character,
  );
}

class DotReader {
  readonly #tokens: DotToken[];
  readonly #graph: DotGraph;
  #at = 0;

  constructor(tokens: DotToken[]) {
    this.#tokens = tokens;
    this.#expect('digraph');
    this.#graph = { name: this.#id(), nodes: {}, edges: [], clusters: {} };
  }

  graph(): DotGraph {
    this.#block(undefined);
    if (this.#at !== this.#tokens.length) throw new Error('text after the graph');
    return this.#graph;
  }

  #block(cluster: string | undefined): void {
    this.#expect('{');
    while (!this.#take('}')) this.#statement(cluster);
  }

  #statement(cluster: string | undefined): void {
    if (this.#take('subgraph')) {
      const name = this.#id();
      this.#graph.clusters[name] = [];
      this.#block(name);
      return;
    }
    const id = this.#id();
    if (this.#take('=')) this.#id();
    else if (this.#take(':')) this.#edge(`${id}:${this.#id()}`);
    else if (this.#peek('->')) this.#edge(id);
    else {
      const attributes = this.#attributes();
      if (id !== 'node' && id !== 'edge') this.#graph.nodes[id] = attributes;
      if (cluster !== undefined) this.#graph.clusters[cluster]?.push(id);
    }
    this.#expect(';');
  }

  #edge(from: string): void {
    this.#expect('->');
    let to = this.#id();
    if (this.#take(':')) to = `${to}:${this.#id()}`;
    this.#graph.edges.push({ from, to, attributes: this.#attributes() });
  }

  #attributes(): Attributes {
    const attributes: Record<string, string> = {};
    if (!this.#take('[')) return attributes;
    while (!this.#take(']')) {
      const name = this.#id();
      this.#expect('=');
      attributes[name] = this.#id();
      this.#take(',');
    }
    return attributes;
  }

  #id(): string {
    const token = this.#tokens[this.#at++];
    if (token?.kind !== 'id') throw new Error(`expected an id, found ${token?.text}`);
    return token.text;
  }

  #peek(text: string): boolean {
    return this.#tokens[this.#at]?.text === text;
  }

  #take(text: string): boolean {
    if (!this.#peek(text)) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text))
      throw new Error(`expected ${text}, found ${this.#tokens[this.#at]?.text}`);
  }
}

export interface XmlElement {
  readonly name: string;
  readonly attributes: Attributes;
}

const XML_PIECE =
  /<\?xml[^>]*\?>|<(\/?)([A-Za-z][\w:.-]*)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>|[^<&]+|&\w+;/uy;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

/** The elements of a well-formed document in order. */
export function readXml(text: string): XmlElement[] {
  const elements: XmlElement[] = [];
  const open: string[] = [];
  const pattern = new RegExp(XML_PIECE);
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) throw new Error(`not XML at ${text.slice(at, at + 60)}`);
    const [, closes, name, attributes = '', isEmpty] = match;
    if (name === undefined) continue;
    if (closes === '/') {
      if (open.pop() !== name) throw new Error(`</${name}> closes nothing`);
      continue;
    }
    elements.push({ name, attributes: attributesOf(attributes) });
    if (isEmpty !== '/') open.push(name);
  }
  if (open.length > 0) throw new Error(`${open.join(', ')} not closed`);
  return elements;
}

function attributesOf(text: string): Attributes {
  const pairs = [...text.matchAll(/([\w:.-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => {
    return [name, decode(value)] as const;
  });
  if (new Set(pairs.map(([name]) => name)).size < pairs.length) throw new Error('attribute twice');
  return Object.fromEntries(pairs);
}

function decode(value: string): string {
  return value.replace(/&(?:#(\d+)|(\w+));|&/g, (whole, code?: string, name?: string) => {
    if (code !== undefined) return String.fromCodePoint(Number(code));
    const character = ENTITIES[name ?? ''];
    if (character === undefined) throw new Error(`unknown entity ${whole}`);
    return character;
  });
}
