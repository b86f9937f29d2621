import { PipelineError } from '../errors.ts';
import { didYouMean } from '../util/nearest-name.ts';
import type { ColumnarRows } from '../warehouse/columns.ts';
import type { ModuleColumns } from './module-context.ts';

/** What was read of a relation, with accessors that know the type of what they give. */
export function moduleColumns(relation: string, { rows, columns }: ColumnarRows): ModuleColumns {
  const columnOf = (name: string): Float64Array | readonly (string | null)[] => {
    const found = Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (found !== undefined) return found;
    const names = Object.keys(columns);
    throw new PipelineError(`"${name}" of ${relation} was not read${didYouMean(name, names)}`, {
      code: 'UNKNOWN_COLUMN',
      hint: `read: ${names.join(', ')}`,
    });
  };
  return {
    rows,
    columns: { ...columns },
    numbers: (name) => {
      const values = columnOf(name);
      if (values instanceof Float64Array) return values;
      throw otherKind(`${relation}.${name}`, 'texts', 'numbers');
    },
    texts: (name) => {
      const values = columnOf(name);
      if (!(values instanceof Float64Array)) return values;
      throw otherKind(`${relation}.${name}`, 'numbers', 'texts');
    },
  };
}

function otherKind(column: string, is: string, wanted: string): PipelineError {
  return new PipelineError(`${column} is a column of ${is}, not of ${wanted}`, {
    code: 'COLUMN_TYPE',
    hint: `take it with ${is}(…)`,
  });
}
