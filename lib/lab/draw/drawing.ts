import { printable } from '../../common/printable';
import type { Link } from '../../links/link-view';
import type { Nat } from '../nat/behavior';
import { inNaturalOrder } from './natural-order';
import type { SeenEnd, SeenSpace, Sight } from './sight';
import { nodeFaults } from './node-faults';
import { impairmentWords, routeWords } from './phrases';

// A drawing is what every format shows. Its texts have no character that a terminal would carry out; what a format itself would take for
// more than text, the format escapes.

/** Whether packets pass: all of them, some of them or late, or none. */
export type State = 'up' | 'impaired' | 'cut';

export interface DrawnDevice {
  name: string;
  addrs: string[];
  /** 'mtu 1400', 'vlan', 'in br0' */
  notes: string[];
  /** 'delay 50 ms, loss 1 %', 'down', 'no carrier' */
  faults: string[];
  state: State;
}

export interface DrawnNode {
  name: string;
  devices: DrawnDevice[];
  /** 'default via 10.0.0.1' */
  routes: string[];
  /** 'nat home on eth1', 'tcp 8080 to 10.0.0.2:80' */
  nat: string[];
  /** 'isolated', 'cut off from b and c' */
  faults: string[];
}

export interface DrawnSwitch {
  name: string;
  /** The node in which it is; undefined of a lab's. */
  node?: number;
  notes: string[];
  faults: string[];
  state: State;
}

/** An end of a wire: a device of a node, or a port of a switch; by their places in the lists. */
export type DrawnEnd =
  | { node: number; device: number }
  /** `port` is undefined where a bridge is itself a device of its node. */
  | { switch: number; port?: string; notes: string[]; faults: string[] };

export interface Wire {
  ends: readonly [DrawnEnd, DrawnEnd];
  state: State;
}

export interface Drawing {
  nodes: DrawnNode[];
  switches: DrawnSwitch[];
  wires: Wire[];
}

/** That of an Ethernet device (ETH_DATA_LEN). */
const DEFAULT_MTU = 1500;

/** Devices that the kernel itself puts into a namespace, where the modules of tunnels are loaded. */
const FALLBACKS = /^(?:tunl0|gre0|gretap0|erspan0|ip_vti0|ip6_vti0|sit0|ip6tnl0|ip6gre0)$/;

const LOCAL_ADDR = /^(?:fe[89ab]|127\.0\.0\.1\/|::1\/)/;

/** What is seen, as it is drawn: all in natural order. */
export function drawingOf({ spaces, pairs }: Sight): Drawing {
  const drawing: Drawing = { nodes: [], switches: [], wires: [] };
  const wired = new Set(pairs.flat().map(({ link }) => link));
  const ends = new Map<Link, DrawnEnd>();
  const faults = nodeFaults(spaces);
  for (const space of inNaturalOrder(spaces, ({ name = '' }) => name))
    drawSpace(space, wired, drawing, ends, faults.get(space) ?? []);
  for (const [one, other] of pairs) {
    const [from, to] = [ends.get(one.link), ends.get(other.link)];
    if (from === undefined || to === undefined) continue;
    sayOnce(drawing, from, to);
    sayOnce(drawing, to, from);
    drawing.wires.push({ ends: [from, to], state: worst(stateOf(one), stateOf(other)) });
  }
  drawing.wires = inNaturalOrder(drawing.wires, ({ ends: both }) =>
    both.map((end) => placeOf(end)).join(' '),
  );
  return drawing;
}

/** Takes from a port what follows of its other end: the same MTU, and that there is no carrier where that one is down. */
function sayOnce({ nodes }: Drawing, port: DrawnEnd, other: DrawnEnd): void {
  if (!('switch' in port)) return;
  const device = 'node' in other ? nodes[other.node]?.devices[other.device] : other;
  port.notes = port.notes.filter((note) => device?.notes.includes(note) !== true);
  if (device?.faults.includes('down') === true)
    port.faults = port.faults.filter((fault) => fault !== 'no carrier');
}

function placeOf(end: DrawnEnd): string {
  return 'switch' in end ? `0 ${end.switch} ${end.port ?? ''}` : `1 ${end.node} ${end.device}`;
}

function drawSpace(
  space: SeenSpace,
  wired: ReadonlySet<Link>,
  drawing: Drawing,
  ends: Map<Link, DrawnEnd>,
  faults: string[],
): void {
  const links = inNaturalOrder(space.links, ({ name }) => name);
  const bridges = new Map<number, number>();
  const node = space.name === undefined ? undefined : drawing.nodes.length;
  for (const link of links.filter(({ kind }) => kind === 'bridge')) {
    bridges.set(link.index, drawing.switches.length);
    const end = { space, link };
    drawing.switches.push({
      name: printable(link.name),
      ...(node !== undefined && { node }),
      notes: mtuOf(end),
      faults: faultsOf(end),
      state: stateOf(end),
    });
  }
  const devices: DrawnDevice[] = [];
  for (const link of links) {
    const end = { space, link };
    const bridge = link.master === undefined ? undefined : bridges.get(link.master);
    const addrs = addrsOf(end);
    if (bridge !== undefined && wired.has(link)) {
      ends.set(link, {
        switch: bridge,
        port: printable(link.name),
        notes: mtuOf(end),
        faults: faultsOf(end),
      });
      if (addrs.length === 0) continue;
    }
    if (node === undefined || isPlain(link, addrs)) continue;
    const place = { node, device: devices.length };
    const own = bridges.get(link.index);
    if (own !== undefined) {
      drawing.wires.push({
        ends: [{ switch: own, notes: [], faults: [] }, place],
        state: link.up ? 'up' : 'cut',
      });
    } else if (!ends.has(link)) ends.set(link, place);
    devices.push({
      name: printable(link.name),
      addrs,
      notes: [...placeNotes(end, wired), ...mtuOf(end)],
      faults: faultsOf(end),
      state: stateOf(end),
    });
  }
  if (space.name === undefined) return;
  const names = new Map(links.map(({ index, name }) => [index, name]));
  const routes = space.routes
    .filter(({ protocol }) => protocol !== 'kernel')
    .map((route) => printable(routeWords(route, names)));
  drawing.nodes.push({
    name: printable(space.name),
    devices,
    routes: inNaturalOrder(routes, (text) => text),
    nat: natWords(space.nat),
    faults,
  });
}

function natWords(nat: Nat | undefined): string[] {
  if (nat === undefined) return [];
  const published = nat.published.map(
    ({ protocol, port, addr, toPort }) => `${protocol} ${port} to ${addr}:${toPort}`,
  );
  return [`nat ${nat.preset} on ${printable(nat.device)}`, ...inNaturalOrder(published, (text) => text)];
}

/** Every namespace has such devices. */
function isPlain({ name, up, flags }: Link, addrs: readonly string[]): boolean {
  return addrs.length === 0 && (flags.includes('loopback') || (FALLBACKS.test(name) && !up));
}

function addrsOf({ space, link }: SeenEnd): string[] {
  const own = space.addrs.filter(({ index, addr }) => index === link.index && !LOCAL_ADDR.test(addr));
  return own.map(({ addr }) => addr);
}

/** What a device is and belongs to, where a wire does not show it. */
function placeNotes({ space, link }: SeenEnd, wired: ReadonlySet<Link>): string[] {
  const { kind, linkNsid } = link;
  const nameOf = (index?: number) => space.links.find((other) => other.index === index)?.name;
  const below = linkNsid === undefined && kind !== 'veth' ? nameOf(link.link) : undefined;
  const master = nameOf(link.master);
  return [
    ...(kind === undefined || kind === 'veth' ? [] : [kind]),
    ...(kind === 'veth' && !wired.has(link) ? ['to elsewhere'] : []),
    ...(below === undefined ? [] : [`over ${below}`]),
    ...(master === undefined ? [] : [`in ${master}`]),
  ].map((text) => printable(text));
}

function mtuOf({ link: { mtu, flags } }: SeenEnd): string[] {
  return mtu === DEFAULT_MTU || flags.includes('loopback') ? [] : [`mtu ${mtu}`];
}

function faultsOf({ link, space }: SeenEnd): string[] {
  const { whole, classes = [] } = space.shapes.get(link.index) ?? {};
  const ofSome = new Set([...classes].map(([, options]) => `${impairmentWords(options)} to some`));
  return [
    ...(whole === undefined ? [] : [impairmentWords(whole)]),
    ...ofSome,
    ...(link.up ? [] : ['down']),
    // a bridge has no carrier as long as nothing is plugged in
    ...(link.up && link.carrier === false && link.kind !== 'bridge' ? ['no carrier'] : []),
    ...(link.carrier === true && link.port?.state !== undefined && link.port.state !== 'forwarding'
      ? [`port ${link.port.state}`]
      : []),
  ];
}

function stateOf({ space, link }: SeenEnd): State {
  const { whole, classes } = space.shapes.get(link.index) ?? {};
  const isBlocked = link.port?.state === 'blocking' || link.port?.state === 'disabled';
  if (!link.up || isBlocked || whole?.loss === 100) return 'cut';
  if (link.carrier === false && link.kind !== 'bridge') return 'cut';
  return whole === undefined && !classes?.size ? 'up' : 'impaired';
}

const STATES: readonly State[] = ['up', 'impaired', 'cut'];

function worst(one: State, other: State): State {
  return STATES.indexOf(one) > STATES.indexOf(other) ? one : other;
}
