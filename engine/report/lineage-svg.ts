import { type Markup, markup } from './html/markup.ts';
import type { LineageAsset } from './lineage-asset.ts';
import { layOut, type PlacedNode } from './lineage-layout.ts';

/** How many groups have a colour of their own; the names below stand in the page's style sheet. */
export const GROUP_COLORS = 12;

/** Characters of a name that are drawn; longer ones end in an ellipsis. */
const LONGEST_LABEL = 40;

/** The class that colours a group, by its place from 0. */
export function groupClass(at: number): string {
  return `g${(at % GROUP_COLORS) + 1}`;
}

/** The groups in the order of first appearance. */
export function groupsOf(assets: readonly LineageAsset[]): readonly string[] {
  return [...new Set(assets.map(({ asset }) => asset.group))];
}

/** What links within the page name an asset by. */
export function anchorOf(name: string): string {
  return `asset-${name}`;
}

/** The graph as a picture: a link per asset, a path per edge between assets that are shown. */
export function lineageSvg(assets: readonly LineageAsset[]): Markup {
  const shown = new Map(assets.map((each) => [String(each.asset.name), each]));
  const edges = assets.flatMap(({ asset, reads }) =>
    reads.filter((read) => shown.has(read.asset)).map((read) => ({ ...read, reader: asset.name })),
  );
  const layout = layOut(
    [...shown.keys()],
    edges.map(({ asset, reader }) => [asset, reader] as const),
    (name) => widthOf(shown.get(name)),
  );
  const { width, height, paths } = layout;
  const groups = groupsOf(assets);
  const lines = edges.map(({ asset, reader, window, optional }, at) => {
    const dashed = optional ? ' optional' : '';
    const title = `${asset} → ${reader}: ${window}${optional ? ', optional' : ''}`;
    return markup`<path class="edge${dashed}" data-from="${asset}" data-to="${reader}" d="${paths[at]}"><title>${title}</title></path>\n`;
  });
  const boxes = layout.nodes.map((node) => {
    const each = shown.get(node.name);
    return each === undefined ? undefined : boxOf(each, node, groups);
  });
  return markup`<svg class="lineage" role="group" aria-label="Graph of ${assets.length} assets, from left to right" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<g>${lines}</g>
<g>${boxes}</g>
</svg>`;
}

function widthOf(each: LineageAsset | undefined): number {
  if (each === undefined) return 0;
  // Wide letters of common fonts at the sizes of the style sheet.
  const wanted = Math.max(labelOf(each).length * 8, detailOf(each).length * 6.6);
  return Math.round(wanted) + 26;
}

function labelOf({ asset: { name } }: LineageAsset): string {
  return name.length <= LONGEST_LABEL ? name : `${name.slice(0, LONGEST_LABEL - 1)}…`;
}

function detailOf({ asset }: LineageAsset): string {
  return [asset.kind, asset.partitionSet ?? 'no partitions'].join(' · ').slice(0, LONGEST_LABEL);
}

function boxOf(each: LineageAsset, node: PlacedNode, groups: readonly string[]): Markup {
  const { name, kind, group, description } = each.asset;
  const { x, y, width, height, layer } = node;
  const round = kind === 'source' ? height / 2 : kind === 'module' ? 0 : 6;
  const color = groupClass(groups.indexOf(group));
  const says = `${name}, ${kind} of ${group}`;
  return markup`<a class="node ${kind} ${color}" href="#${anchorOf(name)}" data-name="${name}" data-layer="${layer}" data-y="${y}" aria-label="${says}"><title>${description === '' ? says : `${says}: ${description}`}</title>
<rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="${round}"/>
<rect class="tint" x="${x}" y="${y}" width="${width}" height="${height}" rx="${round}"/>
<text class="name" x="${x + 13}" y="${y + 17}">${labelOf(each)}</text><text x="${x + 13}" y="${y + 31}">${detailOf(each)}</text></a>
`;
}
