interface Named {
  readonly name: string;
}

/** The columns of a union of assets: all that any member has, by name, in the order in which they first come. */
export function unionColumns<Column extends Named>(
  members: readonly { readonly columns: readonly Column[] }[],
): readonly Column[] {
  const byName = new Map<string, Column>();
  for (const column of members.flatMap((member) => member.columns)) {
    if (!byName.has(column.name)) byName.set(column.name, column);
  }
  return [...byName.values()];
}
