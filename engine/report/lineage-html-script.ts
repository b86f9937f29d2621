/**
 * What the page of the asset graph does in a browser: highlights what an asset is made from and what is made from
 * it, shows what is said of a chosen one below the graph, searches, and moves along edges by arrow keys.
 * Plain JavaScript for the browser, kept as text: it must arrive there as it stands here.
 */
export const LINEAGE_SCRIPT = String.raw`
(() => {
  'use strict';
  const svg = document.querySelector('svg.lineage');
  if (svg === null) return;
  const nodes = new Map([...svg.querySelectorAll('a.node')].map((node) => [node.dataset.name, node]));
  const edges = [...svg.querySelectorAll('path.edge')];
  const items = [...document.querySelectorAll('.assets > details')];
  const tools = document.querySelector('.tools');
  const search = tools.querySelector('input');
  const found = tools.querySelector('span');
  const panel = document.querySelector('.chosen');
  const next = { up: new Map(), down: new Map() };
  for (const { dataset: { from, to } } of edges) {
    next.up.set(to, [...(next.up.get(to) ?? []), from]);
    next.down.set(from, [...(next.down.get(from) ?? []), to]);
  }
  let chosen;

  const reach = (name, side) => {
    const seen = new Set([name]);
    for (const each of seen) for (const other of next[side].get(each) ?? []) seen.add(other);
    return seen;
  };

  const mark = (name) => {
    svg.classList.toggle('marked', name !== undefined);
    const up = name === undefined ? new Set() : reach(name, 'up');
    const down = name === undefined ? new Set() : reach(name, 'down');
    for (const [each, node] of nodes) {
      node.classList.toggle('on', up.has(each) || down.has(each));
      node.classList.toggle('self', each === name);
    }
    for (const edge of edges) {
      const { from, to } = edge.dataset;
      edge.classList.toggle('on', (up.has(from) && up.has(to)) || (down.has(from) && down.has(to)));
    }
  };

  const choose = (name) => {
    const item = name === undefined ? null : document.getElementById('asset-' + name);
    chosen = item === null ? undefined : name;
    mark(chosen);
    panel.hidden = item === null;
    panel.replaceChildren();
    history.replaceState(null, '', item === null ? location.pathname + location.search : '#' + item.id);
    if (item === null) return;
    panel.className = 'chosen ' + item.className;
    const close = document.createElement('button');
    close.type = 'button';
    close.textContent = 'Close';
    close.addEventListener('click', () => {
      choose();
      nodes.get(name)?.focus();
    });
    const heading = document.createElement('h3');
    heading.textContent = name;
    panel.append(close, heading, item.querySelector('.about').cloneNode(true));
  };

  const nodeOf = (event) => event.target.closest?.('a.node')?.dataset.name;
  const nameIn = (link) => decodeURIComponent(link.getAttribute('href')).slice('#asset-'.length);

  const show = () => {
    const terms = search.value.toLowerCase().split(/\s+/).filter((term) => term !== '');
    const isSearching = terms.length > 0;
    svg.classList.toggle('searching', isSearching);
    let hits = 0;
    for (const item of items) {
      const isHit = terms.every((term) => item.dataset.search.includes(term));
      hits += isHit ? 1 : 0;
      item.hidden = !isHit;
      nodes.get(item.dataset.name)?.classList.toggle('hit', isHit);
    }
    found.textContent = isSearching ? hits + ' of ' + items.length + ' assets' : '';
  };

  const step = (from, key) => {
    const at = nodes.get(from);
    const y = (node) => Number(node.dataset.y);
    const layer = [...nodes.values()].filter((node) => node.dataset.layer === at.dataset.layer);
    const byKey = {
      ArrowLeft: () => (next.up.get(from) ?? []).map((name) => nodes.get(name)),
      ArrowRight: () => (next.down.get(from) ?? []).map((name) => nodes.get(name)),
      ArrowUp: () => layer.filter((node) => y(node) < y(at)),
      ArrowDown: () => layer.filter((node) => y(node) > y(at)),
    };
    return byKey[key]?.().sort((a, b) => Math.abs(y(a) - y(at)) - Math.abs(y(b) - y(at)))[0];
  };

  svg.addEventListener('mouseover', (event) => mark(nodeOf(event) ?? chosen));
  svg.addEventListener('mouseleave', () => mark(chosen));
  // On what holds the graph: an SVG that listens to focus becomes a stop of the Tab key itself.
  const holder = svg.parentElement;
  holder.addEventListener('focusin', (event) => mark(nodeOf(event) ?? chosen));
  holder.addEventListener('focusout', () => mark(chosen));
  svg.addEventListener('keydown', (event) => {
    const name = nodeOf(event);
    const to = name === undefined ? undefined : step(name, event.key);
    if (to === undefined) return;
    event.preventDefault();
    to.focus();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && event.target !== search && chosen !== undefined) choose();
  });
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href^="#asset-"]');
    if (link === null || link === undefined || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const name = nameIn(link);
    choose(name);
    if (svg.contains(link)) return;
    nodes.get(name)?.scrollIntoView({ block: 'nearest', inline: 'center' });
    panel.scrollIntoView({ block: 'nearest' });
  });
  search.addEventListener('input', show);
  search.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      search.value = '';
      show();
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const hit = items.find((item) => !item.hidden)?.dataset.name;
      if (search.value.trim() === '' || hit === undefined) return;
      choose(hit);
      nodes.get(hit)?.scrollIntoView({ block: 'nearest', inline: 'center' });
    }
  });
  addEventListener('hashchange', () => {
    if (location.hash.startsWith('#asset-')) choose(decodeURIComponent(location.hash).slice(7));
  });
  tools.hidden = false;
  show();
  if (location.hash.startsWith('#asset-')) choose(decodeURIComponent(location.hash).slice(7));
})();
`;
