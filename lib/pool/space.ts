import { ipAddressOf } from '../common/ip-address';
import { ipBytes } from '../common/ip-text';
import { type Family, parseIp, parsePrefix, parseSubnet, type Prefix, refuse } from '../common/check';
import { optionsOf, optionTable } from '../common/options';
import { NumberRanges } from './number-ranges';

/** What a pool may give. The first address of the subnet, or the first subnet of the base, has place 0. */
export interface Space {
  kind: 'address' | 'subnet';
  family: Family;
  /** '10.200.0.0/16' */
  name: string;
  base: bigint;
  /** Prefix length of what is given: 32 or 128 for addresses. */
  each: number;
  count: bigint;
  /** Prefix length with which an address or subnet is written: '/16'. */
  suffix: string;
  /** The places among which the next one is looked for. */
  first: bigint;
  last: bigint;
  /** Places that are never given, with the reasons. */
  exclusions: readonly Exclusion[];
  excluded: NumberRanges;
}

interface Exclusion {
  first: bigint;
  last: bigint;
  why: string;
}

export interface AddressSpaceOptions {
  /** '10.200.0.0/16' */
  subnet: string;
  /** The addresses among which the next one is looked for, both ends included; the whole subnet by default. */
  range?: { from?: string | undefined; to?: string | undefined } | undefined;
  /** The gateway, which is never given. By default the first usable address of the subnet; null: there is no gateway. */
  gateway?: string | null | undefined;
  /** Addresses, or whole subnets, that are never given. Those outside of the subnet have no effect. */
  exclude?: readonly string[] | undefined;
}

/** @internal */
export const ADDRESS_SPACE = optionTable<AddressSpaceOptions>({
  subnet: true,
  range: optionsOf(optionTable<NonNullable<AddressSpaceOptions['range']>>({ from: true, to: true })),
  gateway: true,
  exclude: true,
});

export function addressSpace(options: AddressSpaceOptions): { space: Space; gateway: string | undefined } {
  const prefix = parseSubnet(options.subnet, 'subnet');
  const { family, length } = prefix;
  const space = emptySpace('address', prefix, BITS[family], `/${length}`);
  const ends = unusableEnds(family, length, space.count);
  const gateway = gatewayPlace(space, ends, options.gateway);
  const router = gateway === undefined ? [] : [{ first: gateway, last: gateway, why: 'it is the gateway' }];
  const { from, to } = options.range ?? {};
  return {
    space: restricted(space, [...ends, ...router, ...exclusions(space, options.exclude)], {
      first: from === undefined ? 0n : placeOf(space, from, 'range.from'),
      last: to === undefined ? space.count - 1n : placeOf(space, to, 'range.to'),
    }),
    gateway: gateway === undefined ? undefined : textAt(space, gateway),
  };
}

function gatewayPlace(
  space: Space,
  ends: readonly Exclusion[],
  gateway: string | null | undefined,
): bigint | undefined {
  if (gateway === null) return undefined;
  if (gateway === undefined) return ends.length > 0 ? 1n : 0n;
  const place = placeOf(space, gateway, 'gateway');
  refuseAmong(space, ends, place, 'gateway');
  return place;
}

export interface SubnetSpaceOptions {
  /** '10.128.0.0/9' */
  base: string;
  /** Prefix length of the subnets that the pool gives. */
  prefixLength: number;
  /**
   * Addresses or subnets in use: subnets that overlap with them are never given. Those outside of the base have no effect.
   */
  exclude?: readonly string[] | undefined;
}

/** @internal */
export const SUBNET_SPACE = optionTable<SubnetSpaceOptions>({
  base: true,
  prefixLength: true,
  exclude: true,
});

export function subnetSpace({ base, prefixLength, exclude }: SubnetSpaceOptions): Space {
  const prefix = parseSubnet(base, 'base');
  const most = BITS[prefix.family];
  if (!Number.isInteger(prefixLength) || prefixLength < prefix.length || prefixLength > most) {
    throw new RangeError(
      `prefixLength: expected an integer from ${prefix.length}, that of the base, to ${most}, got ${prefixLength}`,
    );
  }
  const space = emptySpace('subnet', prefix, prefixLength, `/${prefixLength}`);
  return restricted(space, exclusions(space, exclude), { first: 0n, last: space.count - 1n });
}

/** '10.200.0.2': the address, or the first address of the subnet, at a place. */
export function addressAt({ family, base, each }: Space, place: bigint): string {
  return ipText(family, base + (place << BigInt(BITS[family] - each)));
}

/** '10.200.0.2/16', '10.128.3.0/24': the address or subnet at a place, as the pool gives it. */
export function textAt(space: Space, place: bigint): string {
  return addressAt(space, place) + space.suffix;
}

/** The place of an address or a subnet. Throws a RangeError where the pool has no such place. */
export function placeOf(space: Space, value: unknown, option: string): bigint {
  const prefix = space.kind === 'subnet' ? parseSubnet(value, option) : parseAddress(space, value, option);
  const place = placeIn(space, prefix.address);
  if (prefix.family !== space.family || place === undefined) {
    throw new RangeError(`${option}: ${String(value)} is not in the pool ${space.name}`);
  }
  if (space.kind === 'subnet' && prefix.length !== space.each) {
    throw new RangeError(`${option}: the pool gives subnets with ${space.suffix}, got ${String(value)}`);
  }
  return place;
}

/** The place of an address as `addressAt` writes it; undefined where the pool has no such place. */
export function placeIn({ family, base, each, count }: Space, address: string): bigint | undefined {
  const number = ipNumber(address) - base;
  const shift = BigInt(BITS[family] - each);
  const place = number >> shift;
  return number >= 0n && place < count && place << shift === number ? place : undefined;
}

/** @throws RangeError where the place is excluded. */
export function refuseExcluded(space: Space, place: bigint, option: string): void {
  refuseAmong(space, space.exclusions, place, option);
}

function refuseAmong(space: Space, among: readonly Exclusion[], place: bigint, option: string): void {
  const found = among.find(({ first, last }) => first <= place && place <= last);
  if (found === undefined) return;
  throw new RangeError(
    `${option}: ${addressAt(space, place)} cannot be given out of ${space.name}: ${found.why}`,
  );
}

function parseAddress(space: Space, value: unknown, option: string): Prefix {
  if (typeof value === 'string' && value.includes('/')) {
    const prefix = parsePrefix(value, option);
    if (`/${prefix.length}` !== space.suffix) {
      throw new RangeError(`${option}: the prefix length of the pool is ${space.suffix}, got ${value}`);
    }
    return prefix;
  }
  return { ...parseIp(value, option), length: BITS[space.family] };
}

function emptySpace(
  kind: Space['kind'],
  { family, address, length }: Prefix,
  each: number,
  suffix: string,
): Space {
  const base = ipNumber(address);
  const name = `${ipText(family, base)}/${length}`;
  const count = 1n << BigInt(each - length);
  const nothing = { first: 0n, last: count - 1n, exclusions: [], excluded: new NumberRanges() };
  return { kind, family, name, base, each, count, suffix, ...nothing };
}

function unusableEnds(family: Family, length: number, count: bigint): Exclusion[] {
  // RFC 3021 and RFC 6164: a link between two routers uses both addresses.
  if (length >= BITS[family] - 1) return [];
  const zero = { first: 0n, last: 0n };
  if (family === 6) return [{ ...zero, why: 'it is the anycast address of all routers (RFC 4291)' }];
  return [
    { ...zero, why: 'it is the address of the subnet itself' },
    { first: count - 1n, last: count - 1n, why: 'it is the broadcast address' },
  ];
}

function exclusions(space: Space, exclude: unknown): Exclusion[] {
  if (exclude === undefined) return [];
  if (!Array.isArray(exclude)) refuse('exclude', "expected a list like ['10.0.0.5', '10.0.1.0/24']", exclude);
  const shift = BigInt(BITS[space.family] - space.each);
  const end = space.base + (space.count << shift) - 1n;
  return exclude.flatMap((one: unknown, i) => {
    const { family, address, length } = parseSubnet(one, `exclude[${i}]`, { bare: true });
    const from = ipNumber(address);
    const to = from + (1n << BigInt(BITS[family] - length)) - 1n;
    if (family !== space.family || to < space.base || from > end) return [];
    const first = from < space.base ? 0n : (from - space.base) >> shift;
    const last = to > end ? space.count - 1n : (to - space.base) >> shift;
    return [{ first, last, why: `${String(one)} is excluded` }];
  });
}

/** The space without what is excluded, with the range of places among which the next one is looked for. */
function restricted(
  space: Space,
  excluding: readonly Exclusion[],
  { first, last }: { first: bigint; last: bigint },
): Space {
  if (first > last) throw new RangeError('range: it ends before it begins');
  const excluded = new NumberRanges();
  for (const one of excluding) excluded.add(one.first, one.last);
  if (excluded.after(first) > last) {
    throw new RangeError(
      `${space.kind === 'address' ? 'subnet' : 'base'}: nothing is left to give in ${space.name}`,
    );
  }
  return { ...space, first, last, exclusions: excluding, excluded };
}

// Addresses as numbers. Those of IPv6 need a bigint; those of IPv4 are bigints as well, so that one code serves both.

export const BITS: Readonly<Record<Family, number>> = { 4: 32, 6: 128 };

/** The number of an address that has been checked. */
export function ipNumber(address: string): bigint {
  return BigInt(`0x${Buffer.from(ipBytes(address)).toString('hex')}`);
}

/** '10.0.1.1', 'fd00::1': as RFC 5952 writes it. */
export function ipText(family: Family, number: bigint): string {
  const digits = number.toString(16).padStart(BITS[family] / 4, '0');
  return ipAddressOf(Buffer.from(digits, 'hex')).toString();
}
