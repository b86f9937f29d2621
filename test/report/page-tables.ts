/** Rows of the tables under a heading of a page, as texts. */
export function tableUnder(page: string, heading: string): readonly (readonly string[])[] {
  const [, after = ''] = page.split(`<h2>${heading}</h2>`);
  const [body = ''] = after.split('</section>');
  const rows = body.match(/<tr>(?:<td.*?)<\/tr>/gs) ?? [];
  return rows.map((row) => (row.match(/<td.*?<\/td>/gs) ?? []).map(textOf));
}

/** What a reader sees of some markup. */
export function textOf(markup: string): string {
  return markup
    .replaceAll(/<br>/g, ' ')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&#39;', "'")
    .replaceAll('&gt;', '>')
    .trim();
}
