import type { Drawing, DrawnDevice, DrawnEnd, DrawnNode, State } from './drawing';
import { columnsOf, type Group, groupsOf, rowsOf } from './groups';

const RED = '#b3261e';
const ORANGE = '#a15c00';

const WIRES: Readonly<Record<State, string>> = {
  up: '',
  impaired: `color="${ORANGE}", style=bold, class="impaired"`,
  cut: `color="${RED}", style=dashed, class="cut"`,
};

const COLOURS: Readonly<Record<State, string>> = { up: '#444444', impaired: ORANGE, cut: RED };

/** All its letters are alike wide, in whatever font of its kind a viewer has: Graphviz makes boxes for the letters of a font that it knows. */
export const FONT = 'Courier';

const HEAD = [
  'graph {',
  'graph [rankdir=LR, ranksep=0.3, nodesep=0.15, bgcolor=white]',
  `node [fontname="${FONT}", fontsize=10, shape=plain]`,
  `edge [fontname="${FONT}", fontsize=9, color="#666666"]`,
];

/** A drawing in the language of Graphviz. */
export function toDot(drawing: Drawing): string {
  const groups = groupsOf(drawing);
  const grouped = new Map(groups.flatMap((group) => group.nodes.map((node) => [node, group])));
  const lines = [...HEAD];
  drawing.switches.forEach((one, i) => {
    const owner = one.node === undefined ? [] : [small(`of ${drawing.nodes[one.node]?.name ?? ''}`)];
    const label = [
      `<B>${escaped(one.name)}</B>`,
      ...owner,
      ...one.notes.map((note) => small(note)),
      ...one.faults.map((fault) => coloured(fault, one.state)),
    ];
    const style =
      one.state === 'cut' ? `color="${RED}", style="filled,dashed"` : 'color="#2f6f4f", style=filled';
    lines.push(
      `${switchId(drawing, i)} [shape=ellipse, fillcolor="#e3f2e9", ${style}, label=<${label.join('<BR/>')}>]`,
    );
  });
  drawing.nodes.forEach((node, i) => {
    if (!grouped.has(i)) lines.push(`${nodeId(drawing, i)} [label=<${box(node)}>]`);
  });
  groups.forEach((group, i) => lines.push(...together(drawing, group, i)));
  for (const [i, { ends, state }] of drawing.wires.entries()) {
    if (ends.some((end) => 'node' in end && grouped.has(end.node))) continue;
    const [from, to] = 'switch' in ends[0] || !('switch' in ends[1]) ? ends : [ends[1], ends[0]];
    const labels = [portLabel(drawing, 'tail', from, to), portLabel(drawing, 'head', to, from)];
    const attributes = [`id="${wireId(i)}"`, 'minlen=3', WIRES[state], ...labels].filter(Boolean).join(', ');
    // a switch is at the left of its nodes
    const side = 'switch' in from && 'node' in to ? ':w' : '';
    lines.push(`${place(drawing, from)} -- ${place(drawing, to)}${side} [${attributes}]`);
  }
  return [...lines, '}', ''].join('\n');
}

/** Nodes in rows and columns, and the wire that stands for theirs. */
function together(drawing: Drawing, group: Group, i: number): string[] {
  const title = `${group.nodes.length} nodes, each with ${[group.device.name, ...group.device.notes].join(' ')}`;
  const words = [
    `<B>${escaped(title)}</B>`,
    ...group.faults.map((fault) => coloured(fault, 'cut')),
    ...group.routes.map((route) => escaped(route)),
  ];
  const rows = rowsOf(group).map((row) => {
    const cells = row.map((node) => `<TD>${cell(drawing.nodes[node])}</TD>`);
    return `<TR>${cells.join('')}</TR>`;
  });
  const head = `<TR><TD COLSPAN="${columnsOf(group)}">${words.join('<BR/>')}</TD></TR>`;
  return [
    `"group ${i}" [label=<${TOGETHER}${head}${rows.join('')}</TABLE>>]`,
    `${switchId(drawing, group.switch)} -- "group ${i}":w [minlen=3, penwidth=2]`,
  ];
}

const TOGETHER = '<TABLE BORDER="1" CELLBORDER="0" CELLSPACING="4" COLOR="#8aa4c8" BGCOLOR="#f6f8fc">';

const TABLE =
  '<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0" CELLPADDING="4" COLOR="#8aa4c8" BGCOLOR="white">';

function title(name: string, faults: readonly string[] = []): string {
  const words = [`<B>${escaped(name)}</B>`, ...faults.map((fault) => coloured(fault, 'cut'))];
  return `<TR><TD BGCOLOR="#dde7f5">${words.join('<BR/>')}</TD></TR>`;
}

function box({ name, devices, routes, nat, faults }: DrawnNode): string {
  const rows = devices.map(
    (device, i) => `<TR><TD PORT="d${i}" ALIGN="LEFT" BALIGN="LEFT">${deviceLabel(device)}</TD></TR>`,
  );
  const last = [...routes, ...nat].map((route) => small(route)).join('<BR/>');
  const routing = last === '' ? '' : `<TR><TD ALIGN="LEFT" BALIGN="LEFT">${last}</TD></TR>`;
  return `${TABLE}${title(name, faults)}${rows.join('')}${routing}</TABLE>`;
}

/** A node of a group, of which all but its name and addresses is said once. */
function cell(node: DrawnNode | undefined): string {
  const addrs = node?.devices[0]?.addrs ?? [];
  const row =
    addrs.length === 0 ? '' : `<TR><TD>${addrs.map((addr) => escaped(addr)).join('<BR/>')}</TD></TR>`;
  return `${TABLE}${title(node?.name ?? '')}${row}</TABLE>`;
}

function deviceLabel({ name, addrs, notes, faults, state }: DrawnDevice): string {
  const [first = '', ...others] = addrs.map((addr) => escaped(addr));
  const head = `<B>${escaped(name)}</B>${first && `&#160;${first}`}`;
  return [
    head,
    ...others,
    ...notes.map((note) => small(note)),
    ...faults.map((fault) => coloured(fault, state)),
  ].join('<BR/>');
}

function small(text: string): string {
  return `<FONT POINT-SIZE="9" COLOR="#444444">${escaped(text)}</FONT>`;
}

function coloured(note: string, state: State): string {
  return `<FONT COLOR="${COLOURS[state]}">${escaped(note)}</FONT>`;
}

/** The name of a port, where it says more than whose it is, and what is to be known of it. */
function portLabel({ nodes }: Drawing, side: 'head' | 'tail', end: DrawnEnd, other: DrawnEnd): string {
  if (!('switch' in end) || end.port === undefined) return '';
  const name = 'node' in other ? nodes[other.node]?.name : undefined;
  const isItsName = name !== undefined && (end.port === name || end.port.startsWith(`${name}.`));
  const words = [...(isItsName ? [] : [end.port]), ...end.notes, ...end.faults];
  return words.length === 0 ? '' : `${side}label=<${words.map((word) => escaped(word)).join('<BR/>')}>`;
}

function place(drawing: Drawing, end: DrawnEnd): string {
  return 'switch' in end ? switchId(drawing, end.switch) : `${nodeId(drawing, end.node)}:d${end.device}`;
}

/** By which a wire is found in the SVG. */
export function wireId(i: number): string {
  return `wire${i}`;
}

// The titles in an SVG. The first word keeps a switch apart from a node of its name.

function nodeId({ nodes }: Drawing, i: number): string {
  return quoted(`node ${nodes[i]?.name ?? ''}`);
}

function switchId({ switches, nodes }: Drawing, i: number): string {
  const { name = '', node } = switches[i] ?? {};
  return quoted(`switch ${name}${node === undefined ? '' : ` of ${nodes[node]?.name ?? ''}`}`);
}

function quoted(text: string): string {
  return `"${text.replace(/[&<>"\\]/g, (character) => `&#${character.charCodeAt(0)};`)}"`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' },
  // also here, Graphviz writes the name of the node for '\\N'
  '\\': '\\\\',
};

/** A text in a label. */
function escaped(text: string): string {
  return text.replace(/[&<>"\\]/g, (character) => ESCAPES[character] ?? character);
}
