type Replacer = (this: unknown, key: string, value: unknown) => unknown;

/**
 * Formats what a program has given as JSON, and refuses nothing of it: a bigint is its digits, an error what it says, and an object within itself
 * is left out. What has a `toJSON` that throws is `otherwise`.
 */
export function anyJson(value: unknown, otherwise: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, replacer(), indent);
  } catch {
    return JSON.stringify(otherwise, undefined, indent);
  }
}

function replacer(): Replacer {
  /** Those that the value is within, the innermost last. */
  const around: unknown[] = [];
  return function (_, value) {
    if (typeof value === 'bigint') return String(value);
    if (typeof value !== 'object' || value === null) return value;
    while (around.length > 0 && around.at(-1) !== this) around.pop();
    if (around.includes(value)) return undefined;
    const shown = value instanceof Error ? wordsOf(value) : value;
    around.push(shown);
    return shown;
  };
}

/** Of which JSON itself has nothing. */
function wordsOf(error: Error): object {
  const { name, message, code } = error as Error & { code?: unknown };
  return { name, message, code };
}
