import { checkOptions, type OptionCheck, optionTable } from '../common/options';
import { checkInteger, parseSubnet, type Prefix } from '../common/check';
import { ipBytes } from '../common/ip-text';
import { isIpProtocol, type IpProtocol, ipProtocolNumber } from '../netlink/rtnetlink/ip-protocol';
import type { U32Key } from '../netlink/rtnetlink/filters/u32';

/** What a packet has, for {@link u32Keys}. */
export interface U32Match {
  /** 4 or 6, where no address says it; 4 by default. */
  family?: 4 | 6;
  /** Where it comes from: '10.0.0.0/8', 'fd00::1'. */
  source?: string;
  /** Where it goes: '10.0.0.0/8', 'fd00::1'. */
  destination?: string;
  /** The protocol above IP. */
  ipProtocol?: IpProtocol;
  /** The port that it comes from, of a packet whose IP header has no options. */
  sourcePort?: number;
  /** The port that it goes to, of a packet whose IP header has no options. */
  destinationPort?: number;
  /** The byte of the type of service, or of the traffic class. */
  tos?: number;
}

const isPort: OptionCheck = (value, path) => checkInteger(path, value, 0, 0xffff);

const TABLE = optionTable<U32Match>({
  family: (value, path) => {
    if (value !== 4 && value !== 6) throw new RangeError(`${path}: expected 4 or 6`);
  },
  source: (value, path) => void parseSubnet(value, path, { bare: true }),
  destination: (value, path) => void parseSubnet(value, path, { bare: true }),
  ipProtocol: isIpProtocol,
  sourcePort: isPort,
  destinationPort: isPort,
  tos: (value, path) => checkInteger(path, value, 0, 0xff),
});

/** Bytes into the IP header; the ports are those behind a header without options. */
const OFFSETS = {
  4: { source: 12, destination: 16, protocol: 8, ports: 20 },
  6: { source: 8, destination: 24, protocol: 4, ports: 40 },
} as const;

/** The words of an address that a prefix covers, at least in part. */
function* words({ address, length }: Prefix, offset: number): Generator<U32Key> {
  const bytes = Buffer.from(ipBytes(address));
  for (let at = 0; at * 8 < length; at += 4) {
    const bits = Math.min(32, length - at * 8);
    const mask = bits === 32 ? 0xffffffff : (0xffffffff << (32 - bits)) >>> 0;
    yield { value: bytes.readUInt32BE(at), mask, offset: offset + at };
  }
}

/** What is asked of the same four bytes is one key, as tc makes it. */
function joined(keys: U32Key[], { value, mask, offset }: U32Key): U32Key[] {
  const same = keys.find((one) => one.offset === offset);
  if (same === undefined) return [...keys, { value, mask, offset }];
  const both = { value: (same.value | value) >>> 0, mask: (same.mask | mask) >>> 0, offset };
  return keys.map((one) => (one === same ? both : one));
}

/**
 * The keys of a u32 filter that say what is asked of an IP packet, as `match ip …` and `match ip6 …` of tc(8) do.
 *
 * @see tc-u32(8)
 * @example
 * ```ts
 * const keys = u32Keys({ source: '10.0.0.0/8', destinationPort: 80 });
 * console.log(keys.map(({ offset, value }) => [offset, value.toString(16)])); // [ [ 12, 'a000000' ], [ 20, '50' ] ]
 * ```
 */
export function u32Keys(match: U32Match): U32Key[] {
  checkOptions(match, TABLE, { whole: 'match' });
  const { ipProtocol, sourcePort, destinationPort, tos } = match;
  const prefix = (name: 'source' | 'destination') => {
    const text = match[name];
    return text === undefined ? undefined : parseSubnet(text, name, { bare: true });
  };
  const [source, destination] = [prefix('source'), prefix('destination')];
  const families = [match.family, source?.family, destination?.family].filter((one) => one !== undefined);
  const [family = 4] = families;
  if (families.some((one) => one !== family))
    throw new RangeError('match: addresses of IPv4 and IPv6 at once');
  const { ports, protocol, ...addresses } = OFFSETS[family];
  const keys: U32Key[] = [];
  if (source !== undefined) keys.push(...words(source, addresses.source));
  if (destination !== undefined) keys.push(...words(destination, addresses.destination));
  if (ipProtocol !== undefined) {
    const shift = family === 4 ? 16 : 8;
    keys.push({ value: ipProtocolNumber(ipProtocol) << shift, mask: 0xff << shift, offset: protocol });
  }
  if (tos !== undefined) {
    const shift = family === 4 ? 16 : 20;
    keys.push({ value: tos * 2 ** shift, mask: 0xff * 2 ** shift, offset: 0 });
  }
  if (sourcePort !== undefined) keys.push({ value: sourcePort * 0x10000, mask: 0xffff0000, offset: ports });
  if (destinationPort !== undefined) keys.push({ value: destinationPort, mask: 0xffff, offset: ports });
  return keys.reduce(joined, []);
}
