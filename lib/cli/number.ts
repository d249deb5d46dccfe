/**
 * The number that a text of the command line is. Any other text is left as it is, for the library to refuse it and to quote
 * what was typed: '0x50', '1e3', ''.
 */
export function numberOrText(text: string): number {
  const number = Number(text);
  return String(number) === text ? number : (text as unknown as number);
}
