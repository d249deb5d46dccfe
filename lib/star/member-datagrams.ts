import { toBytes } from '../common/byte-text';
import { ipBytes } from '../common/ip-text';
import { defined } from '../common/objects';
import { randomMac } from '../links/mac';
import { LITTLE } from '../netlink/bytes';
import { MAC } from '../netlink/codec';
import { setSequence } from '../netlink/message';
import { memberRequests, type MemberRequests, namesOf, type Place, type StarHub } from './member-requests';
import type { StarMember } from './star-member';

/** A member's two datagrams, as the addon takes them. */
export interface MemberDatagrams {
  /** The outer one, then the inner one. */
  bytes: Buffer;
  outerBytes: number;
  /** Where in each datagram its requests begin. */
  outerStarts: readonly number[];
  innerRequests: number;
  /** Where in the outer one the number of the namespace's descriptor belongs. */
  fdAt: number;
}

/** A member that is ready to be sent. */
export interface EncodedMember {
  place: Place;
  datagrams: MemberDatagrams;
}

/** What members of one shape do not have in common. */
interface Own {
  index: number;
  portName: string;
  portMac: string;
  deviceMac: string;
  /** The device's addresses, without the lengths of their prefixes. */
  addrs: readonly string[];
}

/** What stays the same in all members of a shape, and where what a member has of its own lies, once or more. */
interface Shape {
  datagrams: MemberDatagrams;
  places: readonly (readonly number[])[];
}

// To lay out a shape costs as much as to encode half a dozen of its members.
const USES_BEFORE_LAYOUT = 12;

/**
 * Encodes the members of a star. Most stars have members that differ in a name and some addresses only, and for a thousand of
 * them JavaScript would take longer than the kernel. So a shape that comes again and again is laid out once: it is encoded by
 * the tables with two values for each thing that a member has of its own, and the bytes that differ are the places of that
 * thing. The layout itself is known to nobody but the tables.
 */
export class MemberEncoder {
  readonly #shapes = new Map<string, Shape | number | 'irregular'>();

  constructor(private readonly hub: Omit<StarHub, 'socket'>) {}

  /** Whether it was made by the tables, which takes ten times as long, is `byTables`. */
  encode(place: Place): EncodedMember & { byTables: boolean } {
    const own = ownOf(place);
    const key = shapeOf(place.member, own);
    const shape = key === undefined ? 'irregular' : (this.#shapes.get(key) ?? 0);
    if (typeof shape === 'object') return { place, datagrams: filledIn(shape, own), byTables: false };
    const encoded = encodedByTables(this.hub, place);
    if (key !== undefined && typeof shape === 'number') {
      const next = shape + 1 < USES_BEFORE_LAYOUT ? shape + 1 : this.#laidOut(place.member, own);
      this.#shapes.set(key, next);
    }
    return { ...encoded, byTables: true };
  }

  #laidOut(member: StarMember, own: Own): Shape | 'irregular' {
    const encoded = (values: Own): MemberDatagrams =>
      encodedByTables(this.hub, having(member, values)).datagrams;
    const [first, second] = probesFor(own);
    const datagrams = encoded(first);
    const sizes = bytesOf(first).map(({ length }) => length);
    const places = eachReplaced(first, second).map((other, i) =>
      placesOf(datagrams.bytes, encoded(other).bytes, sizes[i] ?? 0),
    );
    const shape = { datagrams, places };
    return encoded(own).bytes.equals(filledIn(shape, own).bytes) ? shape : 'irregular';
  }
}

export function encodedByTables(hub: Omit<StarHub, 'socket'>, place: Place): EncodedMember {
  return { place, datagrams: datagramsOf(memberRequests(hub, place)) };
}

/** A member's requests, one after another. */
export function datagramsOf({ outer, inner }: MemberRequests): MemberDatagrams {
  const outerStarts: number[] = [];
  let outerBytes = 0;
  for (const { bytes } of outer) {
    outerStarts.push(outerBytes);
    outerBytes += bytes.length;
  }
  inner.forEach(({ bytes }, i) => {
    setSequence(bytes, i + 1);
  });
  const bytes = Buffer.concat([...outer, ...inner].map((request) => request.bytes));
  return { bytes, outerBytes, outerStarts, innerRequests: inner.length, fdAt: outer[0].bytes.length - 4 };
}

/** Numbers the requests of the outer datagram. */
export function numberOuter({ bytes, outerStarts }: MemberDatagrams, first: number): void {
  outerStarts.forEach((start, i) => {
    setSequence(bytes.subarray(start), (first + i) >>> 0);
  });
}

function ownOf(place: Place): Own {
  const { port, device } = place.member;
  return {
    index: place.index,
    portName: namesOf(place).port,
    portMac: port?.mac ?? randomMac(),
    deviceMac: device?.mac ?? randomMac(),
    addrs: (device?.addrs ?? []).map((addr) => addr.slice(0, addr.indexOf('/'))),
  };
}

function lengthOf(addr: string): string {
  return addr.slice(addr.indexOf('/'));
}

function having({ port, device, ...member }: StarMember, own: Own): Place {
  const { index, portName: name, portMac, deviceMac: mac } = own;
  const addrs = device?.addrs?.map((addr, i) => `${own.addrs[i] ?? ''}${lengthOf(addr)}`);
  return {
    index,
    member: {
      ...member,
      port: { ...port, name, mac: portMac },
      device: { ...device, mac, ...defined({ addrs }) },
    },
  };
}

const isMac = (value: unknown): boolean => typeof value === 'string' && MAC.test(value);

/** All that a member has besides its own, as text. Not of a member that the tables refuse, or encode in another way. */
function shapeOf({ port, device, lo, routes }: StarMember, own: Own): string | undefined {
  const { portName, portMac, deviceMac, addrs } = own;
  if (!isMac(portMac) || !isMac(deviceMac) || (port?.addrs?.length ?? 0) > 0) return undefined;
  if (addrs.some((addr) => addr.startsWith('127.'))) return undefined; // it has another scope than others
  const common = [
    { ...port, mac: undefined, name: toBytes(portName).length },
    { ...device, mac: undefined, addrs: device?.addrs?.map(lengthOf) },
    addrs.map((addr) => addr.includes(':')),
    lo,
    routes,
  ];
  try {
    return JSON.stringify(common);
  } catch {
    return undefined; // no option is so: the tables name the one at fault
  }
}

const PROBES = [
  { index: 0x11223344, letter: 'a', mac: '02:11:11:11:11:11', 4: '17.17.17.17', 6: ipv6Of('2111') },
  { index: 0x55667708, letter: 'b', mac: '16:22:22:22:22:22', 4: '34.34.34.34', 6: ipv6Of('3222') },
] as const;

function ipv6Of(group: string): string {
  return Array.from({ length: 8 }, () => group).join(':');
}

/** Two values for each thing, of which no byte is the same. */
function probesFor({ portName, addrs }: Own): [Own, Own] {
  const { length } = toBytes(portName);
  const probe = (i: 0 | 1): Own => {
    const { index, letter, mac, ...ip } = PROBES[i];
    const own = addrs.map((addr) => ip[addr.includes(':') ? 6 : 4]);
    return { index, portName: letter.repeat(length), portMac: mac, deviceMac: mac, addrs: own };
  };
  return [probe(0), probe(1)];
}

/** The first one with one thing of the second, for each thing, in the order of {@link bytesOf}. */
function eachReplaced(first: Own, second: Own): Own[] {
  const { index, portName, portMac, deviceMac } = second;
  return [
    ...[{ index }, { portName }, { portMac }, { deviceMac }].map((one) => ({ ...first, ...one })),
    ...second.addrs.map((addr, i) => ({ ...first, addrs: first.addrs.with(i, addr) })),
  ];
}

function bytesOf({ index, portName, portMac, deviceMac, addrs }: Own): Uint8Array[] {
  const macs = [portMac, deviceMac].map((mac) => Buffer.from(mac.replaceAll(':', ''), 'hex'));
  return [indexBytes(index), toBytes(portName), ...macs, ...addrs.map(ipBytes)];
}

function indexBytes(index: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  if (LITTLE) bytes.writeUInt32LE(index);
  else bytes.writeUInt32BE(index);
  return bytes;
}

/** Where the two differ, in so many bytes each time. */
function placesOf(first: Buffer, second: Buffer, size: number): number[] {
  const places: number[] = [];
  for (let at = 0; at < first.length; at++) {
    if (first[at] === second[at]) continue;
    places.push(at);
    at += size - 1;
  }
  return places;
}

function filledIn({ datagrams, places }: Shape, own: Own): MemberDatagrams {
  const bytes = Buffer.from(datagrams.bytes);
  const values = bytesOf(own);
  places.forEach((found, i) => {
    for (const at of found) bytes.set(values[i] ?? [], at);
  });
  return { ...datagrams, bytes };
}
