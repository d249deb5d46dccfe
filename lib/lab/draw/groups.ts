import type { Drawing, DrawnDevice } from './drawing';

/** Nodes that differ in nothing but their names and addresses. */
export interface Group {
  /** The switch on which each of them has its only device. */
  switch: number;
  nodes: number[];
  device: DrawnDevice;
  routes: string[];
  /** 'cut off from b and c' */
  faults: string[];
}

/** So many nodes are easily looked at one by one. */
const FEW = 5;

/** The nodes of a switch that are drawn together, so that a drawing of hundreds can be read. */
export function groupsOf({ nodes, wires }: Drawing): Group[] {
  const used = new Map<number, number>();
  for (const end of wires.flatMap(({ ends }) => ends)) {
    if ('node' in end) used.set(end.node, (used.get(end.node) ?? 0) + 1);
  }
  const alike = new Map<string, Group>();
  for (const { ends, state } of wires) {
    const port = ends.find((end) => 'switch' in end);
    const own = ends.find((end) => 'node' in end);
    if (port === undefined || own === undefined || state !== 'up') continue;
    const node = nodes[own.node];
    const [device, ...others] = node?.devices ?? [];
    if (node === undefined || device === undefined || others.length > 0) continue;
    if (used.get(own.node) !== 1 || port.notes.length > 0 || port.faults.length > 0) continue;
    const { routes, faults } = node;
    if (node.nat.length > 0) continue;
    const key = JSON.stringify([port.switch, device.name, device.notes, routes, faults]);
    const group = alike.get(key) ?? { switch: port.switch, nodes: [], device, routes, faults };
    group.nodes.push(own.node);
    alike.set(key, group);
  }
  const groups = [...alike.values()].filter((group) => group.nodes.length > FEW);
  for (const group of groups) group.nodes.sort((a, b) => a - b);
  return groups;
}

/** How many stand beside each other, where all together are to be about as wide as they are high. */
export function columnsOf({ nodes }: Group): number {
  return Math.ceil(Math.sqrt(nodes.length / 2));
}

/** A group in rows. */
export function rowsOf(group: Group): number[][] {
  const columns = columnsOf(group);
  const count = Math.ceil(group.nodes.length / columns);
  return Array.from({ length: count }, (_, i) => group.nodes.slice(i * columns, (i + 1) * columns));
}
