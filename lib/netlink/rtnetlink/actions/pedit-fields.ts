import { checkInteger } from '../../../common/check';
import { ipBytes, ipFamily, ipText } from '../../../common/ip-text';
import type { OptionCheck } from '../../../common/options';
import { refuse } from '../../../common/refuse';
import { written } from '../../codec';
import { etherType, ETHER_TYPES, type EtherType } from '../ether-type';

// The fields of headers that pedit changes by their names. The kernel knows words of four bytes only.

/** linux/tc_act/tc_pedit.h, TCA_PEDIT_KEY_EX_HDR_TYPE_*: the header from whose first byte an offset counts. */
export const HEADERS = {
  network: 0, // TCA_PEDIT_KEY_EX_HDR_TYPE_NETWORK
  eth: 1, // TCA_PEDIT_KEY_EX_HDR_TYPE_ETH
  ip: 2, // TCA_PEDIT_KEY_EX_HDR_TYPE_IP4
  ip6: 3, // TCA_PEDIT_KEY_EX_HDR_TYPE_IP6
  tcp: 4, // TCA_PEDIT_KEY_EX_HDR_TYPE_TCP
  udp: 5, // TCA_PEDIT_KEY_EX_HDR_TYPE_UDP
} as const;

/**
 * The header from whose first byte an offset counts; 'network' is that of IP, or of what else the protocol is.
 *
 * @useDeclaredType
 */
export type PeditHeader = keyof typeof HEADERS;

/** Four bytes of a packet, the first one as the highest; the bits of the mask are changed. */
export interface Word {
  offset: number;
  mask: number;
  value: number;
}

/** How a field's value lies in the bytes of its header. */
interface Field {
  readonly header: PeditHeader;
  readonly offset: number;
  /** The bits that are its own. */
  readonly mask: Uint8Array;
  readonly check: OptionCheck;
  toBytes(value: string | number): Uint8Array;
  fromBytes(bytes: Uint8Array): string | number;
}

/** A number in so many bytes, of which it has the lowest bits but `shift`. */
function number(header: PeditHeader, offset: number, size: 1 | 2 | 4, bits = 8 * size, shift = 0): Field {
  const inBytes = (value: number) => {
    const bytes = Buffer.alloc(size);
    bytes.writeUIntBE(value * 2 ** shift, 0, size);
    return bytes;
  };
  return {
    header,
    offset,
    mask: inBytes(2 ** bits - 1),
    check: (value, path) => checkInteger(path, value, 0, 2 ** bits - 1),
    toBytes: (value) => inBytes(Number(value)),
    fromBytes: (bytes) => Math.floor(Buffer.from(bytes).readUIntBE(0, size) / 2 ** shift),
  };
}

function address(header: 'ip' | 'ip6', offset: number): Field {
  const family = header === 'ip' ? 4 : 6;
  return {
    header,
    offset,
    mask: new Uint8Array(family === 4 ? 4 : 16).fill(0xff),
    check: (value, path) => {
      if (typeof value !== 'string' || ipFamily(value) !== family)
        refuse(path, `expected an IPv${family} address`, value);
    },
    toBytes: (value) => ipBytes(String(value)),
    fromBytes: (bytes) => ipText(bytes),
  };
}

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

function mac(offset: number): Field {
  return {
    header: 'eth',
    offset,
    mask: new Uint8Array(6).fill(0xff),
    check: (value, path) => {
      if (typeof value !== 'string' || !MAC.test(value))
        refuse(path, "expected a MAC address like '02:00:00:00:00:01'", value);
    },
    toBytes: (value) => Buffer.from(String(value).replaceAll(':', ''), 'hex'),
    fromBytes: (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':'),
  };
}

const TYPE_NAMES = new Map(
  Object.entries(ETHER_TYPES).map(([name, type]) => [type as number, name as EtherType]),
);

const frameType: Field = {
  ...{ header: 'eth', offset: 12, mask: Uint8Array.of(0xff, 0xff) },
  check: (value, path) => {
    if (typeof value === 'number') checkInteger(path, value, 0, 0xffff);
    else if (typeof value !== 'string' || !Object.hasOwn(ETHER_TYPES, value))
      refuse(path, `expected a number, or one of ${Object.keys(ETHER_TYPES).join(', ')}`, value);
  },
  toBytes: (value) => written(etherType, value as EtherType),
  fromBytes: (bytes) => {
    const type = Buffer.from(bytes).readUInt16BE(0);
    return TYPE_NAMES.get(type) ?? type;
  },
};

/** The fields, named as tc does. */
const FIELDS = {
  'eth dst': mac(0),
  'eth src': mac(6),
  'eth type': frameType,
  'ip tos': number('ip', 1, 1),
  'ip ttl': number('ip', 8, 1),
  'ip protocol': number('ip', 9, 1),
  'ip src': address('ip', 12),
  'ip dst': address('ip', 16),
  'ip6 traffic_class': number('ip6', 0, 4, 8, 20),
  'ip6 flow_lbl': number('ip6', 0, 4, 20),
  'ip6 payload_len': number('ip6', 4, 2),
  'ip6 nexthdr': number('ip6', 6, 1),
  'ip6 hoplimit': number('ip6', 7, 1),
  'ip6 src': address('ip6', 8),
  'ip6 dst': address('ip6', 24),
  'tcp sport': number('tcp', 0, 2),
  'tcp dport': number('tcp', 2, 2),
  'tcp flags': number('tcp', 13, 1),
  'udp sport': number('udp', 0, 2),
  'udp dport': number('udp', 2, 2),
} as const;

/**
 * A field of a header, as tc calls it.
 *
 * @useDeclaredType
 */
export type PeditFieldName = keyof typeof FIELDS;

export const FIELD_NAMES = Object.keys(FIELDS) as readonly PeditFieldName[];

const ALL: Readonly<Record<PeditFieldName, Field>> = FIELDS;

export const headerOf = (name: PeditFieldName) => ALL[name].header;

/** Refuses a value that the field cannot have. */
export const checkField = (name: PeditFieldName, value: unknown, path: string): void =>
  ALL[name].check(value, path);

/** Whether the field is one byte: the kernel adds in the machine's order, and the carry of a longer one goes astray. */
export const isByte = (name: PeditFieldName): boolean => ALL[name].mask.length === 1;

/** The bytes of a field in the words that they are in. */
function words({ offset, mask }: Field, bytes: Uint8Array): Word[] {
  const first = offset - (offset % 4);
  const room = Math.ceil((offset + mask.length - first) / 4) * 4;
  const [values, masks] = [Buffer.alloc(room), Buffer.alloc(room)];
  values.set(bytes, offset - first);
  masks.set(mask, offset - first);
  return Array.from({ length: room / 4 }, (_, i) => ({
    offset: first + 4 * i,
    mask: masks.readUInt32BE(4 * i),
    value: values.readUInt32BE(4 * i),
  }));
}

/** What a field's value is in words. */
export function fieldWords(name: PeditFieldName, value: string | number): Word[] {
  const field = ALL[name];
  return words(field, field.toBytes(value));
}

const LAYOUTS = FIELD_NAMES.map((name) => [name, words(ALL[name], ALL[name].mask)] as const);

/** The field that begins the words, with its value and how many words it has; undefined where there is none. */
export function fieldAt(
  header: PeditHeader | number,
  found: readonly Word[],
): { field: PeditFieldName; value: string | number; length: number } | undefined {
  const [field, layout] =
    LAYOUTS.find(
      ([name, layout]) =>
        ALL[name].header === header &&
        layout.every(
          ({ offset, mask }, i) =>
            found[i]?.offset === offset && found[i].mask === mask && (found[i].value & ~mask) === 0,
        ),
    ) ?? [];
  if (field === undefined || layout === undefined) return undefined;
  const { offset, mask } = ALL[field];
  const bytes = Buffer.alloc(4 * layout.length);
  for (const [i] of layout.entries()) bytes.writeUInt32BE(found[i]?.value ?? 0, 4 * i);
  const begin = offset % 4;
  return {
    field,
    value: ALL[field].fromBytes(bytes.subarray(begin, begin + mask.length)),
    length: layout.length,
  };
}
