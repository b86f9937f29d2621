/** What the page of the asset graph adds to the style sheet of every page. */
export const LINEAGE_STYLE = `
:root { --s9: #5b3fd1; --s10: #9c6b1a; --s11: #2f7d32; --s12: #a02020; }
@media (prefers-color-scheme: dark) {
  :root { --s9: #a99bff; --s10: #dcb56a; --s11: #9ccc65; --s12: #ff9a94; }
}
main { max-width: 1800px; }
${Array.from({ length: 12 }, (_, at) => `.g${at + 1} { --group: var(--s${at + 1}); }`).join(' ')}
.legend i.swatch { background: var(--group); }
.legend svg { display: inline-block; margin: 0 5px 0 0; vertical-align: -3px; }
.graph { border: 1px solid var(--line); border-radius: 8px; margin-top: 8px; }
.graph svg.lineage { margin: 0; height: auto; }
.lineage .box { fill: var(--card); }
.lineage .tint { fill: var(--group); fill-opacity: .13; stroke: var(--group); stroke-width: 1.4; }
.lineage .module .tint { stroke-dasharray: 5 2; }
.lineage .node text { font-size: 10.5px; }
.lineage .node text.name { fill: var(--text); font-size: 12px; font-weight: 600; }
.lineage .node:hover .tint, .lineage .node:focus .tint { fill-opacity: .34; }
.lineage .node:focus { outline: none; }
.lineage .node:focus-visible .tint { stroke: var(--text); stroke-width: 2.5; stroke-dasharray: none; }
.lineage .edge { fill: none; stroke: var(--soft); stroke-width: 1.1; stroke-opacity: .5; }
.lineage .edge.optional { stroke-dasharray: 5 4; }
.lineage.marked .node, .lineage.searching .node { opacity: .22; }
.lineage.searching .edge { stroke-opacity: .2; }
.lineage.marked .edge { stroke-opacity: .08; }
.lineage.searching .node.hit, .lineage.marked .node.on { opacity: 1; }
.lineage.marked .edge.on { stroke: var(--text); stroke-opacity: .85; stroke-width: 1.6; }
.lineage .node.self .tint { fill-opacity: .4; stroke-width: 2.6; }
.tools { display: flex; flex-wrap: wrap; gap: 6px 12px; align-items: center; }
.tools[hidden] { display: none; }
.tools input { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--line); border-radius: 7px;
  padding: 6px 10px; width: min(100%, 340px); }
.tools span { color: var(--soft); font-size: 13px; }
.chosen { border: 1px solid var(--line); border-left: 5px solid var(--group); border-radius: 8px; padding: 12px 16px; margin-top: 12px; }
.chosen h3 { margin: 0 0 4px; font-size: 16px; }
.chosen button { float: right; font: inherit; font-size: 13px; color: var(--accent); background: none; border: 1px solid var(--line);
  border-radius: 7px; padding: 2px 10px; cursor: pointer; }
.assets > details { border-left: 4px solid var(--group); padding: 3px 0 3px 12px; margin: 6px 0; }
.assets > details:target { background: var(--page); }
.assets > details > summary { color: var(--text); }
.assets > details > summary span { color: var(--soft); font-size: 13px; }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 2px 14px; margin: 8px 0; font-size: 14px; }
dl.facts dt { color: var(--soft); font-size: 13px; } dl.facts dd { margin: 0; overflow-wrap: anywhere; }
.about a { color: var(--accent); }
@media (max-width: 600px) { dl.facts { grid-template-columns: 1fr; } dl.facts dd { margin-bottom: 4px; } }
`;
