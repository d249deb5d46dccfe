// web2 comes before web10, and the language of the system is of no account
const COLLATOR = new Intl.Collator('en', { numeric: true });

/** A sorted copy. */
export function inNaturalOrder<T>(values: readonly T[], textOf: (value: T) => string): T[] {
  return values
    .map((value) => ({ value, text: textOf(value) }))
    .sort((a, b) => COLLATOR.compare(a.text, b.text))
    .map(({ value }) => value);
}
