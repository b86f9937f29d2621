/** HTML or SVG that is safe to write out: what was put into it was escaped. */
export interface Markup {
  readonly markup: string;
}

/** What a template may hold: text, which is escaped, markup, nothing, or a list of these. */
export type MarkupPart = Markup | string | number | undefined | readonly MarkupPart[];

/** A template of HTML; everything put into it is escaped, except other markup. */
export function markup(strings: TemplateStringsArray, ...parts: readonly MarkupPart[]): Markup {
  let text = strings[0] ?? '';
  for (const [index, part] of parts.entries()) text += markupOf(part) + (strings[index + 1] ?? '');
  return { markup: text };
}

/** Text as it may stand between tags and in quoted attributes. */
export function escapeMarkup(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function markupOf(part: MarkupPart): string {
  if (part === undefined) return '';
  if (typeof part === 'string') return escapeMarkup(part);
  if (typeof part === 'number') return String(part);
  if (isList(part)) return part.map(markupOf).join('');
  return part.markup;
}

function isList(part: MarkupPart): part is readonly MarkupPart[] {
  return Array.isArray(part);
}
