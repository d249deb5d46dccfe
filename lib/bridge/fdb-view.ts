import { assignDefined, flagNames } from '../common/objects';
import { neighbor, NTF, NTF_EXT, NUD } from '../netlink/rtnetlink/neighbor';

/** What bridge(8) calls the states of an entry. */
export const FDB_STATES = {
  permanent: NUD.permanent,
  // a vxlan refuses NUD_NOARP alone (6.18)
  static: NUD.noarp | NUD.reachable,
  stale: NUD.stale,
  dynamic: NUD.reachable,
} as const;

/**
 * How long an entry stays. 'dynamic' entries are forgotten when no frame has come from the address for the bridge's
 * ageing time; they move to the port that a frame comes by. 'static' entries stay, and a bridge lets them move, too.
 * 'permanent' in a bridge's table means that the address is the host's own: frames to it are received, and go to no port. In
 * a device's own table it means that the entry stays. A number is a state of the kernel's without a name.
 *
 * @useDeclaredType
 */
export type FdbState = keyof typeof FDB_STATES | number;

/**
 * Whose table an entry is in: 'master' is that of the bridge whose port the device is; 'self' is the device's own. The own table
 * of a vxlan has the hosts to send to, that of a bridge the addresses of the bridge itself, and that of other devices the
 * addresses that they receive beside their own.
 */
export type FdbTable = 'master' | 'self';

/** @internal What an entry's flags are called: the first eight, and those for which the header has no room. */
export const FDB_FLAGS = {
  use: NTF.use,
  extern_learn: NTF.extern_learn,
  offload: NTF.offload,
  sticky: NTF.sticky,
  router: NTF.router,
} as const;

/** An entry of a forwarding table: by which port, or to which host, a MAC address is reached. */
export interface FdbEntry {
  /** 'aa:bb:cc:dd:ee:ff'; a vxlan sends what it has no entry for to those of '00:00:00:00:00:00'. */
  mac: string;
  /** Index of the device: the port, the vxlan, or the bridge itself. */
  index: number;
  table: FdbTable;
  state: FdbState;
  /** 'sticky', 'router', 'extern_learn', 'offload', 'locked', … */
  flags: string[];
  /** Index of the bridge whose table it is in. */
  master?: number;
  /** The VLAN that it counts in; undefined where the bridge does not filter VLANs. */
  vlan?: number;
  /** Of a vxlan: the host to send to. */
  dst?: string;
  /** Of a vxlan: the UDP port of that host, where it is another one than the device's. */
  port?: number;
  /** Of a vxlan: the network identifier to send with, where it is another one than the device's. */
  vni?: number;
  /** Of a vxlan for several networks: the network identifier that it counts in. */
  srcVni?: number;
  /** Of a vxlan: index of the device to send by. */
  via?: number;
  /** Of a vxlan: which namespace `via` counts in, where that is another one. */
  linkNsid?: number;
  /** Of a vxlan: the next hop object that has the hosts. */
  nexthopId?: number;
  /** Seconds since the entry was used; 0.01 is the least that the kernel counts. */
  used?: number;
  /** Seconds since the entry was changed. */
  updated?: number;
}

/** @internal Requests whose replies become an `FdbEntry`. */
export const shownFdb = neighbor.reading(
  'mac',
  'address',
  'cacheinfo',
  'vlan',
  'port',
  'vni',
  'outputIndex',
  'master',
  'linkNsid',
  'sourceVni',
  'nexthopId',
  'extendedFlags',
);

type Message = ReturnType<typeof shownFdb.read>;

/** @internal */
export function toFdbEntry(message: Message): FdbEntry {
  const { master, index, cacheinfo } = message;
  const flags = [...flagNames(FDB_FLAGS, message.flags), ...flagNames(NTF_EXT, message.extendedFlags ?? 0)];
  return assignDefined(
    {
      mac: message.mac ?? '',
      index,
      // a bridge reports the entries of its own with itself as their master
      table: master === undefined || master === index ? ('self' as const) : ('master' as const),
      state: stateOf(message.state),
      flags,
    },
    {
      master,
      vlan: message.vlan,
      dst: message.address,
      port: message.port,
      vni: message.vni,
      srcVni: message.sourceVni,
      via: message.outputIndex,
      linkNsid: message.linkNsid,
      nexthopId: message.nexthopId,
      used: cacheinfo && cacheinfo.used / 100,
      updated: cacheinfo && cacheinfo.updated / 100,
    },
  );
}

/** As in bridge(8), the first bit counts: a static entry of a vxlan has two. */
function stateOf(state: number): FdbState {
  if ((state & NUD.permanent) !== 0) return 'permanent';
  if ((state & NUD.noarp) !== 0) return 'static';
  if ((state & NUD.stale) !== 0) return 'stale';
  return (state & NUD.reachable) !== 0 ? 'dynamic' : state;
}
