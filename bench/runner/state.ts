import fs from 'node:fs';
import { json } from './kernel';

interface Link {
  ifname: string;
  flags: string[];
  master?: string;
  linkinfo?: { info_kind: string };
}

interface Addresses {
  ifname: string;
  flags: string[];
  addr_info: { family: string; local: string; prefixlen: number }[];
}

interface Route {
  dst: string;
  gateway?: string;
  dev: string;
}

/** What a contender has done is not what it was asked for. */
export class WrongState extends Error {}

const GATEWAY = '10.200.0.1';
const NAMES = '/run/netns';

export const netnsName = (i: number): string => `ns${String(i).padStart(4, '0')}`;

function inner(i: number): string {
  const host = i + 2;
  return `10.200.${String(host >> 8)}.${String(host & 255)}`;
}

function hasAddress(device: Addresses | undefined, matches: (local: string) => boolean): boolean {
  return !!device?.addr_info.some((a) => a.family === 'inet' && a.prefixlen === 16 && matches(a.local));
}

function* outsideProblems(n: number): Iterable<string> {
  const links = json<Link>('ip', '-d', 'link', 'show');
  const bridge = json<Addresses>('ip', 'addr', 'show', 'dev', 'br0')[0];
  if (!bridge?.flags.includes('UP')) yield 'br0 is not up';
  if (!hasAddress(bridge, (local) => local === GATEWAY)) yield `br0 lacks ${GATEWAY}/16`;
  const outer = links.filter((link) => link.linkinfo?.info_kind === 'veth' && link.master === 'br0');
  if (outer.length !== n) yield `${String(outer.length)} outer ends are on br0, not ${String(n)}`;
  const down = outer.filter((link) => !link.flags.includes('UP'));
  if (down.length) yield `${String(down.length)} outer ends are down`;
  const ports = json<Link>('bridge', 'link', 'show').filter((port) => port.master === 'br0');
  if (ports.length !== n) yield `the bridge has ${String(ports.length)} ports, not ${String(n)}`;
  const listed = new Set(json<{ name: string }>('ip', 'netns', 'list').map(({ name }) => name));
  if (listed.size !== n) yield `${String(listed.size)} namespaces are listed, not ${String(n)}`;
  for (let i = 0; i < n; i++) if (!listed.has(netnsName(i))) yield `${netnsName(i)} is not listed`;
}

function* insideProblems(i: number, anyAddress: boolean): Iterable<string> {
  const netns = netnsName(i);
  const addresses = json<Addresses>('ip', '-n', netns, 'addr', 'show');
  const eth0 = addresses.find((device) => device.ifname === 'eth0');
  if (!addresses.find((device) => device.ifname === 'lo')?.flags.includes('UP'))
    yield `${netns}: lo is not up`;
  if (!eth0?.flags.includes('UP')) yield `${netns}: eth0 is not up`;
  const right = (local: string) => (anyAddress ? local.startsWith('10.200.') : local === inner(i));
  if (!hasAddress(eth0, right)) yield `${netns}: eth0 lacks ${inner(i)}/16`;
  const routes = json<Route>('ip', '-n', netns, 'route', 'show', 'default');
  if (!routes.some((route) => route.gateway === GATEWAY && route.dev === 'eth0'))
    yield `${netns}: no default route`;
}

/** All that is wrong with a star of n; inside, all namespaces of a small one and ten of a large one are looked at. */
export function starProblems(n: number, anyAddress = false): string[] {
  return [...outsideProblems(n), ...lookedAt(n).flatMap((i) => [...insideProblems(i, anyAddress)])];
}

function lookedAt(n: number): number[] {
  const count = n <= 20 ? n : 10;
  return Array.from({ length: count }, (_, i) => Math.round((i * (n - 1)) / Math.max(count - 1, 1)));
}

/** What a teardown has left behind, links apart. */
export function leftovers(): string[] {
  return fs.readdirSync(NAMES).map((name) => `${NAMES}/${name} is left`);
}
