import { checkDeviceName, type Family, parseIp, refuse, shown } from '../../common/check';
import type { Subnet } from '../plan';
import { checkPublish, familiesOf, type PublishedPort, type PublishOptions } from '../table/published-ports';

export interface AttachOptions {
  /** Of the device in the member; 'eth0' by default. */
  name?: string | undefined;
  /** '10.200.0.7', or one of each family; the next that are free by default. */
  address?: string | readonly string[] | undefined;
  /** Random by default. */
  mac?: string | undefined;
  publish?: readonly PublishOptions[] | undefined;
  /** Names that the member is known by; `inspect()` tells them. */
  aliases?: readonly string[] | undefined;
  /** Whether the member's default routes lead here, if it has none. True by default, but for an internal network. */
  defaultRoute?: boolean | undefined;
  /**
   * The bridge may send frames back by the port that they came from. By default where br_netfilter is on: there, a member
   * reaches its own published ports no other way.
   */
  hairpin?: boolean | undefined;
}

export interface AttachPlan {
  device: string;
  addresses: Partial<Record<Family, string>>;
  mac: string | undefined;
  publish: PublishedPort[];
  aliases: readonly string[];
  defaultRoute: boolean;
  hairpin: boolean | undefined;
}

/** The alias of a device has 255 bytes, and is where they are kept. */
const ALIASES_MAX = 200;

export function checkAttach(options: AttachOptions, subnets: readonly Subnet[]): AttachPlan {
  const { name = 'eth0', mac, publish = [], aliases = [], defaultRoute = true, hairpin } = options;
  checkDeviceName(name, 'name');
  checkAliases(aliases);
  const wanted = options.address === undefined ? [] : [options.address].flat();
  const addresses: AttachPlan['addresses'] = {};
  for (const address of wanted) {
    const { family } = parseIp(address, 'address');
    if (!subnets.some((subnet) => subnet.family === family)) {
      throw new RangeError(`address: the network has no subnet of IPv${family}, got ${shown(address)}`);
    }
    if (addresses[family] !== undefined) {
      throw new RangeError(`address: expected one of each family, got ${shown(wanted)}`);
    }
    addresses[family] = address;
  }
  const ports = checkPorts(publish, subnets);
  return { device: name, addresses, mac, publish: ports, aliases, defaultRoute, hairpin };
}

export function checkPorts(publish: readonly PublishOptions[], subnets: readonly Subnet[]): PublishedPort[] {
  const ports = checkPublish(publish);
  const families = subnets.map(({ family }) => family);
  const useless = ports.find((port) => familiesOf(port, families).length === 0);
  if (useless === undefined) return ports;
  const address = shown(useless.hostAddress);
  throw new RangeError(`publish: the network has no subnet of the family of hostAddress, got ${address}`);
}

function checkAliases(aliases: readonly string[]): void {
  if (!Array.isArray(aliases)) refuse('aliases', "expected a list like ['db', 'db.example']", aliases);
  aliases.forEach((alias: unknown, i) => {
    if (typeof alias !== 'string' || !/^[\w.-]{1,253}$/.test(alias)) {
      refuse(`aliases[${i}]`, 'expected a host name', alias);
    }
  });
  if (aliases.join(' ').length > ALIASES_MAX) {
    throw new RangeError(`aliases: together, they have at most ${ALIASES_MAX} characters`);
  }
}
