import { align } from '../../netlink/bytes';
import { parseIp } from '../../common/check';
import {
  checkObject,
  checkOptions,
  optionsOf,
  optionTable,
  orOptions,
  trueOrFalse,
} from '../../common/options';
import { NAT_FLAGS } from '../../netlink/nfnetlink/expressions/statements';
import { mapped, registerAt, type Statement } from './match';
import type { Expression, NftElement, Range, SetReference } from './model';
import type { Selector } from './selectors';
import { ANY_MAP } from './tables';
import { immediate } from './statements';
import { DATATYPES, type TypeName } from './types';

// Translations, in chains of type nat. Only the first packet of a connection passes such a chain: conntrack translates all
// later packets in the same way.

/** How an address or a port is chosen where there are several. */
export interface NatFlags {
  /** Whether the port is chosen at random. */
  random?: boolean;
  /** Whether it is chosen by the kernel's random numbers alone, and not by a hash of the addresses, too. */
  fullyRandom?: boolean;
  /** Whether a client gets the same address each time. */
  persistent?: boolean;
}

/** A port, or a range from which one port is chosen. With a port, the rule has to match TCP, UDP or SCTP before. */
export type Ports = number | Range;

/** The address, and the port, to which a connection is translated. */
export interface NatTarget extends NatFlags {
  /** '10.0.0.1', or { from, to }. */
  address: string | { from: string; to: string };
  /** By default the port stays, where it can. */
  port?: Ports;
}

/** Translation by a map from the packet's values to an address, or to an address and a port. */
export interface NatMap extends NatFlags {
  /** The packet's values that are looked up. */
  key: Selector | readonly Selector[];
  /** A map that is there, or one that is part of the rule. */
  map: SetReference | { value: readonly TypeName[]; elements: readonly NftElement[] };
}

const RANGE = optionTable<Range>({ from: true, to: true }, ['from', 'to']);

const isPorts = orOptions(RANGE, { type: 'number', expected: 'a port, or { from, to }' });
const isAddresses = orOptions(RANGE, {
  type: 'string',
  expected: "an address like '10.0.0.1', or { from, to }",
});

const FLAGS = { random: trueOrFalse, fullyRandom: trueOrFalse, persistent: trueOrFalse } as const;
const TARGET = optionTable<NatTarget>({ ...FLAGS, address: isAddresses, port: isPorts }, ['address']);
const MAP = optionTable<NatMap>({ ...FLAGS, key: true, map: optionsOf(ANY_MAP) }, ['key', 'map']);
const PORT = optionTable<NatFlags & { port?: Ports }>({ ...FLAGS, port: isPorts });

const WORDS_OF_16_BYTES = 4;

function flagBits({ random, fullyRandom, persistent }: NatFlags): number {
  return (
    (random === true ? NAT_FLAGS.random : 0) |
    (fullyRandom === true ? NAT_FLAGS.fullyRandom : 0) |
    (persistent === true ? NAT_FLAGS.persistent : 0)
  );
}

/** Loads values into consecutive registers of 16 bytes. */
function immediates(values: readonly Buffer[]): { expressions: Expression[]; registers: number[] } {
  const registers = values.map((_, i) => registerAt(i * WORDS_OF_16_BYTES));
  return { expressions: values.map((value, i) => immediate(registers[i] ?? 1, value)), registers };
}

function portValues(port: Ports | undefined): Buffer[] {
  if (port === undefined) return [];
  const { from, to } = typeof port === 'number' ? { from: port, to: undefined } : port;
  const service = DATATYPES.inet_service;
  return [service.write(from, 'port'), ...(to === undefined ? [] : [service.write(to, 'port')])];
}

/** Appends the flags, where there are any, because nft sends them last. */
function withFlags<T extends object>(data: T, flags: number): T & { flags?: number } {
  return flags === 0 ? data : { ...data, flags };
}

function portRegisters([portMin, portMax]: readonly (number | undefined)[]) {
  return { ...(portMin !== undefined && { portMin }), ...(portMax !== undefined && { portMax }) };
}

function translate(type: 'snat' | 'dnat', target: NatTarget | NatMap): Statement {
  checkObject(target, 'target');
  if ('map' in target) return translateByMap(type, target);
  checkOptions(target, TARGET);
  const { from, to } =
    typeof target.address === 'string' ? { from: target.address, to: undefined } : target.address;
  const { family } = parseIp(from, 'address');
  const kind = family === 4 ? DATATYPES.ipv4_addr : DATATYPES.ipv6_addr;
  const addresses = [from, ...(to === undefined ? [] : [to])].map((address) =>
    kind.write(address, 'address'),
  );
  const ports = portValues(target.port);
  const { expressions, registers } = immediates([...addresses, ...ports]);
  const [addressMin, addressMax] = registers.slice(0, addresses.length);
  const data = {
    type,
    family: family === 4 ? 'ip' : 'ip6',
    ...(addressMin !== undefined && { addressMin }),
    ...(addressMax !== undefined && { addressMax }),
    ...portRegisters(registers.slice(addresses.length)),
  } as const;
  const flags = flagBits(target) | (ports.length > 0 ? NAT_FLAGS.specified : 0);
  return { expressions: [...expressions, { name: 'nat', data: withFlags(data, flags) }] };
}

function translateByMap(type: 'snat' | 'dnat', target: NatMap): Statement {
  checkOptions(target, MAP);
  const { key, map, ...flags } = target;
  const value = typeof map.value === 'string' ? [map.value as TypeName] : map.value;
  const [address, port, ...more] = Array.isArray(value) ? (value as readonly TypeName[]) : [];
  if ((address !== 'ipv4_addr' && address !== 'ipv6_addr') || more.length > 0) {
    throw new TypeError('map: expected one to an address, or to an address and a port');
  }
  const selectors: readonly Selector[] = Array.isArray(key) ? (key as Selector[]) : [key as Selector];
  const found = mapped(selectors, 'elements' in map ? map.elements : map, value as readonly TypeName[], 1);
  const portMin = registerAt(align(DATATYPES[address].size) / 4);
  const data = {
    type,
    family: address === 'ipv4_addr' ? 'ip' : 'ip6',
    addressMin: 1,
    ...(port !== undefined && { portMin }),
  } as const;
  return {
    ...found,
    expressions: [...found.expressions, { name: 'nat', data: withFlags(data, flagBits(flags)) }],
  };
}

/**
 * Redirects a connection to another address, and port: dnat({ address: '10.0.0.2', port: 80 }), or by a map, where one
 * element is one published port: dnat({ key: [ip.daddr, meta.l4proto, th.dport], map: published }). In chains of type
 * nat at prerouting and output.
 *
 * @example
 * ```ts
 * const nat = { table, name: 'nat', type: 'nat', hook: 'prerouting', priority: 'dstnat' } as const;
 * // tcp dport 8080 dnat ip to 10.0.0.2:80
 * const statements = [nft.match(nft.tcp.dport, 8080), nft.dnat({ address: '10.0.0.2', port: 80 })];
 * await nft.apply(red, [nft.addChain(nat), nft.addRule(nat, statements)]);
 * ```
 */
export function dnat(target: NatTarget | NatMap): Statement {
  return translate('dnat', target);
}

/**
 * Changes the source of a connection to another address, and port. In chains of type nat at postrouting and input.
 *
 * @example
 * ```ts
 * const nat = { table, name: 'nat', type: 'nat', hook: 'postrouting', priority: 'srcnat' } as const;
 * // ip saddr 10.1.0.0/16 snat ip to 10.0.0.1
 * const statements = [nft.match(nft.ip.saddr, '10.1.0.0/16'), nft.snat({ address: '10.0.0.1' })];
 * await nft.apply(red, [nft.addChain(nat), nft.addRule(nat, statements)]);
 * ```
 */
export function snat(target: NatTarget | NatMap): Statement {
  return translate('snat', target);
}

/**
 * Changes the source of a connection to the address of the device that it leaves by. In chains of type nat at postrouting.
 *
 * @example
 * ```ts
 * const nat = { table, name: 'nat', type: 'nat', hook: 'postrouting', priority: 'srcnat' } as const;
 * // oifname "eth0" masquerade
 * const statements = [nft.match(nft.meta.oifname, 'eth0'), nft.masquerade()];
 * await nft.apply(red, [nft.addChain(nat), nft.addRule(nat, statements)]);
 * ```
 */
export function masquerade(options: NatFlags & { port?: Ports } = {}): Statement {
  checkOptions(options, PORT);
  const { port } = options;
  const ports = portValues(port);
  const { expressions, registers } = immediates(ports);
  const flags = flagBits(options) | (ports.length > 0 ? NAT_FLAGS.specified : 0);
  const data = { ...(flags !== 0 && { flags }), ...portRegisters(registers) };
  return { expressions: [...expressions, { name: 'masq', data }] };
}

/**
 * Redirects a connection to this host, to the same or another port. In chains of type nat at prerouting and output.
 *
 * @example
 * ```ts
 * const nat = { table, name: 'nat', type: 'nat', hook: 'prerouting', priority: 'dstnat' } as const;
 * // tcp dport 80 redirect to :8080
 * const statements = [nft.match(nft.tcp.dport, 80), nft.redirect({ port: 8080 })];
 * await nft.apply(red, [nft.addChain(nat), nft.addRule(nat, statements)]);
 * ```
 */
export function redirect(options: NatFlags & { port?: Ports } = {}): Statement {
  checkOptions(options, PORT);
  const { port } = options;
  const ports = portValues(port);
  const { expressions, registers } = immediates(ports);
  const flags = flagBits(options) | (ports.length > 0 ? NAT_FLAGS.specified : 0);
  return {
    expressions: [...expressions, { name: 'redir', data: withFlags(portRegisters(registers), flags) }],
  };
}
