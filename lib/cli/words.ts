import { printable } from '../common/printable';
import type { Addr, Link, Neighbor, Qdisc, Route, Rule } from '..';

// Objects of a namespace as words that a person reads, as ip(8) has them. Names are anybody's, and all text is printable.

/** The name of a device by its index. */
export type NameOf = (index: number) => string;

/** Names of these links; 'if7' for another one, as ip(8) has it. */
export function namesOf(links: Iterable<Pick<Link, 'index' | 'name'>>): NameOf {
  const names = new Map([...links].map(({ index, name }) => [index, name]));
  return (index) => names.get(index) ?? `if${index}`;
}

/** Whether packets can pass: 'up', 'down', or 'no-carrier' for a device that is up without a carrier. */
export function stateOf({ up, carrier }: Link): 'up' | 'down' | 'no-carrier' {
  if (!up) return 'down';
  return carrier === false ? 'no-carrier' : 'up';
}

/** What a link is, and where it belongs: 'veth peer eth1 master br0'. */
export function kindWords(link: Link, nameOf: NameOf): string {
  const { kind, master, link: other, linkNsid, alias } = link;
  const words = [kind];
  // 0 while the other end is being deleted
  if (other !== undefined && other !== 0) {
    const relation = kind === 'veth' ? 'peer' : 'link';
    words.push(relation, linkNsid === undefined ? nameOf(other) : `if${other} in nsid ${linkNsid}`);
  }
  if (master !== undefined) words.push('master', nameOf(master));
  if (alias !== undefined) words.push('alias', alias);
  return sentence(words);
}

export function linkWords(link: Link, nameOf: NameOf): string {
  const { name, mac, mtu } = link;
  return sentence([name, stateOf(link), mac, 'mtu', mtu, kindWords(link, nameOf)]);
}

export function addrWords({ addr, peer, scope, flags }: Addr): string {
  const shown = flags.filter((flag) => SHOWN_FLAGS.includes(flag));
  return sentence([addr, ...after('peer', peer), ...(scope === 'global' ? [] : ['scope', scope]), ...shown]);
}

/** Flags of an address that decide whether it is used. */
const SHOWN_FLAGS = ['tentative', 'dadfailed', 'deprecated', 'secondary'];

export function routeWords(route: Route, nameOf: NameOf): string {
  const { type, to, via, index, table, protocol, scope, src, metric, mtu, nexthops, flags, unknown } = route;
  const hops = (nexthops ?? []).flatMap((hop) => [
    ...['nexthop', ...after('via', hop.via), 'dev', nameOf(hop.index), 'weight', hop.weight, ...hop.flags],
  ]);
  return sentence([
    ...(type === 'unicast' ? [] : [type]),
    to,
    ...after('via', via),
    ...after('dev', index === undefined ? undefined : nameOf(index)),
    ...(table === 'main' ? [] : ['table', table]),
    ...(protocol === 'boot' ? [] : ['proto', protocol]),
    ...(scope === 'global' ? [] : ['scope', scope]),
    ...after('src', src),
    ...after('metric', metric),
    ...after('mtu', mtu),
    ...hops,
    ...flags,
    ...moreWords(unknown),
  ]);
}

export function ruleWords(rule: Rule): string {
  const { priority, not, from, to, iif, oif, mark, mask, tos, uid, ipProtocol, l3mdev } = rule;
  const { sourcePort, destinationPort, suppressPrefixLength, suppressGroup, unknown, family } = rule;
  const { action, table, goto } = rule;
  const acts = table === undefined ? (goto === undefined ? [action] : ['goto', goto]) : ['lookup', table];
  return sentence([
    `${priority}:`,
    ...(not === true ? ['not'] : []),
    ...['from', from ?? 'all'],
    ...after('to', to),
    ...after('tos', tos),
    ...after('fwmark', mark === undefined ? undefined : [mark, mask].filter(isDefined).map(hex).join('/')),
    ...after('iif', iif),
    ...after('oif', oif),
    ...(l3mdev === true ? ['l3mdev'] : []),
    ...after('uidrange', typeof uid === 'number' ? `${uid}-${uid}` : rangeWords(uid)),
    ...after('ipproto', ipProtocol),
    ...after('sport', rangeWords(sourcePort)),
    ...after('dport', rangeWords(destinationPort)),
    ...(l3mdev === true ? [] : acts),
    ...after('suppress_prefixlength', suppressPrefixLength),
    ...after('suppress_ifgroup', suppressGroup),
    ...moreWords(unknown),
    ...(family === 6 && from === undefined && to === undefined ? ['(IPv6)'] : []),
  ]);
}

export function neighborWords(neighbor: Neighbor, nameOf: NameOf): string {
  const { address, index, mac, state } = neighbor;
  return sentence([address, 'dev', nameOf(index), ...after('lladdr', mac), state]);
}

type Word = string | number | undefined;

function sentence(words: readonly Word[]): string {
  return words
    .filter((word) => word !== undefined && word !== '')
    .map((word) => printable(String(word)))
    .join(' ');
}

function after(word: string, value: Word): Word[] {
  return value === undefined ? [] : [word, value];
}

/** What the kernel has beside that, by name: it is there, and nothing here has words for it. */
function moreWords(unknown: object | undefined): Word[] {
  return unknown === undefined ? [] : [`(and ${Object.keys(unknown).join(', ')})`];
}

function rangeWords(range: Rule['sourcePort']): string | number | undefined {
  return typeof range === 'object' ? `${range.from}-${range.to}` : range;
}

function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined;
}

const hex = (value: number) => `0x${value.toString(16)}`;

/** Of a netem, what says nothing: they are always there. */
const UNSAID = ['limit', 'seed'];

/** 'netem 8001: root (delay 50, loss 1)' */
export function qdiscWords({ kind, handle, parent, netem = {} }: Qdisc): string {
  const place = parent === 'root' || parent === 'ingress' ? parent : `parent ${parent}`;
  const impairment = Object.entries(netem).flatMap(([name, value]) =>
    typeof value === 'number' && value !== 0 && !UNSAID.includes(name) ? [`${name} ${value}`] : [],
  );
  return `${printable(kind)} ${handle} ${place}${impairment.length === 0 ? '' : ` (${impairment.join(', ')})`}`;
}
