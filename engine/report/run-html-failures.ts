import { describeGroupDays, groupFailures } from './failure-groups.ts';
import { type Markup, markup } from './html/markup.ts';
import { type Cell, htmlTable } from './html/table.ts';
import { categoryHint, categoryTitle } from './messages.ts';
import type { RunReport } from './run-html.ts';
import { formatCount } from './text.ts';

/** Failures as the text report groups them, with what to do about each category once. */
export function failureList({ result, daysOf }: RunReport): Markup {
  const hinted = new Set<string>();
  const groups = groupFailures(result.failures).map((group) => {
    const tone = group.type === 'failed' ? 'poor' : 'fair';
    const hint = group.type === 'failed' ? categoryHint(group.category) : undefined;
    const isNew = hint !== undefined && !hinted.has(group.category);
    hinted.add(group.category);
    const alike = group.isVaried ? ' (and others like it)' : '';
    return [
      { type: 'badge', text: group.type, tone },
      group.asset,
      {
        type: 'markup',
        body: markup`${formatCount(group.days.length)}<br>${describeGroupDays(group, daysOf)}`,
        isNarrow: true,
      },
      wrapped(
        markup`<code>${group.category}</code> ${group.message || categoryTitle(group.category)}${alike}${isNew ? markup`<br><em>${hint}</em>` : undefined}`,
      ),
    ] as const;
  });
  return htmlTable({
    columns: ['', 'asset', 'partitions', 'why'],
    rows: groups,
    whenEmpty: 'Nothing failed.',
    show: 50,
  });
}

/** Every check that failed, also those that let the rows be published. */
export function checkTable({ result, daysOf }: RunReport): Markup {
  return htmlTable({
    columns: ['', 'asset', 'check', 'partitions', 'rows', 'found first'],
    rows: result.checks.map((check) => [
      {
        type: 'badge',
        text: check.severity,
        tone: check.severity === 'error' ? 'poor' : 'fair',
      },
      check.asset,
      check.check,
      { type: 'markup', body: markup`${describeGroupDays(check, daysOf)}`, isNarrow: true },
      { type: 'number', text: formatCount(check.rows) },
      wrapped(markup`${check.message}${check.blocking ? ' (not published)' : ''}`),
    ]),
    whenEmpty: 'No check failed.',
    show: 50,
  });
}

/** Messages hold rows as examples, which are long words. */
function wrapped(body: Markup): Cell {
  return {
    type: 'markup',
    body: markup`<div style="overflow-wrap:anywhere">${body}</div>`,
  };
}
