import { createHash } from 'node:crypto';

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
  /** Rules of this page alone, after those of every page. */
  readonly style?: string;
  /** What the page does beyond what it says; without it, or where scripts are off, it must still say everything. */
  readonly script?: string;
}

/**
 * A whole HTML document in one string: no font, no image, no request beyond itself and no script but the page's
 * own, which its content security policy holds it to. It follows the reader's choice of light or dark.
 */
export function htmlPage(page: Page): string {
  const { style = '', script } = page;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:${scriptRule(script)}">
<link rel="icon" href="data:,">
<title>${page.title}</title>
<style>${{ markup: STYLE + style }}</style>
</head>
<body>
<main>
<header><h1>${page.title}</h1><p>${page.lead}</p></header>
${page.tiles.length === 0 ? undefined : markup`<div class="tiles">${page.tiles.map(tileOf)}</div>`}
${page.sections.map((each) => (isRow(each) ? rowOf(each) : sectionOf(each)))}
<footer>${page.footer}</footer>
</main>
${script === undefined ? undefined : { markup: `<script>${script}</script>` }}
</body>
</html>
`.markup;
}

/** Lets the page's own script run and no other: it is named by its hash. */
function scriptRule(script: string | undefined): Markup | undefined {
  if (script === undefined) return undefined;
  const hash = createHash('sha256').update(script).digest('base64');
  return { markup: `; script-src 'sha256-${hash}'` };
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
