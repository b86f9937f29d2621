import { type Markup, markup } from './markup.ts';
import { STYLE } from './style.ts';
import type { Tone } from './tone.ts';

/** One number at the top of a page. */
export interface Tile {
  readonly label: string;
  readonly value: string;
  readonly tone?: Tone;
}

export interface Section {
  readonly heading: string;
  /** What links within the page name it by. */
  readonly id?: string;
  /** One or two sentences under the heading: how to read what follows. */
  readonly note?: string;
  readonly body: Markup;
}

export interface Page {
  readonly title: string;
  /** What the page is about: pipeline, target, range. */
  readonly lead: string;
  readonly tiles: readonly Tile[];
  /** In order; a list in a list is set side by side where there is room. */
  readonly sections: readonly (Section | readonly Section[])[];
  /** When and from what it was made. */
  readonly footer: string;
}

/**
 * A whole HTML document in one string: no script, no font, no image and no request beyond itself, which its own
 * content security policy holds it to. It follows the reader's choice of light or dark.
 */
export function htmlPage(page: Page): string {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>${page.title}</title>
<style>${{ markup: STYLE }}</style>
</head>
<body>
<main>
<header><h1>${page.title}</h1><p>${page.lead}</p></header>
${page.tiles.length === 0 ? undefined : markup`<div class="tiles">${page.tiles.map(tileOf)}</div>`}
${page.sections.map((each) => (isRow(each) ? rowOf(each) : sectionOf(each)))}
<footer>${page.footer}</footer>
</main>
</body>
</html>
`.markup;
}

function isRow(each: Section | readonly Section[]): each is readonly Section[] {
  return Array.isArray(each);
}

function rowOf(sections: readonly Section[]): Markup {
  return markup`<div class="columns">${sections.map(sectionOf)}</div>\n`;
}

function sectionOf({ heading, id, note, body }: Section): Markup {
  const anchor = id === undefined ? undefined : markup` id="${id}"`;
  const text = note === undefined ? undefined : markup`<p class="note">${note}</p>`;
  return markup`<section${anchor}><h2>${heading}</h2>${text}${body}</section>\n`;
}

function tileOf({ label, value, tone = 'idle' }: Tile): Markup {
  return markup`<div class="tile ${tone}"><b>${value}</b><span>${label}</span></div>`;
}
