import { checkInteger, parseSubnet } from '../../../common/check';
import { checkOptions, type OptionCheck, optionTable } from '../../../common/options';
import { ipBytes, ipText } from '../../../common/ip-text';
import { refuse } from '../../../common/refuse';

// What is looked at of an address or a port is a value and a mask in the kernel: people write prefixes and ranges.

export const isPrefix: OptionCheck = (value, path) => void parseSubnet(value, path, { bare: true });

/** '10.0.0.0/8' as the address and the mask. */
export function fromPrefix(text: string) {
  const { family, address, length } = parseSubnet(text, 'address', { bare: true });
  const mask = Uint8Array.from(
    { length: family === 4 ? 4 : 16 },
    (_, i) => (0xff << (8 - Math.max(0, Math.min(8, length - 8 * i)))) & 0xff,
  );
  return { family, address, mask: ipText(mask) };
}

/** The bits of a mask, where they are the first ones. */
function prefixLength(mask: string): number | undefined {
  const bits = [...ipBytes(mask)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : undefined;
}

/** '10.0.0.0/8', or without a length where it is one address. A mask that is no prefix is written itself. */
export function toPrefix(address: string | undefined, mask: string | undefined): string | undefined {
  if (address === undefined || mask === undefined) return address;
  const length = prefixLength(mask);
  if (length === 8 * ipBytes(address).length) return address;
  return `${address}/${length ?? mask}`;
}

const MAC = '[0-9a-f]{2}(?::[0-9a-f]{2}){5}';
const MASKED_MAC = new RegExp(`^(${MAC})(?:/(${MAC}))?$`, 'i');
const WHOLE_MAC = 'ff:ff:ff:ff:ff:ff';

export const isMacMatch: OptionCheck = (value, path) => {
  if (typeof value === 'string' && MASKED_MAC.test(value)) return;
  refuse(path, "expected a MAC address like '02:00:00:00:00:01', or one with its mask behind a '/'", value);
};

/** '02:00:00:00:00:00/ff:00:00:00:00:00' as the address and the mask. */
export function fromMac(text: string): { address: string; mask: string } {
  const [, address = '', mask = WHOLE_MAC] = MASKED_MAC.exec(text) ?? [];
  return { address, mask };
}

export function toMac(address: string | undefined, mask = WHOLE_MAC): string | undefined {
  return address === undefined || mask === WHOLE_MAC ? address : `${address}/${mask}`;
}

/** A port, the ports from one to another, or those that have certain bits. */
export type PortMatch = number | { from: number; to: number } | { value: number; mask: number };

const isPort: OptionCheck = (value, path) => checkInteger(path, value, 0, 0xffff);
const RANGE = optionTable<{ from: number; to: number }>({ from: isPort, to: isPort }, ['from', 'to']);
const MASKED = optionTable<{ value: number; mask: number }>({ value: isPort, mask: isPort }, [
  'value',
  'mask',
]);

export const isPortMatch: OptionCheck = (value, path) => {
  if (typeof value === 'number') isPort(value, path);
  else checkOptions(value, 'mask' in Object(value) ? MASKED : RANGE, { path });
};

/** How a port lies in its attributes. */
export function fromPort(port: PortMatch | undefined): {
  port?: number;
  mask?: number;
  min?: number;
  max?: number;
} {
  if (port === undefined) return {};
  if (typeof port === 'number') return { port, mask: 0xffff };
  return 'mask' in port ? { port: port.value, mask: port.mask } : { min: port.from, max: port.to };
}

export function toPort(
  port: number | undefined,
  mask: number | undefined,
  from: number | undefined,
  to: number | undefined,
): PortMatch | undefined {
  if (from !== undefined && to !== undefined) return { from, to };
  return port === undefined || mask === undefined || mask === 0xffff ? port : { value: port, mask };
}
