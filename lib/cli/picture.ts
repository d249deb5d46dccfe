/** A bridge with its ports, and what is plugged into each. */
export interface Star {
  bridge: { name: string; addr: string };
  members: { netns: string; device: string; addr: string; port: string }[];
}

const GAP = '   ';

/**
 * Draws a star for a terminal: the bridge on top, a box for each namespace below it, and the names of both ends
 * of each pair at the ends of its line.
 */
export function drawStar({ bridge, members }: Star): string {
  const boxes = members.map(({ netns, device, addr, port }) => {
    const lines = [device, addr, `netns ${netns}`];
    return { port, lines, width: Math.max(port.length, ...lines.map((line) => line.length)) + 2 };
  });
  const row = (cell: (box: (typeof boxes)[number]) => string) => ` ${boxes.map(cell).join(GAP)}`;
  const total = boxes.reduce((sum, { width }) => sum + width + 2, 0) + GAP.length * (boxes.length - 1);

  const drawn = [
    ` ┌${'─'.repeat(total - 2)}┐`,
    ` │${center(`${bridge.name}  ${bridge.addr}`, total - 2)}│`,
    replaceMiddles(` └${'─'.repeat(total - 2)}┘`, boxes, '┬'),
    row(({ port, width }) => center(port, width + 2)),
    row(({ width }) => center('│', width + 2)),
    row(({ width }) => `┌${center('┴', width, '─')}┐`),
    ...[0, 1, 2].map((line) => row(({ lines, width }) => `│${center(lines[line] ?? '', width)}│`)),
    row(({ width }) => `└${'─'.repeat(width)}┘`),
  ];
  return drawn.map((line) => line.trimEnd()).join('\n');
}

function center(text: string, width: number, fill = ' '): string {
  const left = Math.floor((width - text.length) / 2);
  return text.padStart(left + text.length, fill).padEnd(width, fill);
}

/** The line with a character set where each box has its middle. */
function replaceMiddles(line: string, boxes: readonly { width: number }[], character: string): string {
  const characters = Array.from(line);
  let start = 1;
  for (const { width } of boxes) {
    characters[start + 1 + Math.floor((width - 1) / 2)] = character;
    start += width + 2 + GAP.length;
  }
  return characters.join('');
}
