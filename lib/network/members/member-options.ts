import { checkDeviceName, checkNewDeviceName, parseIp, refuse, shown } from '../../common/check';
import { canonicalIp } from '../../common/ip-text';
import { randomMac } from '../../links/mac';
import { checkOptions, isText, optionTable, trueOrFalse } from '../../common/options';
import { checkNetns } from '../../netns/check-netns';
import type { Netns } from '../../netns/netns';
import { portName } from '../options';
import type { NetworkPlan, Subnet } from '../plan';
import { checkPublish, familiesOf, type PublishedPort, type PublishOptions } from '../table/published-ports';
import type { Addresses } from './address-book';
import type { MemberIdentity, MemberPlan } from './member-plan';
import { writeOwner } from './port-alias';

/** How a namespace joins a network. */
export interface AttachOptions {
  /** Name of the device in the member; 'eth0' by default. */
  name?: string | undefined;
  /** '10.200.0.7', or one address of each family; the next free ones by default. */
  address?: string | readonly string[] | undefined;
  /** The device's MAC address; random by default. */
  mac?: string | undefined;
  /** Ports of the host that lead to the member. */
  publish?: readonly PublishOptions[] | undefined;
  /** Names of the member, which `inspect()` lists and the network's resolver answers for. */
  aliases?: readonly string[] | undefined;
  /**
   * Whether the member gets default routes by the gateways, where it has none. True by default, but for an internal
   * network.
   */
  defaultRoute?: boolean | undefined;
  /**
   * Whether the bridge may send a frame back by the port that it came in by. True by default where br_netfilter is on,
   * because a member reaches its own published ports in no other way there; false elsewhere.
   */
  hairpin?: boolean | undefined;
}

const OPTIONS = optionTable<AttachOptions>({
  name: checkNewDeviceName,
  address: true,
  mac: isText,
  publish: true,
  aliases: true,
  defaultRoute: trueOrFalse,
  hairpin: trueOrFalse,
});

/** Characters. All aliases together are stored in the alias of the port, for which the kernel has 255 bytes. */
const ALIASES_MAX = 200;

/** Which device of the member's namespace is meant. */
export interface MemberDevice {
  /** 'eth0' by default. */
  name?: string | undefined;
}

const MEMBER_DEVICE = optionTable<MemberDevice>({ name: checkDeviceName });

/** Checks which member is meant, and returns the name of its device. */
export function checkMember(netns: Netns, member: MemberDevice): string {
  checkNetns(netns);
  checkOptions(member, MEMBER_DEVICE, { whole: 'member' });
  return member.name ?? 'eth0';
}

export function identifyMember(network: NetworkPlan, netns: Netns, device: string): MemberIdentity {
  return { netns, device, port: portName(network.name, netns.ino, device) };
}

/** Checks the options of a member and resolves them; no system call is made. */
export function planMember(network: NetworkPlan, netns: Netns, options: AttachOptions): MemberPlan {
  checkOptions(options, OPTIONS);
  const { name: device = 'eth0', mac, publish = [], aliases = [], defaultRoute = true, hairpin } = options;
  checkAliases(aliases);
  const addresses = checkAddresses(options.address, network.subnets);
  return {
    ...identifyMember(network, netns, device),
    alias: writeOwner({ netns: netns.ino, device, aliases }),
    mac: mac ?? randomMac(),
    macAskedFor: mac !== undefined,
    addresses,
    published: checkPorts(publish, network.subnets),
    defaultRoute: defaultRoute && !network.internal,
    hairpin,
  };
}

function checkAddresses(address: AttachOptions['address'], subnets: readonly Subnet[]): Addresses {
  const wanted = address === undefined ? [] : [address].flat();
  const addresses: Addresses = {};
  for (const one of wanted) {
    const { family } = parseIp(one, 'address');
    if (!subnets.some((subnet) => subnet.family === family)) {
      throw new RangeError(`address: the network has no subnet of IPv${family}, got ${shown(one)}`);
    }
    if (addresses[family] !== undefined) {
      throw new RangeError(`address: expected one of each family, got ${shown(wanted)}`);
    }
    addresses[family] = canonicalIp(one);
  }
  return addresses;
}

export function checkPorts(
  publish: readonly PublishOptions[],
  subnets: readonly Subnet[],
  option = 'publish',
): PublishedPort[] {
  const ports = checkPublish(publish, option);
  const families = subnets.map(({ family }) => family);
  const useless = ports.find((port) => familiesOf(port, families).length === 0);
  if (useless === undefined) return ports;
  const address = shown(useless.hostAddress);
  throw new RangeError(`${option}: the network has no subnet of the family of hostAddress, got ${address}`);
}

function checkAliases(aliases: readonly string[]): void {
  if (!Array.isArray(aliases)) refuse('aliases', "expected a list like ['db', 'db.example']", aliases);
  for (const [i, alias] of aliases.entries()) {
    if (typeof alias !== 'string' || !/^[\w.-]{1,253}$/.test(alias)) {
      refuse(`aliases[${i}]`, 'expected a host name', alias);
    }
  }
  if (aliases.join(' ').length > ALIASES_MAX) {
    throw new RangeError(`aliases: together, they have at most ${ALIASES_MAX} characters`);
  }
}
