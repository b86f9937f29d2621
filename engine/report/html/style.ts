/** The style sheet of every page: light and dark, readable from a phone to a wide screen, and on paper. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --line: #d9dee5; --text: #1a2230; --soft: #5a6675;
  --accent: #2457c5; --accent-2: #b4540a;
  --best: #1f8a5b; --good: #8fcfa8; --fair: #f2b705; --poor: #d92d20;
  --idle: #e6e9ee; --unknown: #b7a7d6;
  --s1: #2457c5; --s2: #b4540a; --s3: #1f8a5b; --s4: #8e3bb0; --s5: #c2255c; --s6: #0b7285;
  --s7: #7a7000; --s8: #5a6675;
  --best-text: #10603c; --good-text: #2c6b45; --fair-text: #7a5a00; --poor-text: #b3170c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f141b; --card: #171e28; --line: #2c3644; --text: #e6ebf2; --soft: #9aa7b7;
    --accent: #7fa9ff; --accent-2: #f0a259;
    --best: #2fa873; --good: #2a6147; --fair: #d19e07; --poor: #f2483a;
    --idle: #232c38; --unknown: #6b5c8e;
    --s1: #7fa9ff; --s2: #f0a259; --s3: #63d3a2; --s4: #cf9be8; --s5: #ff8fb1; --s6: #5fc9d8;
    --s7: #d3d04a; --s8: #9aa7b7;
    --best-text: #63d3a2; --good-text: #86cda6; --fair-text: #f0c64a; --poor-text: #ff8b80;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 20px 20px 48px; }
header h1 { font-size: 24px; line-height: 1.2; margin: 0 0 4px; }
header p { margin: 0; color: var(--soft); }
h2 { font-size: 17px; margin: 0 0 10px; }
h3 { font-size: 14px; margin: 14px 0 6px; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 16px 18px; margin-top: 16px; }
section > p.note { margin: -4px 0 10px; color: var(--soft); font-size: 13px; }
.columns { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); align-items: start; }
.columns > section { min-width: 0; }
.tiles { display: flex; flex-wrap: wrap; gap: 10px; margin-top: 16px; }
.tile { flex: 1 1 130px; background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 10px 14px; border-left: 5px solid var(--line); }
.tile b { display: block; font-size: 22px; line-height: 1.25; font-variant-numeric: tabular-nums; }
.tile span { color: var(--soft); font-size: 13px; }
.tile.best { border-left-color: var(--best); } .tile.good { border-left-color: var(--good); }
.tile.fair { border-left-color: var(--fair); } .tile.poor { border-left-color: var(--poor); }
.tile.idle, .tile.unknown { border-left-color: var(--line); }
.scroll { overflow-x: auto; }
.scroll > table { min-width: 620px; }
.scroll > svg { max-width: none; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
caption { text-align: left; color: var(--soft); font-size: 13px; padding-bottom: 6px; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: 13px; }
th, td { padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child > td { border-bottom: 0; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td div + div { margin-top: 3px; }
td.date { white-space: nowrap; font-variant-numeric: tabular-nums; }
td.wide { min-width: 380px; }
td.bar { width: 190px; min-width: 150px; white-space: nowrap; }
td.bar b { display: inline-block; min-width: 46px; padding-right: 6px; font-weight: 600; font-variant-numeric: tabular-nums; }
.track { display: inline-block; width: calc(100% - 56px); height: 10px; border-radius: 5px; background: var(--idle); overflow: hidden; }
.track i { display: block; height: 100%; }
.badge { display: inline-block; border-radius: 9px; padding: 0 8px; font-size: 12px; line-height: 18px;
  border: 1px solid currentColor; white-space: nowrap; }
.badge.best { color: var(--best-text); } .badge.good { color: var(--good-text); }
.badge.fair { color: var(--fair-text); } .badge.poor { color: var(--poor-text); }
.badge.idle, .badge.unknown { color: var(--soft); }
code { font: 13px/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 14px; margin: 8px 0 0; padding: 0; list-style: none;
  color: var(--soft); font-size: 13px; }
.legend i { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 5px; vertical-align: -1px; }
i.best, .track i.best { background: var(--best); } i.good { background: var(--good); }
i.fair { background: var(--fair); } i.poor { background: var(--poor); }
i.idle { background: var(--idle); } i.unknown { background: var(--unknown); }
svg { display: block; max-width: 100%; height: auto; margin-bottom: 8px; }
svg text { fill: var(--soft); font-size: 11px; font-family: inherit; }
svg .title { fill: var(--text); font-size: 13px; font-weight: 600; }
svg .best { fill: var(--best); } svg .good { fill: var(--good); } svg .fair { fill: var(--fair); }
svg .poor { fill: var(--poor); } svg .idle { fill: var(--idle); } svg .unknown { fill: var(--unknown); }
svg .mark { fill: none; stroke: var(--text); stroke-width: 2; }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .line-1 { fill: none; stroke: var(--accent); stroke-width: 1.8; }
svg .line-2 { fill: none; stroke: var(--accent-2); stroke-width: 1.8; }
svg .line-3 { fill: none; stroke: var(--best); stroke-width: 1.8; }
svg .dot { fill: var(--soft); opacity: .55; }
svg .swatch-1 { fill: var(--accent); } svg .swatch-2 { fill: var(--accent-2); } svg .swatch-3 { fill: var(--best); }
svg .swatch-dot { fill: var(--soft); }
i.s1 { background: var(--s1); } svg .s1 { fill: var(--s1); stroke: var(--s1); }
i.s2 { background: var(--s2); } svg .s2 { fill: var(--s2); stroke: var(--s2); }
i.s3 { background: var(--s3); } svg .s3 { fill: var(--s3); stroke: var(--s3); }
i.s4 { background: var(--s4); } svg .s4 { fill: var(--s4); stroke: var(--s4); }
i.s5 { background: var(--s5); } svg .s5 { fill: var(--s5); stroke: var(--s5); }
i.s6 { background: var(--s6); } svg .s6 { fill: var(--s6); stroke: var(--s6); }
i.s7 { background: var(--s7); } svg .s7 { fill: var(--s7); stroke: var(--s7); }
i.s8 { background: var(--s8); } svg .s8 { fill: var(--s8); stroke: var(--s8); }
svg .stroke { fill: none; stroke-width: 2; } svg circle { stroke-width: 0; }
svg .diagonal { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 4 4; }
svg text.row { fill: var(--text); font-size: 12px; }
nav ul { margin: 0; padding-left: 18px; columns: 280px; } nav a { color: var(--accent); }
details > summary { cursor: pointer; color: var(--accent); }
footer { color: var(--soft); font-size: 13px; margin-top: 18px; }
@media print { body { background: #fff; } section, .tile { break-inside: avoid; } }
`.trim();
