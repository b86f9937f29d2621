import type { ResolvedStatement } from './zetasql-service.ts';

/**
 * What BigQuery refuses although its analyzer accepts it: it plans outer joins and correlated subqueries as hash joins
 * only, and says "LEFT OUTER JOIN cannot be used without a condition that is an equality of fields from both sides
 * of the join", or "correlated subqueries … unless they can be de-correlated".
 */
export function brokenLimits(statement: ResolvedStatement): readonly string[] {
  return nodesIn(statement).flatMap((node) => [
    ...outerJoin(node['resolved_join_scan_node']),
    ...correlated(node['resolved_subquery_expr_node']),
  ]);
}

type Json = Readonly<Record<string, unknown>>;

function outerJoin(node: unknown): readonly string[] {
  if (!isNode(node) || !['LEFT', 'RIGHT', 'FULL'].includes(String(node['join_type']))) return [];
  const sides = [node['left_scan'], node['right_scan']].map(
    (side) => new Set(columnRefs(side, 'column_list').map(({ id }) => id)),
  );
  const [left, right] = sides;
  const isHashed = equalities(node['join_expr']).some(([one, other]) => {
    const within = (refs: readonly ColumnRef[], side: ReadonlySet<string> | undefined): boolean =>
      refs.length > 0 && refs.every(({ id }) => side?.has(id));
    return (
      (within(one, left) && within(other, right)) || (within(one, right) && within(other, left))
    );
  });
  return isHashed ? [] : [`${String(node['join_type'])} JOIN without an equality of both sides`];
}

const READS = ['resolved_table_scan_node', 'resolved_with_ref_scan_node'];

function correlated(node: unknown): readonly string[] {
  if (!isNode(node) || !Array.isArray(node['parameter_list'])) return [];
  if (node['parameter_list'].length === 0) return [];
  const within = nodesIn(node['subquery']);
  // An array of the row itself needs no join.
  if (!within.some((inner) => READS.some((kind) => kind in inner))) return [];
  const filters = within.flatMap((inner) => [
    (inner['resolved_filter_scan_node'] as Json | undefined)?.['filter_expr'],
    (inner['resolved_join_scan_node'] as Json | undefined)?.['join_expr'],
  ]);
  const isHashed = filters.flatMap(equalities).some((sides) => {
    const [outer, inner] = sides.map((refs) => refs.map((ref) => ref.isOuter));
    if (!outer || !inner || outer.length === 0 || inner.length === 0) return false;
    const allOuter = outer.every(Boolean) && !inner.some(Boolean);
    return allOuter || (inner.every(Boolean) && !outer.some(Boolean));
  });
  return isHashed ? [] : [`correlated ${String(node['subquery_type'])} without an equality`];
}

interface ColumnRef {
  readonly id: string;
  /** Of the statement around a subquery. */
  readonly isOuter: boolean;
}

/** The columns on both sides of every equality that must hold for a condition to hold. */
function equalities(condition: unknown): readonly (readonly [ColumnRef[], ColumnRef[]])[] {
  const call = callOf(condition);
  if (call === undefined) return [];
  const name = (call.base['function'] as Json | undefined)?.['name'];
  if (name === 'ZetaSQL:$and') return call.arguments.flatMap(equalities);
  if (name !== 'ZetaSQL:$equal') return [];
  const [one, other] = call.arguments.map((argument) => columnRefs(argument));
  return one && other ? [[one, other]] : [];
}

function callOf(
  expression: unknown,
): { readonly base: Json; readonly arguments: readonly unknown[] } | undefined {
  const node = isNode(expression) ? expression['resolved_function_call_base_node'] : undefined;
  const call = isNode(node) ? node['resolved_function_call_node'] : undefined;
  const base = isNode(call) ? call['parent'] : undefined;
  if (!isNode(base)) return undefined;
  const list = base['argument_list'];
  return { base, arguments: Array.isArray(list) ? (list as readonly unknown[]) : [] };
}

/** The columns that an expression reads, or those that a scan returns in a list of it. */
function columnRefs(tree: unknown, list?: string): ColumnRef[] {
  return nodesIn(tree).flatMap((node) => {
    const ref = node['resolved_column_ref_node'];
    const columns = list === undefined ? [isNode(ref) && ref['column']] : node[list];
    if (!Array.isArray(columns)) return [];
    return (columns as readonly unknown[]).flatMap((column) => {
      if (!isNode(column) || column['column_id'] === undefined) return [];
      return {
        id: String(column['column_id']),
        isOuter: isNode(ref) && ref['is_correlated'] === true,
      };
    });
  });
}

function nodesIn(tree: unknown): readonly Json[] {
  const found: Json[] = [];
  const open: unknown[] = [tree];
  while (open.length > 0) {
    const node = open.pop();
    if (Array.isArray(node)) open.push(...(node as readonly unknown[]));
    if (!isNode(node)) continue;
    found.push(node);
    for (const [key, value] of Object.entries(node)) {
      // Types are long, and hold no columns.
      if (!key.startsWith('type') && key !== 'signature') open.push(value);
    }
  }
  return found;
}

function isNode(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
