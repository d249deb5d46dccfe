const WIDTH = 16;

function words(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** Both side by side, a line for every 16 bytes; a star where they differ. */
export function hexDiff(actual: Uint8Array, expected: Uint8Array): string {
  const lines = [`        ${'actual'.padEnd(3 * WIDTH)}  expected`];
  for (let at = 0; at < Math.max(actual.length, expected.length); at += WIDTH) {
    const [left, right] = [actual, expected].map((bytes) => words(bytes.subarray(at, at + WIDTH)));
    const mark = left === right ? ' ' : '*';
    lines.push(`${mark} ${at.toString(16).padStart(4, '0')}  ${left!.padEnd(3 * WIDTH)}  ${right!}`);
  }
  return lines.join('\n');
}

export function expectBytes(actual: Uint8Array, expected: Uint8Array): void {
  if (Buffer.compare(actual, expected) !== 0) throw new Error(`other bytes\n${hexDiff(actual, expected)}`);
}
