/** The lines of a text, without those that are empty. */
export function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** The values of a text with one in JSON on each line. */
export function jsonLines(text: string): unknown[] {
  return lines(text).map((line) => JSON.parse(line) as unknown);
}
