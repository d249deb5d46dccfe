import { domainToASCII } from 'node:url';
import { checkInteger, type Family } from '../../common/check';
import { indexOf } from '../../netns/device';
import type { Netns } from '../../netns/netns';
import type { Asked } from '../../netns/netns-error';
import { checkZone, isAddress, splitZone } from '../../netns/zone';
import { shown } from '../../common/shown';
import { sockaddr } from './sockaddr';

/** One end of a connection: '10.0.1.1', 'fd00::1', or 'fe80::1%eth0' with its zone. */
export interface Endpoint {
  address: string;
  port: number;
}

const HOST_NAME_MAX = 253;

/** An address as it is, with its zone where it has one, or a host's name in ASCII. */
export function checkHost(host: unknown, option = 'host'): string {
  if (typeof host !== 'string')
    throw new TypeError(`${option}: expected an address or a name, got ${shown(host)}`);
  if (isAddress(host)) return host;
  checkZone(host, option);
  // refuses what no host is called, and what is nearly an IPv4 address: '10.0.0.256'
  const name = host.includes(':') ? '' : domainToASCII(host);
  if (name === '' || name.length > HOST_NAME_MAX || /(^|\.)[^.]{64}/.test(name) || /^\.|\.\./.test(name)) {
    throw new RangeError(`${option}: neither an address nor a host's name, got ${shown(host)}`);
  }
  return name;
}

/** An address alone, with its zone where it has one. */
export function checkAddress(address: unknown, option: string): asserts address is string {
  if (typeof address !== 'string')
    throw new TypeError(`${option}: expected an address, got ${shown(address)}`);
  if (isAddress(address)) return;
  checkZone(address, option);
  throw new RangeError(`${option}: expected an address like '10.0.1.1' or 'fd00::1', got ${shown(address)}`);
}

export function checkPort(port: unknown, option = 'port', { least = 0 } = {}): asserts port is number {
  checkInteger(option, port, least, 65535);
}

/** Of an address that has been checked. */
export function familyOf(address: string): Family {
  return address.includes(':') ? 6 : 4;
}

/** struct sockaddr. A zone is a device of the namespace, which node would look for in the one of its process. */
export async function toSockaddr(netns: Netns, { address, port }: Endpoint, asked: Asked): Promise<Buffer> {
  const { bare, zone } = splitZone(address);
  const scope = zone === undefined ? 0 : await indexOf(netns, zone, asked, 'zone');
  return sockaddr(familyOf(bare), bare, scope, port);
}
