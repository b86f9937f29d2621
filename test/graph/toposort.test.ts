import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Dag } from '../../engine/graph/dag.ts';
import { toposort } from '../../engine/graph/toposort.ts';

type Edge = readonly [parent: string, child: string];

function dagOf(nodes: readonly string[], edges: readonly Edge[]): Dag {
  const dag = new Dag();
  for (const node of nodes) dag.addNode(node);
  for (const [parent, child] of edges) dag.addEdge(parent, child);
  return dag;
}

const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 1, maxLength: 20 });

/** Nodes with edges that only lead forward in the list, so that there is no cycle. */
const acyclic = names.chain((nodes) =>
  fc
    .array(fc.tuple(fc.nat(nodes.length - 1), fc.nat(nodes.length - 1)), { maxLength: 40 })
    .map((pairs) => ({
      nodes,
      edges: pairs
        .filter(([a, b]) => a < b)
        .map(([a, b]): Edge => [nodes[a] ?? '', nodes[b] ?? '']),
    })),
);

const anyGraph = names.chain((nodes) =>
  fc
    .array(fc.tuple(fc.constantFrom(...nodes), fc.constantFrom(...nodes)), { maxLength: 40 })
    .map((edges) => ({ nodes, edges: edges as readonly Edge[] })),
);

test('without a cycle every node comes once, after all its parents', () => {
  fc.assert(
    fc.property(acyclic, ({ nodes, edges }) => {
      const sorted = toposort(dagOf(nodes, edges));
      if (sorted.type !== 'sorted') throw new Error('found a cycle');
      expect([...sorted.order].sort()).toEqual([...nodes].sort());
      for (const [parent, child] of edges) {
        expect(sorted.order.indexOf(parent)).toBeLessThan(sorted.order.indexOf(child));
      }
    }),
  );
});

test('the order does not depend on the order of declaration', () => {
  fc.assert(
    fc.property(acyclic, ({ nodes, edges }) => {
      const backwards = dagOf([...nodes].reverse(), [...edges].reverse());
      expect(toposort(backwards)).toEqual(toposort(dagOf(nodes, edges)));
    }),
  );
});

test('a cycle is reported as a closed trail along edges, whatever else is in the graph', () => {
  fc.assert(
    fc.property(anyGraph, ({ nodes, edges }) => {
      const dag = dagOf(nodes, edges);
      const sorted = toposort(dag);
      if (sorted.type === 'sorted') return;
      const { trail } = sorted;
      expect(trail.at(-1)).toBe(trail[0]);
      expect(new Set(trail).size).toBe(trail.length - 1);
      for (const [index, node] of trail.slice(1).entries()) {
        expect(dag.parents(node)).toContain(trail[index]);
      }
    }),
  );
});

test('a graph is sorted exactly when no node reaches itself', () => {
  fc.assert(
    fc.property(anyGraph, ({ nodes, edges }) => {
      const dag = dagOf(nodes, edges);
      const reachesItself = nodes.some((node) =>
        dag.children(node).some((child) => child === node || dag.descendants(child).has(node)),
      );
      expect(toposort(dag).type).toBe(reachesItself ? 'cycle' : 'sorted');
    }),
  );
});

test('a node that is its own parent is the shortest cycle', () => {
  expect(toposort(dagOf([], [['a', 'a']]))).toEqual({ type: 'cycle', trail: ['a', 'a'] });
});

test('among the nodes that are ready the alphabetically first comes first', () => {
  const dag = dagOf(['z', 'b', 'a'], [['z', 'c']]);
  expect(toposort(dag)).toEqual({ type: 'sorted', order: ['a', 'b', 'z', 'c'] });
});
