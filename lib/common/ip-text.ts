const OCTETS = Array.from({ length: 256 }, (_, octet) => String(octet));
const DOTTED = OCTETS.map((octet) => `${octet}.`);

/** The text of the four bytes that begin at an offset: '10.0.1.1'. */
export function ipv4Text(bytes: Uint8Array, at: number): string {
  const dotted = (i: number) => DOTTED[bytes[at + i] ?? 0] ?? '';
  return dotted(0) + dotted(1) + dotted(2) + (OCTETS[bytes[at + 3] ?? 0] ?? '');
}

const GROUPS = 8;
const HEX = Array.from({ length: 256 }, (_, octet) => octet.toString(16));
const PADDED_HEX = HEX.map((digits) => digits.padStart(2, '0'));

/**
 * The text of the sixteen bytes that begin at an offset, as RFC 5952 writes it: the longest run of zero groups is '::',
 * the first of two that are equally long, and a group alone stays '0'. An IPv4-mapped address is written in hexadecimal
 * as well.
 */
export function ipv6Text(bytes: Uint8Array, at: number): string {
  let longest = 1;
  let gap = GROUPS;
  for (let i = 0, run = 0; i < GROUPS; i++) {
    run = bytes[at + 2 * i] === 0 && bytes[at + 2 * i + 1] === 0 ? run + 1 : 0;
    if (run > longest) {
      longest = run;
      gap = i - run + 1;
    }
  }
  const head = groups(bytes, at, 0, gap);
  return gap === GROUPS ? head : `${head}::${groups(bytes, at, gap + longest, GROUPS)}`;
}

/** By the digits of each byte, which are there already: lists of ten thousand routes come by here. */
function groups(bytes: Uint8Array, at: number, first: number, end: number): string {
  let text = '';
  for (let i = first; i < end; i++) {
    const high = bytes[at + 2 * i] ?? 0;
    const low = bytes[at + 2 * i + 1] ?? 0;
    if (i > first) text += ':';
    text += high === 0 ? (HEX[low] ?? '') : (HEX[high] ?? '') + (PADDED_HEX[low] ?? '');
  }
  return text;
}

/** The text of four bytes or sixteen. */
export function ipText(bytes: Uint8Array): string {
  return bytes.length === 4 ? ipv4Text(bytes, 0) : ipv6Text(bytes, 0);
}

const OCTET = /(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)/.source;
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);

/** An IPv6 address without a zone (RFC 4291, 2.2): '::' stands for one zero group at least, IPv4 may be at the end. */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1) ?? '';
  const endsInIpv4 = IPV4.test(last) && text.endsWith(last);
  const count = groups.length + (endsInIpv4 ? 1 : 0);
  if (halves.length === 1 ? count !== GROUPS : halves.length > 2 || count >= GROUPS) return false;
  return (endsInIpv4 ? groups.slice(0, -1) : groups).every((group) => /^[\da-f]{1,4}$/i.test(group));
}

/**
 * The family of an address without a zone, as inet_pton(3) takes it. `isIP` of node:net does the same, but node:net brings all
 * of node's streams, which take longer to load than most of this library.
 */
export function ipFamily(text: string): 4 | 6 | undefined {
  if (IPV4.test(text)) return 4;
  return isIpv6(text) ? 6 : undefined;
}

/** An address of a {@link ipFamily family}, as {@link ipv6Text} writes it: texts that are equal are one address. */
export function canonicalIp(text: string): string {
  return text.includes(':') ? ipv6Text(ipv6Bytes(text), 0) : text;
}

/** The bytes of an address of a {@link ipFamily family}: four, or sixteen. */
export function ipBytes(text: string): Uint8Array {
  return text.includes(':') ? ipv6Bytes(text) : ipv4Bytes(text);
}

/** By its digits: each call with an address comes by here, and Uint8Array.from() takes seven times as long. */
function ipv4Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(4);
  let at = 0;
  for (const sign of text) {
    if (sign === '.') at++;
    else bytes[at] = 10 * (bytes[at] ?? 0) + Number(sign);
  }
  return bytes;
}

function ipv6Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(2 * GROUPS);
  let at = 0;
  let gap = bytes.length; // where '::' is
  for (const group of text.split(':')) {
    if (group === '') {
      gap = at;
    } else if (group.includes('.')) {
      bytes.set(ipBytes(group), at);
      at += 4;
    } else {
      const number = parseInt(group, 16);
      bytes[at++] = number >> 8;
      bytes[at++] = number & 0xff;
    }
  }
  const next = bytes.length - (at - gap);
  bytes.copyWithin(next, gap, at);
  return bytes.fill(0, gap, next);
}

const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** Whether it is '::ffff:10.0.0.1', in whatever spelling (RFC 4291, 2.5.5.2). */
export function isIpv4Mapped(text: string): boolean {
  if (!text.includes(':')) return false;
  const bytes = ipv6Bytes(text);
  return MAPPED.every((octet, i) => bytes[i] === octet);
}
