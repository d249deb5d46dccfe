import { ipBytes } from './ip-text';

interface Subnet {
  readonly address: string;
  readonly length: number;
}

/** A test for the addresses of a subnet. */
export function inSubnet({ address: network, length }: Subnet): (address: string) => boolean {
  const wanted = ipBytes(network);
  return (address) => {
    const bytes = ipBytes(address);
    if (bytes.length !== wanted.length) return false;
    return bytes.every((octet, i) => ((octet ^ (wanted[i] ?? 0)) & octetMask(length - 8 * i)) === 0);
  };
}

/** The last address of a subnet, or the first one. */
export function edgeOf({ address, length }: Subnet, edge: 'first' | 'last'): Uint8Array {
  return ipBytes(address).map((octet, i) => {
    const mask = octetMask(length - 8 * i);
    return edge === 'first' ? octet & mask : octet | (mask ^ 0xff);
  });
}

/** The mask of an octet of which so many bits, or all or none, belong to a prefix. */
function octetMask(bits: number): number {
  return (0xff00 >> Math.min(8, Math.max(0, bits))) & 0xff;
}
