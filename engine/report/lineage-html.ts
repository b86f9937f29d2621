import type { CompiledAsset } from '../compile/compiled.ts';
import type { Column } from '../config/pipeline.ts';
import type { AssetName } from '../ids.ts';
import { type Markup, markup } from './html/markup.ts';
import { htmlPage, type Section, type Tile } from './html/page.ts';
import { type Cell, htmlTable } from './html/table.ts';
import type { ColumnOrigin, LineageAsset, LineageRead } from './lineage-asset.ts';
import { LINEAGE_SCRIPT } from './lineage-html-script.ts';
import { LINEAGE_STYLE } from './lineage-html-style.ts';
import { anchorOf, groupClass, groupsOf, lineageSvg } from './lineage-svg.ts';
import { formatCount } from './text.ts';

/** What the page of the asset graph tells. */
export interface LineageReport {
  readonly pipeline: string;
  readonly description: string;
  /** How many assets the pipeline has in all. */
  readonly of: number;
  /** The selected ones, in topological order. */
  readonly assets: readonly LineageAsset[];
  /** When the page was made, as people read it. */
  readonly made: string;
}

/** The graph of assets as one page that needs nothing else: a picture, and everything that is declared of each. */
export function lineagePage(report: LineageReport): string {
  const { pipeline, description, assets, of, made } = report;
  const all = assets.length === of;
  return htmlPage({
    title: `${pipeline}: assets and what they are made from`,
    lead: [description, all ? '' : `${assets.length} of ${of} assets.`].join(' ').trim(),
    tiles: tilesOf(assets),
    sections: assets.length === 0 ? [nothing()] : [graphSection(assets), listSection(assets)],
    footer: `Made ${made} by fastbreak lineage.`,
    style: LINEAGE_STYLE,
    script: LINEAGE_SCRIPT,
  });
}

function nothing(): Section {
  return { heading: 'Graph', body: markup`<p>No asset is selected.</p>` };
}

function tilesOf(assets: readonly LineageAsset[]): readonly Tile[] {
  const shown = new Set(assets.map(({ asset }) => asset.name));
  const edges = assets.flatMap(({ reads }) => reads.filter(({ asset }) => shown.has(asset)));
  const columns = assets.flatMap(({ asset }) => asset.columns);
  const sources = assets.filter(({ asset }) => asset.kind === 'source');
  return [
    { label: 'assets', value: formatCount(assets.length) },
    { label: 'of them sources', value: formatCount(sources.length) },
    { label: 'edges', value: formatCount(edges.length) },
    { label: 'columns', value: formatCount(columns.length) },
  ];
}

function graphSection(assets: readonly LineageAsset[]): Section {
  return {
    heading: 'Graph',
    id: 'graph',
    note: 'What is read stands left of what reads it. Choose an asset to see what is declared of it; dashed edges are optional.',
    body: markup`<div class="tools" hidden><input type="search" placeholder="Search names, descriptions, columns" aria-label="Search assets"><span role="status"></span></div>
<div class="scroll graph" tabindex="0" role="region" aria-label="The graph; it scrolls sideways">${lineageSvg(assets)}</div>
${legendOf(assets)}
<div class="chosen" role="region" aria-label="Chosen asset" hidden></div>`,
  };
}

function legendOf(assets: readonly LineageAsset[]): Markup {
  const groups = groupsOf(assets).map(
    (group, at) => markup`<li class="${groupClass(at)}"><i class="swatch"></i>${group}</li>`,
  );
  const kinds = [
    ['source', 8, '', 'source: rows of files'],
    ['sql', 3, '', 'sql: a SELECT'],
    ['module', 0, '5 2', 'module: TypeScript'],
  ] as const;
  const shapes = kinds
    .filter(([kind]) => assets.some(({ asset }) => asset.kind === kind))
    .map(
      ([, round, dashes, label]) =>
        markup`<li><svg width="30" height="18" aria-hidden="true"><rect x="1" y="1" width="28" height="16" rx="${round}" fill="none" stroke="currentColor" stroke-dasharray="${dashes}"/></svg>${label}</li>`,
    );
  return markup`<ul class="legend">${groups}</ul><ul class="legend">${shapes}</ul>`;
}

function listSection(assets: readonly LineageAsset[]): Section {
  const readers = new Map<AssetName, AssetName[]>();
  for (const { asset, reads } of assets) {
    for (const read of reads) {
      readers.set(read.asset, [...(readers.get(read.asset) ?? []), asset.name]);
    }
  }
  const groups = groupsOf(assets);
  const shown = new Set(assets.map(({ asset }) => asset.name));
  const items = assets.map((each) => {
    const { name, kind, group } = each.asset;
    const color = groupClass(groups.indexOf(group));
    return markup`<details class="${color}" id="${anchorOf(name)}" data-name="${name}" data-search="${searchText(each.asset)}"><summary><b>${name}</b> <span>${group} · ${kind}</span></summary>
<div class="about">${aboutOf(each, readers.get(name) ?? [], shown)}</div></details>
`;
  });
  return {
    heading: 'Assets',
    id: 'assets',
    note: 'In an order in which they can be made.',
    body: markup`<div class="assets">${items}</div>`,
  };
}

function searchText({ name, group, kind, description, tags, columns }: CompiledAsset): string {
  const words = [name, group, kind, description, ...tags, ...columns.map((column) => column.name)];
  return words.join(' ').toLowerCase();
}

type Shown = ReadonlySet<AssetName>;

function aboutOf(each: LineageAsset, readers: readonly AssetName[], shown: Shown): Markup {
  const { asset, reads } = each;
  const readBy = readers.map((name, at) => [at === 0 ? '' : ', ', linkTo(name, shown)]);
  return markup`<p>${asset.description}</p>${factsOf(asset)}
${reads.length === 0 ? undefined : readsTable(reads, shown)}
${readers.length === 0 ? undefined : markup`<p>Read by ${readBy}.</p>`}
${columnTable(each, shown)}`;
}

function readsTable(reads: readonly LineageRead[], shown: Shown): Markup {
  const notes = reads.map(({ optional, unions }) =>
    [...(optional ? ['optional'] : []), ...unions.map((union) => `as part of ${union}`)].join(', '),
  );
  const hasNotes = notes.some((note) => note !== '');
  return htmlTable({
    columns: ['Reads', 'Window', ...(hasNotes ? ['How'] : [])],
    rows: reads.map(({ asset, window }, at): readonly Cell[] => [
      { type: 'markup', body: linkTo(asset, shown), isNarrow: true },
      window,
      ...(hasNotes ? [notes[at] ?? ''] : []),
    ]),
    whenEmpty: '',
  });
}

function factsOf(asset: CompiledAsset): Markup {
  const { partitionSet, partitionColumn } = asset;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Kind', asset.kind],
    ['Group', asset.group],
    ['Table', `${asset.dataset}.${asset.name}`],
    ['Made by', asset.file],
    ['Files', asset.source?.path],
    ['Partitions', partitionSet === undefined ? 'none' : `${partitionSet}, by ${partitionColumn}`],
    ['Key', asset.key.join(', ')],
    ['Owner', asset.owner],
    ['Tags', asset.tags.join(', ')],
  ];
  const lines = facts.flatMap(([label, value]) =>
    value === undefined || value === '' ? [] : [markup`<dt>${label}</dt><dd>${value}</dd>`],
  );
  return markup`<dl class="facts">${lines}</dl>`;
}

function columnTable({ asset, origins }: LineageAsset, shown: Shown): Markup {
  const units = asset.columns.some(({ unit }) => unit !== undefined);
  const withOrigins = origins !== undefined && asset.kind !== 'module';
  return htmlTable({
    columns: [
      'Column',
      'Type',
      ...(units ? ['Unit'] : []),
      'Description',
      ...(withOrigins ? ['Made from'] : []),
    ],
    rows: asset.columns.map((column): readonly Cell[] => [
      { type: 'code', text: column.name },
      `${column.type}${column.nullable ? ', may be NULL' : ''}`,
      ...(units ? [column.unit ?? ''] : []),
      column.description,
      ...(withOrigins
        ? [
            {
              type: 'markup' as const,
              body: originsOf(asset, column, origins.get(column.name) ?? [], shown),
            },
          ]
        : []),
    ]),
    whenEmpty: 'No columns are declared.',
  });
}

function originsOf(
  asset: CompiledAsset,
  column: Column,
  origins: readonly ColumnOrigin[],
  shown: Shown,
): Markup {
  if (asset.kind === 'source') return markup`the files' <code>${column.from ?? column.name}</code>`;
  const byAsset = [...Map.groupBy(origins, (origin) => origin.asset)];
  return markup`${byAsset.map(
    ([name, of], at) =>
      markup`${at === 0 ? '' : '; '}${linkTo(name, shown)}: <code>${of.map((each) => each.column).join(', ')}</code>`,
  )}`;
}

/** A link where the page has the asset, else its name. */
function linkTo(name: AssetName, shown: Shown): Markup {
  if (!shown.has(name)) return markup`<span>${name}</span>`;
  return markup`<a href="#${anchorOf(name)}">${name}</a>`;
}
