import { type Markup, markup } from './markup.ts';
import type { Tone } from './tone.ts';

/** A cell: text, a number shown as given, a share with a bar, a word with a tone, a command, or markup. */
export type Cell =
  | string
  | { readonly type: 'number'; readonly text: string }
  | { readonly type: 'date'; readonly text: string }
  /** `percent` from 0 to 100 decides the length. */
  | {
      readonly type: 'bar';
      readonly percent: number;
      readonly text: string;
      readonly tone: Tone;
    }
  | { readonly type: 'badge'; readonly text: string; readonly tone: Tone }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'markup'; readonly body: Markup; readonly isNarrow?: boolean };

export interface HtmlTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Said instead of the table when it has no rows. */
  readonly whenEmpty: string;
  /** Rows beyond these are folded away. */
  readonly show?: number;
}

/** A table that scrolls sideways by itself where the screen is narrow. */
export function htmlTable({ columns, rows, whenEmpty, show = Infinity }: HtmlTable): Markup {
  if (rows.length === 0) return markup`<p class="note">${whenEmpty}</p>`;
  const kinds = columns.map((_, at) => kindOf(rows[0]?.[at]));
  const head = columns.map(
    (name, at) => markup`<th${kinds[at] === 'number' ? markup` class="number"` : ''}>${name}</th>`,
  );
  const table = (some: HtmlTable['rows']): Markup =>
    markup`<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>
${some.map((row) => markup`<tr>${row.map(cellOf)}</tr>\n`)}</tbody></table></div>`;
  if (rows.length <= show) return table(rows);
  const rest = rows.slice(show);
  return markup`${table(rows.slice(0, show))}
<details><summary>${rest.length} more</summary>${table(rest)}</details>`;
}

/** A word with a tone, for use in running markup. */
export function badge(text: string, tone: Tone): Markup {
  return markup`<span class="badge ${tone}">${text}</span>`;
}

function kindOf(cell: Cell | undefined): string {
  return typeof cell === 'object' ? cell.type : 'text';
}

function cellOf(cell: Cell): Markup {
  if (typeof cell === 'string') {
    return cell.length > 40 ? markup`<td class="wide">${cell}</td>` : markup`<td>${cell}</td>`;
  }
  switch (cell.type) {
    case 'number':
      return markup`<td class="number">${cell.text}</td>`;
    case 'date':
      return markup`<td class="date">${cell.text}</td>`;
    case 'bar':
      return markup`<td class="bar"><b>${cell.text}</b>${barOf(cell.percent, cell.tone)}</td>`;
    case 'badge':
      return markup`<td>${badge(cell.text, cell.tone)}</td>`;
    case 'code':
      return markup`<td><code>${cell.text}</code></td>`;
    case 'markup':
      return cell.isNarrow === true
        ? markup`<td>${cell.body}</td>`
        : markup`<td class="wide">${cell.body}</td>`;
  }
}

function barOf(percent: number, tone: Tone): Markup {
  const width = Math.max(0, Math.min(100, percent)).toFixed(1);
  return markup`<span class="track"><i class="${tone}" style="width:${width}%"></i></span>`;
}
