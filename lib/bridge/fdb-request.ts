import { AF_BRIDGE } from '../addon/socket-constants';
import { checkDevice, parseIp } from '../common/check';
import { defined } from '../common/objects';
import { integerFrom, isText, listOf, oneOf } from '../common/options';
import { located, mac as macCodec, written } from '../netlink/codec';
import type { Attempt } from '../netlink/error';
import type { Request } from '../netlink/object';
import { type neighbor, NTF, NTF_EXT } from '../netlink/rtnetlink/neighbor';
import { type Device, indexOf } from '../netns/device';
import type { Netns } from '../netns/netns';
import { findPort } from './port';
import { FDB_FLAGS, FDB_STATES, type FdbTable } from './fdb-view';

/** What says which entry is meant. */
export interface FdbSelector {
  /**
   * Whose table: 'self' by default where an option of a vxlan's is given, and for a device that is not the port of a bridge;
   * 'master' for a port.
   */
  table?: FdbTable;
  /** The VLAN; without one, it counts in all VLANs that the port has. */
  vlan?: number;
  /** Of a vxlan: the host to send to. */
  dst?: string;
  /** Of a vxlan: the UDP port of that host; the device's by default. */
  port?: number;
  /** Of a vxlan: the network identifier to send with; the device's by default. */
  vni?: number;
  /** Of a vxlan for several networks (`external`): the network identifier that the entry counts in. */
  srcVni?: number;
  /** Of a vxlan: the device to send by. */
  via?: Device;
  /** Of a vxlan: the next hop object that has the hosts to send to, in the place of `dst`, `port`, `vni` and `via`. */
  nexthopId?: number;
}

const REMOTE = {
  dst: true,
  port: integerFrom(1, 0xffff),
  vni: integerFrom(0, 0xffffff),
  srcVni: integerFrom(0, 0xffffff),
  via: checkDevice,
  nexthopId: integerFrom(1, 0xffffffff),
} as const;

export const VLAN = integerFrom(1, 4094);
export const TABLE = oneOf(['master', 'self']);
export const STATE = oneOf(Object.keys(FDB_STATES), { number: true });

/** @internal What an entry is listed with. */
export const LISTED = {
  ...REMOTE,
  mac: isText,
  index: true,
  table: TABLE,
  state: STATE,
  flags: listOf(oneOf([...Object.keys(FDB_FLAGS), ...Object.keys(NTF_EXT)])),
  master: true,
  vlan: VLAN,
  linkNsid: true,
  used: true,
  updated: true,
} as const;

/** The table takes link-layer addresses of other lengths as well. */
export function checkMac(mac: unknown): asserts mac is string {
  try {
    written(macCodec, mac as string);
  } catch (error) {
    throw located(error, 'mac');
  }
}

type Target = Pick<
  Parameters<typeof neighbor.add>[0],
  'vlan' | 'port' | 'vni' | 'sourceVni' | 'nexthopId'
> & {
  family: number;
  index: number;
  flags: number;
  address?: string;
  outputIndex?: number;
};

/** Sends what `build` makes for an entry, which it makes once before any system call, so that what it refuses is refused there. */
export async function sendEntry<T>(
  netns: Netns,
  device: Device,
  options: FdbSelector,
  attempt: Attempt,
  build: (target: Target) => Request<T>,
): Promise<T> {
  const { vlan, port, vni, srcVni, via, nexthopId } = options;
  const dst = options.dst === undefined ? undefined : parseIp(options.dst, 'dst').address;
  const remote = defined({ address: dst, port, vni, sourceVni: srcVni, nexthopId });
  const isRemote = via !== undefined || Object.keys(remote).length > 0;
  const { table = isRemote ? 'self' : undefined } = options;
  if (isRemote && table === 'master') {
    throw new TypeError("table: a vxlan has its hosts in its own table, 'self'");
  }
  const content = { family: AF_BRIDGE, ...remote, ...defined({ vlan }) };
  build({ ...content, index: 0, flags: NTF.master });
  const outputIndex = via === undefined ? undefined : await indexOf(netns, via, attempt, 'via');
  const place = await findTable(netns, device, table, attempt);
  return netns.request(build({ ...content, ...defined({ outputIndex }), ...place }));
}

async function findTable(
  netns: Netns,
  device: Device,
  table: FdbTable | undefined,
  attempt: Attempt,
): Promise<{ index: number; flags: number }> {
  if (table !== undefined) return { index: await indexOf(netns, device, attempt), flags: NTF[table] };
  const { index, bridge } = await findPort(netns, device, attempt);
  return { index, flags: bridge === undefined ? NTF.self : NTF.master };
}
