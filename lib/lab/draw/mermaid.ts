import type { Drawing, DrawnEnd, DrawnNode, State } from './drawing';
import { type Group, groupsOf, rowsOf } from './groups';

const LINES: Readonly<Record<State, string>> = { up: '---', impaired: '===', cut: '-.-' };

const CLASSES = [
  'classDef switch fill:#e3f2e9,stroke:#2f6f4f',
  'classDef impaired stroke:#a15c00,stroke-width:2px',
  'classDef cut stroke:#b3261e,stroke-dasharray:4',
];

/** A drawing in the language of Mermaid. */
export function toMermaid(drawing: Drawing): string {
  const groups = groupsOf(drawing);
  const grouped = new Set(groups.flatMap(({ nodes }) => nodes));
  const lines = ['flowchart LR'];
  drawing.switches.forEach(({ name, node, notes, faults, state }, i) => {
    const owner = node === undefined ? [] : [`of ${drawing.nodes[node]?.name ?? ''}`];
    lines.push(
      `s${i}([${label([name, ...owner, ...notes, ...faults])}]):::${state === 'cut' ? 'cut' : 'switch'}`,
    );
  });
  drawing.nodes.forEach((node, i) => {
    if (!grouped.has(i)) lines.push(`n${i}[${label(nodeLines(node))}]${classOf(node)}`);
  });
  groups.forEach((group, i) => lines.push(...subgraph(drawing, group, i)));
  for (const { ends, state } of drawing.wires) {
    if (ends.some((end) => 'node' in end && grouped.has(end.node))) continue;
    const words = ends.map((end) => endWords(drawing, end)).filter((word) => word !== '');
    const text = words.length === 0 ? '' : `|${label([words.join(' – ')])}|`;
    lines.push(`${place(ends[0])} ${LINES[state]}${text} ${place(ends[1])}`);
  }
  return [...lines, ...CLASSES, ''].join('\n');
}

function subgraph({ nodes }: Drawing, group: Group, i: number): string[] {
  const title = `${group.nodes.length} nodes, each with ${[group.device.name, ...group.device.notes].join(' ')}`;
  return [
    `subgraph g${i}[${label([title, ...group.faults, ...group.routes])}]`,
    ...group.nodes.map((node) => {
      const { name = '', devices = [] } = nodes[node] ?? {};
      return `n${node}[${label([name, ...(devices[0]?.addrs ?? [])])}]`;
    }),
    // an edge that is not drawn keeps two nodes beside each other
    ...rowsOf(group).flatMap((row) => (row.length > 1 ? [row.map((node) => `n${node}`).join(' ~~~ ')] : [])),
    'end',
    `s${group.switch} --- g${i}`,
  ];
}

function nodeLines({ name, devices, routes, nat, faults: own }: DrawnNode): string[] {
  return [
    name,
    ...own,
    ...devices.map(({ name: device, addrs, notes, faults }) =>
      [device, ...addrs, ...notes, ...faults].join(' '),
    ),
    ...routes,
    ...nat,
  ];
}

function classOf({ devices, faults }: DrawnNode): string {
  if (faults.length > 0) return ':::cut';
  const worst = (['cut', 'impaired'] as const).find((state) => devices.some((one) => one.state === state));
  return worst === undefined ? '' : `:::${worst}`;
}

function endWords({ nodes }: Drawing, end: DrawnEnd): string {
  if ('node' in end) return nodes[end.node]?.devices[end.device]?.name ?? '';
  return [...(end.port === undefined ? [] : [end.port]), ...end.notes, ...end.faults].join(' ');
}

function place(end: DrawnEnd): string {
  return 'switch' in end ? `s${end.switch}` : `n${end.node}`;
}

function label(lines: readonly string[]): string {
  return `"${lines.map((line) => escaped(line)).join('<br/>')}"`;
}

/** Mermaid writes a character as its number between # and a semicolon. What is not surely plain text is written so. */
function escaped(text: string): string {
  return text.replace(/[^\p{L}\p{N} .,:/%()–-]/gu, (character) => `#${character.codePointAt(0) ?? 0};`);
}
