/**
 * What a terminal would not print, but carry out: control characters, the ends of lines, the characters that turn the
 * direction of a text, and halves of surrogate pairs.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
const BYTE = 0x100;

/**
 * Escapes what must not reach a terminal as it is: '\x1b', '\u202e'. Whoever may change a namespace chooses its names,
 * comments and prefixes. All text for people passes here, line by line.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0);
    return code < BYTE ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
  });
}

/**
 * Formats a value as JSON that a terminal can print, indented by two blanks, or on one line with an indent of 0. It is equal to
 * the value when it is parsed.
 */
export function printableJson(value: unknown, indent = 2): string {
  const text = JSON.stringify(value, undefined, indent);
  return text.replace(UNPRINTABLE, (character) =>
    character === '\n' ? character : `\\u${hex(character.charCodeAt(0), 4)}`,
  );
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
