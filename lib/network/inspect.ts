import type { Family } from '../common/check';
import { listLinks } from '../links/links';
import type { NetworkContext } from './members/context';
import { isLimit, toGrants } from './egress/grants';
import { type EgressOptions, toOptions } from './egress/options';
import { isAttached, readMembers } from './table/member-records';
import type { Subnet } from './plan';
import { readOwner } from './members/port-alias';
import type { PublishedPort } from './table/published-ports';

/** A member, as it was read from the kernel. */
export interface NetworkMemberInfo {
  /** Name of the host's end of the pair. */
  port: string;
  /** Name of the member's device. */
  device: string;
  /** Inode of the member's namespace, as `netns.ino` has it. */
  netns: number;
  /** The names that DNS has for the member. */
  aliases: string[];
  /** One for each family of the network. */
  addresses: Partial<Record<Family, string>>;
  mac: string;
  /** `reserved`: this object holds the host's port, so that no program binds it. */
  published: (PublishedPort & { reserved: boolean })[];
  /** What the member may reach, as `allow` was given it. Missing where the member is not limited. */
  allowed?: EgressOptions[];
  /** Whether a process is attaching or detaching the member at the moment. */
  changing: boolean;
}

/** A network, as it was read from the kernel. */
export interface NetworkInfo {
  name: string;
  subnets: Subnet[];
  /** Bytes. */
  mtu: number;
  /** MAC address of the bridge. */
  mac: string;
  /** Whether members' connections leave with the host's address. */
  nat: boolean;
  /** Whether connections from and to other networks are refused. */
  isolated: boolean;
  /** Whether members reach only each other and the host. */
  internal: boolean;
  /** Whether members reach each other. */
  icc: boolean;
  members: NetworkMemberInfo[];
}

export async function inspectNetwork(context: NetworkContext): Promise<NetworkInfo> {
  const { host, plan, mtu, mac, heldPorts } = context;
  const [members, links] = await Promise.all([
    readMembers(host, [plan.name]),
    listLinks(host, { kind: 'veth' }),
  ]);
  const aliases = new Map(links.map(({ name, alias }) => [name, alias]));
  const { name, nat, isolated, internal, icc, subnets } = plan;
  return {
    name,
    subnets: subnets.map((subnet) => ({ ...subnet })),
    mtu,
    mac,
    nat,
    isolated,
    internal,
    icc,
    members: members.map(({ port, state, addresses, mac: own, published, elements }) => {
      return {
        port,
        ...readOwner(aliases.get(port)),
        addresses,
        mac: own,
        published: published.map((one) => ({ ...one, reserved: heldPorts.has(one) })),
        ...(elements.some(isLimit) && { allowed: toGrants(elements).map(toOptions) }),
        changing: !isAttached(state),
      };
    }),
  };
}
