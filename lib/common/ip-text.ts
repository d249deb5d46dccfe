const OCTETS = Array.from({ length: 256 }, (_, octet) => String(octet));
const DOTTED = OCTETS.map((octet) => `${octet}.`);

/** The text of the four bytes that begin at an offset: '10.0.1.1'. */
export function ipv4Text(bytes: Uint8Array, at: number): string {
  const dotted = (i: number) => DOTTED[bytes[at + i] ?? 0] ?? '';
  return dotted(0) + dotted(1) + dotted(2) + (OCTETS[bytes[at + 3] ?? 0] ?? '');
}

const GROUPS = 8;

/**
 * The text of the sixteen bytes that begin at an offset, as RFC 5952 writes it: the longest run of zero groups is '::',
 * the first of two that are equally long, and a group alone stays '0'. An IPv4-mapped address is written in hexadecimal
 * as well.
 */
export function ipv6Text(bytes: Uint8Array, at: number): string {
  const group = (i: number) => ((bytes[at + 2 * i] ?? 0) << 8) | (bytes[at + 2 * i + 1] ?? 0);
  let longest = 1;
  let gap = GROUPS;
  for (let i = 0, run = 0; i < GROUPS; i++) {
    run = group(i) === 0 ? run + 1 : 0;
    if (run > longest) {
      longest = run;
      gap = i - run + 1;
    }
  }
  let text = '';
  for (let i = 0; i < gap; i++) text += (i === 0 ? '' : ':') + group(i).toString(16);
  if (gap === GROUPS) return text;
  text += '::';
  const next = gap + longest;
  for (let i = next; i < GROUPS; i++) text += (i === next ? '' : ':') + group(i).toString(16);
  return text;
}

/** The text of four bytes or sixteen. */
export function ipText(bytes: Uint8Array): string {
  return bytes.length === 4 ? ipv4Text(bytes, 0) : ipv6Text(bytes, 0);
}

/** An address that `isIP` of node takes, without a zone, as {@link ipv6Text} writes it: texts that are equal are one address. */
export function canonicalIp(text: string): string {
  return text.includes(':') ? ipv6Text(ipv6Bytes(text), 0) : text;
}

/** The bytes of an address that `isIP` of node takes, without a zone: four, or sixteen. */
export function ipBytes(text: string): Uint8Array {
  return text.includes(':') ? ipv6Bytes(text) : Uint8Array.from(text.split('.'), Number);
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
  const bytes = ipBytes(text);
  return bytes.length === 16 && MAPPED.every((octet, i) => bytes[i] === octet);
}
