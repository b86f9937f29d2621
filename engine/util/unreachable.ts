/** Ends an exhaustive switch: stops compiling when a case is added and not handled. */
export function unreachable(value: never): never {
  throw new Error(`Internal error: unexpected value ${JSON.stringify(value)}`);
}
