/** The first key that is not among those allowed: a misspelt setting must not be passed over in silence. */
export function unknownKey(
  settings: Readonly<Record<string, unknown>>,
  allowed: readonly string[],
): string | undefined {
  return Object.keys(settings).find((key) => !allowed.includes(key));
}
