import { AF_BRIDGE } from '../addon/socket-constants';
import { checkDevice, parseIp } from '../common/check';
import { maskedFlags } from '../common/flags';
import { defined } from '../common/objects';
import { checkOptions, oneOf, optionTable, trueOrFalse } from '../common/options';
import { link } from '../netlink/rtnetlink/link';
import { neighbor, NTF, NUD } from '../netlink/rtnetlink/neighbor';
import { checkNetns } from '../netns/check-netns';
import { type Device, indexOf, NO_DEVICE } from '../netns/device';
import type { Netns } from '../netns/netns';
import { LISTED } from './fdb-request';
import { findPort } from './port';

/** Which entries are flushed: those to which all of this applies. */
export interface FlushFdbOptions {
  /** Those in this state, 'dynamic' by default, which is what was learned; 'all' for those in any state. */
  state?: 'dynamic' | 'static' | 'permanent' | 'all';
  /** Those of this VLAN. */
  vlan?: number;
  /** Of a bridge: those that a program has added, or those that none has. */
  addedByUser?: boolean;
  /** Those that do not move, or those that do. */
  sticky?: boolean;
  /** Those that a program has learned elsewhere, or others. */
  externLearn?: boolean;
  /** Those that hardware has, or others. */
  offload?: boolean;
  /** Of a vxlan: those that lead to routers, or others. */
  router?: boolean;
  /** Of a vxlan: those to this host. */
  dst?: string;
  /** Of a vxlan: those with this UDP port. */
  port?: number;
  /** Of a vxlan: those with this network identifier to send with. */
  vni?: number;
  /** Of a vxlan: those that count in this network. */
  srcVni?: number;
  /** Of a vxlan: those by this device. */
  via?: Device;
  /** Of a vxlan: those with this next hop object. */
  nexthopId?: number;
}

const OPTIONS = optionTable<FlushFdbOptions>({
  state: oneOf(['dynamic', 'static', 'permanent', 'all']),
  vlan: LISTED.vlan,
  addedByUser: trueOrFalse,
  sticky: trueOrFalse,
  externLearn: trueOrFalse,
  offload: trueOrFalse,
  router: trueOrFalse,
  dst: parseIp,
  port: LISTED.port,
  vni: LISTED.vni,
  srcVni: LISTED.srcVni,
  via: LISTED.via,
  nexthopId: LISTED.nexthopId,
});

/** The flags of a filter are those of entries; that of entries which a program has added is a number that entries have not. */
const FLAGS = {
  addedByUser: NTF.use,
  externLearn: NTF.extern_learn,
  offload: NTF.offload,
  sticky: NTF.sticky,
  router: NTF.router,
} as const;

/** What a state is, and which bits of it count. */
const STATES = {
  all: {},
  dynamic: { state: 0, stateMask: NUD.noarp | NUD.permanent },
  static: { state: NUD.noarp, stateMask: NUD.noarp | NUD.permanent },
  permanent: { state: NUD.permanent, stateMask: NUD.permanent },
} as const;

const NEITHER =
  "it is neither a bridge nor the port of one; of a vxlan, options say what is flushed: { state: 'dynamic' }";

const WORDS = { ...NO_DEVICE, EOPNOTSUPP: NEITHER } as const;

const NEWER = 'Linux flushes by filters since 5.19, and vxlans since 6.7';

const FILTER_WORDS = {
  ...NO_DEVICE,
  EOPNOTSUPP: `it is no bridge, no port of one and no vxlan, or this kernel is older: ${NEWER}`,
  EINVAL: `this kernel is older (${NEWER}), or an option does not fit: those of a vxlan for a bridge, a vlan for a bridge without VLAN filtering`,
} as const;

/**
 * Makes a bridge forget what it has learned: all of it, or what it has learned of one port. Entries in the states 'static' and
 * 'permanent' stay. With options, those entries of a bridge, a port or a vxlan are removed that the options choose.
 *
 * @param device - a bridge, or the port of one; with options also a vxlan, or any other device that has a table of its own.
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP for a device that is neither; with options, EINVAL or EOPNOTSUPP where the kernel has no
 * such filters (before 5.19; of vxlans before 6.7), and for options that the table does not have.
 * @see ip-link(8): `ip link set NAME type bridge fdb_flush`, `ip link set NAME type bridge_slave fdb_flush`; bridge(8): `bridge fdb flush`
 * @example
 * ```ts
 * await createBridge(red, 'br0');
 * await flushFdb(red, 'br0');
 * await flushFdb(red, 'br0', { state: 'static' }).catch(() => console.log('this kernel is older than 5.19'));
 * ```
 */
export async function flushFdb(netns: Netns, device: Device, options: FlushFdbOptions = {}): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkOptions(options, OPTIONS);
  const operation = 'flush the forwarding table of';
  if (Object.keys(defined(options)).length > 0) return flushBy(netns, device, options, operation);
  const attempt = { operation, device, words: WORDS };
  const { index, bridge } = await findPort(netns, device, attempt);
  const info =
    bridge === undefined
      ? { kind: 'bridge', data: { fdbFlush: true } as const }
      : { portKind: 'bridge', portData: { flush: true } as const };
  await netns.request(link.add({ index, info }, 0, attempt));
}

async function flushBy(
  netns: Netns,
  device: Device,
  options: FlushFdbOptions,
  operation: string,
): Promise<void> {
  const { state = 'dynamic', vlan, port, vni, srcVni, via, nexthopId } = options;
  const called = { address: 'dst', sourceVni: 'srcVni', outputIndex: 'via', stateMask: 'state' };
  const attempt = { operation, device, words: FILTER_WORDS, called };
  const { flags, mask } = maskedFlags(FLAGS, options);
  const filter = {
    family: AF_BRIDGE,
    ...STATES[state],
    ...defined({
      address: options.dst === undefined ? undefined : parseIp(options.dst, 'dst').address,
      ...{ vlan, port, vni, sourceVni: srcVni, nexthopId, flagsMask: mask === 0 ? undefined : mask },
    }),
  };
  const outputIndex = via === undefined ? undefined : await indexOf(netns, via, attempt, 'via');
  const { index, bridge } = await findPort(netns, device, attempt);
  const table = bridge === undefined ? NTF.self : NTF.master;
  const target = { index, flags: flags | table, ...defined({ outputIndex }) };
  await netns.request(neighbor.removeAll({ ...filter, ...target }, attempt));
}
