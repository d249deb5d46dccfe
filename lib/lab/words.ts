import { isDeepStrictEqual } from 'node:util';
import { defined } from '../common/objects';
import { canonicalIp, ipFamily } from '../common/ip-text';
import { shown } from '../common/shown';
import type { ImpairmentOptions } from '../traffic/impairment';
import type { FlowShape } from './shaping/shape';
import { flowsOf, type Kind, type LinkThingEnd, NO_SWITCH, type Thing, type ThingOf } from './things';

// What plans say of things, and the properties by which two things of one key differ.

const deviceWords = ({ node, device }: LinkThingEnd): string => `${device} of ${node}`;

/** What netem itself chooses where it is not asked for: packets that wait at most, and since 6.6 the number that its chances begin with. */
const LIMIT = 1000;
const CHOSEN: readonly string[] = ['seed', 'gap'];

/** Whether a value of an impairment is as good as none: the kernel reports all that there is. */
function isNothing(name: string, value: unknown): boolean {
  return value === 0 || value === false || value === 'uniform' || (name === 'limit' && value === LIMIT);
}

/** What an impairment says. */
function said(options: ImpairmentOptions): [name: string, value: unknown][] {
  return Object.entries(options).filter(([name, value]) => !isNothing(name, value));
}

/** 'delay to 10.0.0.5, 10.0.0.6' */
function flowProperties({ from, to, options }: FlowShape): [name: string, value: unknown][] {
  const which = [...(from.length === 0 ? [] : [`from ${from.join(', ')}`]), `to ${to.join(', ')}`].join(' ');
  return said(options).map(([name, value]) => [`${name} ${which}`, value]);
}

interface Description<T extends Thing> {
  words: (thing: T) => string;
  /** What it has, by name; what is not asked for is left out. */
  properties: (thing: T) => Readonly<Record<string, unknown>>;
}

const DESCRIPTIONS: { readonly [K in Kind]: Description<ThingOf<K>> } = {
  switch: {
    words: ({ name }) => `switch ${name}`,
    properties: ({ up, mtu, settings }) => ({ up, mtu, ...settings }),
  },
  node: { words: ({ name }) => `node ${name}`, properties: () => ({}) },
  port: {
    words: (port) => `port ${deviceWords(port)}${port.switch === NO_SWITCH ? '' : ` on ${port.switch}`}`,
    properties: ({ switch: on, up, mtu, mac }) => ({ switch: on, up, mtu, mac }),
  },
  link: {
    words: ({ ends }) => `link of ${ends.map(deviceWords).join(' to ')}`,
    properties: ({ ends, up, mtu }) => ({
      up,
      mtu,
      ...Object.fromEntries(ends.map((end) => [`mac of ${deviceWords(end)}`, end.mac])),
    }),
  },
  addr: {
    words: (addr) => `address ${addr.addr} of ${deviceWords(addr)}`,
    properties: () => ({}),
  },
  route: {
    words: ({ node, route: { to, via, device } }) =>
      [`route to ${to}`, via && `via ${via}`, device !== undefined && `by ${device}`, `of ${node}`]
        .filter(Boolean)
        .join(' '),
    properties: ({
      route: {
        to: _to,
        table: _table,
        metric: _metric,
        family: _family,
        tos: _tos,
        protocol: _protocol,
        ...rest
      },
    }) => rest,
  },
  sysctl: {
    words: ({ node, name }) => `sysctl ${name} of ${node}`,
    properties: ({ value }) => ({ value }),
  },
  impairment: {
    words: (impairment) => `impairment of ${deviceWords(impairment)}`,
    properties: ({ options }) => Object.fromEntries(said(options)),
  },
  latency: {
    words: (latency) => `latency of ${deviceWords(latency)}`,
    properties: (latency) => Object.fromEntries(flowsOf(latency).flatMap(flowProperties)),
  },
  nat: {
    words: ({ node, preset }) => `nat ${preset} of ${node}`,
    properties: ({ kind: _kind, node: _node, published, ...nat }) => ({
      ...nat,
      published: published
        .map(({ protocol, port, addr, toPort }) => `${protocol} ${port} to ${addr}:${toPort}`)
        .sort()
        .join(', '),
    }),
  },
  rules: { words: ({ node }) => `rules of ${node}`, properties: ({ digest }) => ({ digest }) },
  process: {
    words: ({ name }) => `process ${name}`,
    properties: ({ definition }) => ({ ...definition }),
  },
};

function descriptionOf(thing: Thing): Description<Thing> {
  return DESCRIPTIONS[thing.kind] as Description<Thing>;
}

/** 'port eth0 of web1 on lan' */
export function wordsOf(thing: Thing): string {
  return descriptionOf(thing).words(thing);
}

export type Changes = Readonly<Record<string, readonly [before: unknown, after: unknown]>>;

/** Kinds of which nothing is there but what was asked for. */
const WHOLE: ReadonlySet<Kind> = new Set(['impairment', 'latency', 'nat', 'process']);

/** The properties that are asked for and are not so; of some kinds also those that are there and not asked for. */
export function changesOf(before: Thing, after: Thing): Changes {
  const found = defined({ ...descriptionOf(before).properties(before) });
  const wanted = defined({ ...descriptionOf(after).properties(after) });
  const chosen = Object.keys(found).filter((name) => !CHOSEN.includes(name.split(' ')[0] ?? ''));
  const names = [...(WHOLE.has(after.kind) ? chosen : []), ...Object.keys(wanted)];
  // these have just what they were given, which the kernel writes in no other way
  const same = after.kind === 'process' || after.kind === 'rules' ? isDeepStrictEqual : isSame;
  const different = names.filter((name) => !same(found[name], wanted[name]));
  return Object.fromEntries(different.map((name) => [name, [found[name], wanted[name]] as const]));
}

/** One part in a million: the kernel keeps times in ticks, chances in parts of 2^32, and rates in bytes. */
const CLOSE = 1e-6;

/** Whether the kernel has what was asked for: an address may be written in two ways, and a number be rounded. */
function isSame(found: unknown, wanted: unknown): boolean {
  if (typeof found === 'number' && typeof wanted === 'number') {
    return Math.abs(found - wanted) <= CLOSE * Math.abs(wanted);
  }
  if (typeof found === 'string' && typeof wanted === 'string') return canonical(found) === canonical(wanted);
  if (typeof found === 'object' && typeof wanted === 'object' && found !== null && wanted !== null) {
    return Object.entries(wanted).every(([name, value]) =>
      isSame((found as Record<string, unknown>)[name], value),
    );
  }
  return found === wanted;
}

function canonical(text: string): string {
  return ipFamily(text) === undefined ? text.toLowerCase() : canonicalIp(text);
}

/** 'mtu 1500 → 1400', 'delay to 10.0.0.4 40 → none' */
export function changeWords(changes: Changes): string {
  return Object.entries(changes)
    .map(([name, [before, after]]) => `${name} ${shownOrNone(before)} → ${shownOrNone(after)}`)
    .join(', ');
}

function shownOrNone(value: unknown): string {
  return value === undefined || value === NO_SWITCH ? 'none' : shown(value);
}
