import type { Drawing, DrawnEnd } from './drawing';

/** Two spaces. */
const INDENT = '  ';

/** A drawing in lines: each node with a line for each device, route and published port, and each switch with a line for each port. */
export function toText(drawing: Drawing): string {
  const others = othersOf(drawing);
  const lines: string[] = [];
  drawing.nodes.forEach(({ name, devices, routes, nat, faults: own }, node) => {
    lines.push(`node ${name}${inBrackets(own)}`);
    devices.forEach(({ name: device, addrs, notes, faults }, i) => {
      const to = others.get(keyOf({ node, device: i })) ?? [];
      lines.push(`${INDENT}${[device, ...addrs, ...to].join(' ')}${inBrackets([...notes, ...faults])}`);
    });
    for (const route of routes) lines.push(`${INDENT}route ${route}`);
    for (const line of nat) lines.push(`${INDENT}${line}`);
  });
  drawing.switches.forEach(({ notes, faults }, i) => {
    lines.push(`switch ${switchWords(drawing, i)}${inBrackets([...notes, ...faults])}`);
    for (const { ends } of drawing.wires) {
      for (const [end, other] of [ends, [ends[1], ends[0]]] as const) {
        if (!('switch' in end) || end.switch !== i || end.port === undefined) continue;
        lines.push(
          `${INDENT}${end.port} to ${endWords(drawing, other)}${inBrackets([...end.notes, ...end.faults])}`,
        );
      }
    }
  });
  return lines.map((line) => `${line}\n`).join('');
}

function inBrackets(notes: readonly string[]): string {
  return notes.length === 0 ? '' : ` (${notes.join(', ')})`;
}

function switchWords({ switches, nodes }: Drawing, i: number): string {
  const { name = '', node } = switches[i] ?? {};
  return node === undefined ? name : `${name} of ${nodes[node]?.name ?? ''}`;
}

function endWords(drawing: Drawing, end: DrawnEnd): string {
  if ('switch' in end) return `${end.port ?? ''} on ${switchWords(drawing, end.switch)}`;
  const node = drawing.nodes[end.node];
  return `${node?.devices[end.device]?.name ?? ''} of ${node?.name ?? ''}`;
}

function keyOf({ node, device }: { node: number; device: number }): string {
  return `${node} ${device}`;
}

/** Where the wires of each device go to. */
function othersOf(drawing: Drawing): Map<string, string[]> {
  const all = new Map<string, string[]>();
  for (const { ends } of drawing.wires) {
    for (const [end, other] of [ends, [ends[1], ends[0]]] as const) {
      // a bridge is its own switch
      if (!('node' in end) || ('switch' in other && other.port === undefined)) continue;
      const words =
        'switch' in other ? `on ${switchWords(drawing, other.switch)}` : `to ${endWords(drawing, other)}`;
      all.set(keyOf(end), [...(all.get(keyOf(end)) ?? []), words]);
    }
  }
  return all;
}
