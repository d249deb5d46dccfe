import { createHash } from 'node:crypto';
import { checkDeviceName, checkNewDeviceName, shown } from '../common/check';
import { IPV6_MIN_MTU } from '../common/limits';
import { checkOptions as checkNames, optionTable, orOptions, trueOrFalse } from '../common/options';
import { DNS_OPTIONS, type DnsOptions } from './dns-options';
import { addressSpace } from '../pool/space';
import type { NetworkPlan, Subnet } from './plan';

/** What a network is like. A network that is there has to be like that, too. */
export interface BridgeNetworkOptions {
  /** Name of the network and of its bridge: at most 15 bytes. */
  name: string;
  /** '10.200.0.0/24'; a subnet of IPv6 for a network without IPv4. */
  subnet: string;
  /** The bridge's address, which members' default routes lead to. The first address of the subnet by default. */
  gateway?: string | undefined;
  /** A subnet of IPv6 beside that of IPv4: 'fd00:200::/64'. */
  ipv6?: string | { subnet: string; gateway?: string | undefined } | undefined;
  /** Bytes. By default the MTU of the device of the host's default route, or the kernel's 1,500. */
  mtu?: number | undefined;
  /**
   * Whether members' connections leave with the host's address (masquerade), and only published ports of members can be
   * reached from outside. True by default. If false, members' own addresses are routed in both directions.
   */
  nat?: boolean | undefined;
  /** Whether connections between this and other networks are refused, but for those to published ports. True by default. */
  isolated?: boolean | undefined;
  /** Whether members reach only each other and the host. False by default. */
  internal?: boolean | undefined;
  /** Whether members reach each other (inter-container communication). True by default. */
  icc?: boolean | undefined;
  /** Whether the subnet may overlap with a route of the host. False by default. */
  allowOverlap?: boolean | undefined;
  /**
   * Whether to serve DNS to members from the start, as `serveDns` does, unless another process serves DNS for this network
   * already. False by default.
   */
  dns?: boolean | DnsOptions | undefined;
}

const OPTIONS = optionTable<BridgeNetworkOptions>({
  name: checkNewDeviceName,
  subnet: true,
  gateway: true,
  ipv6: orOptions(optionTable<{ subnet: string; gateway?: string }>({ subnet: true, gateway: true }), {
    type: 'string',
    expected: "a subnet like 'fd00::/64', or { subnet, gateway }",
  }),
  mtu: true,
  nat: trueOrFalse,
  isolated: trueOrFalse,
  internal: trueOrFalse,
  icc: trueOrFalse,
  allowOverlap: trueOrFalse,
  dns: orOptions(DNS_OPTIONS),
});

const DEFAULTS = { nat: true, isolated: true, internal: false, icc: true, allowOverlap: false } as const;

export function checkOptions(options: BridgeNetworkOptions): NetworkPlan {
  checkNames(options, OPTIONS);
  const { name, subnet, gateway, ipv6, mtu } = options;
  checkDeviceName(name, 'name');
  const subnets = [atOption('', () => toSubnet(subnet, gateway))];
  if (ipv6 !== undefined) {
    const second = typeof ipv6 === 'string' ? { subnet: ipv6, gateway: undefined } : ipv6;
    const six = atOption('ipv6.', () => toSubnet(second.subnet, second.gateway));
    if (six.family !== 6) throw new RangeError(`ipv6: expected a subnet of IPv6, got ${shown(six.subnet)}`);
    if (subnets[0]?.family === 6) throw new RangeError('ipv6: the subnet is of IPv6 already');
    subnets.push(six);
  }
  const least = subnets.some(({ family }) => family === 6) ? IPV6_MIN_MTU : 68; // RFC 791
  if (mtu !== undefined && (!Number.isInteger(mtu) || mtu < least || mtu > 65535)) {
    throw new RangeError(`mtu: expected an integer from ${least} to 65535, got ${shown(mtu)}`);
  }
  return { name, subnets, mtu, ...switches(options) };
}

function switches(options: BridgeNetworkOptions): Record<keyof typeof DEFAULTS, boolean> {
  const names = Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[];
  const wanted = names.map((option) => [option, options[option] ?? DEFAULTS[option]]);
  return Object.fromEntries(wanted) as Record<keyof typeof DEFAULTS, boolean>;
}

function toSubnet(subnet: string, gateway: string | undefined): Subnet {
  const { space, gateway: router = '' } = addressSpace({ subnet, gateway });
  const [address = '', length] = router.split('/');
  return { family: space.family, subnet: space.name, gateway: address, prefixLength: Number(length) };
}

function atOption<T>(option: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (option !== '' && error instanceof Error) error.message = `${option}${error.message}`;
    throw error;
  }
}

/** MAC address of a network's bridge: the same in every process, so that a bridge of the network is recognized by it. */
export function bridgeMac(name: string, netns: number): string {
  return `02:${digest(`bridge ${name} ${netns}`, 10).replace(/..(?=.)/g, '$&:')}`;
}

/** Name of the host's end of a member's pair: the same in every process that attaches the member. */
export function portName(network: string, netns: number, device: string): string {
  return `veth${digest(`port ${network} ${netns} ${device}`, 11)}`;
}

function digest(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}
