import { constants } from 'node:os';
import { AF_BRIDGE } from '../addon/socket-constants';
import { checkDevice, checkInteger } from '../common/check';
import { checkOptions, optionTable } from '../common/options';
import { type Attempt, NetlinkError } from '../netlink/error';
import { bridgeVlans, RTEXT_FILTER_MST } from '../netlink/rtnetlink/bridge-vlan';
import { kindView } from '../netlink/rtnetlink/kinds';
import { portLimits } from '../netlink/rtnetlink/kinds/bridge-port';
import { link } from '../netlink/rtnetlink/link';
import { checkNetns } from '../netns/check-netns';
import { type Device, indexOf, NO_DEVICE } from '../netns/device';
import type { Netns } from '../netns/netns';
import { findPort } from './port';
import type { BridgeVlanSettings } from './vlan-view';

const { EOPNOTSUPP } = constants.errno;

/** The state of a port of a bridge in a spanning tree of some of its VLANs. */
export interface BridgeMstState {
  /** Index of the port. */
  index: number;
  /** The spanning tree; 0 is that of the VLANs that are in no other. */
  msti: number;
  /** Which frames of its VLANs pass. */
  state: NonNullable<BridgeVlanSettings['state']>;
}

/** What can be set of a port in a spanning tree; a listed state is one, too. */
export interface SetBridgeMstOptions extends Partial<BridgeMstState> {
  /** Which frames of the tree's VLANs pass. */
  state: BridgeMstState['state'];
}

const SET_OPTIONS = optionTable<SetBridgeMstOptions>({ index: true, msti: true, state: portLimits.state }, [
  'state',
]);

const WORDS = {
  ...NO_DEVICE,
  EBUSY: 'the bridge has no mst',
  EOPNOTSUPP: 'it is not the port of a bridge, or this kernel is built without VLAN filtering',
} as const;

/**
 * Sets the state of a port in a spanning tree of VLANs (IEEE 802.1Q MST, Linux 5.18), which a program keeps. `setBridgeVlanGlobal`
 * says which VLANs are in it.
 *
 * @throws {@link NetlinkError} ENODEV; EBUSY where the bridge has no `mst`; EOPNOTSUPP for a device that is no port, and where the
 * kernel has no such trees.
 * @see bridge(8): `bridge mst set`
 * @example
 * ```ts
 * await createBridge(red, 'br0');
 * await enslaveLink(red, 'eth0', 'br0');
 * const setting = setBridgeMst(red, 'eth0', 2, { state: 'blocking' });
 * await setting.catch(() => console.log('the bridge has no spanning trees of VLANs'));
 * ```
 */
export async function setBridgeMst(
  netns: Netns,
  device: Device,
  msti: number,
  options: SetBridgeMstOptions,
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkInteger('msti', msti, 1, 4094);
  checkOptions(options, SET_OPTIONS);
  const { state } = options;
  const attempt = { operation: `set spanning tree ${msti} of`, device, words: WORDS };
  const spec = [{ trees: [{ msti, state }] }];
  bridgeVlans.add({ spec }, 0, attempt); // refused before any system call
  const { index, bridge } = await findPort(netns, device, attempt);
  if (bridge !== undefined) await requireMst(netns, bridge, attempt);
  await netns.request(bridgeVlans.add({ family: AF_BRIDGE, index, spec }, 0, attempt));
}

const kindOf = link.reading('info');

/** Refuses what the kernel would ignore (5.10). */
async function requireMst(netns: Netns, bridge: number, attempt: Attempt): Promise<void> {
  const { info = {} } = (await netns.request(kindOf.get({ index: bridge }, attempt))) ?? {};
  if (kindView(info).bridge?.mst !== undefined) return;
  const sentence = 'spanning trees of VLANs need Linux 5.18';
  throw new NetlinkError({ ...attempt, errno: EOPNOTSUPP, netns: netns.toString() }, sentence);
}

/** Which ports' states are listed; those of all by default. */
export interface ListBridgeMstOptions {
  /** Only those of this port. */
  device?: Device;
}

const LIST_OPTIONS = optionTable<ListBridgeMstOptions>({ device: checkDevice });

/**
 * The states of the ports of bridges with `mst` in the spanning trees of their VLANs, in the order of the ports' indexes. A kernel
 * before 5.18 has none.
 *
 * @throws {@link NetlinkError} ENODEV.
 * @see bridge(8): `bridge mst show`
 * @example
 * ```ts
 * for (const { index, msti, state } of await listBridgeMst(red)) console.log(index, msti, state);
 * ```
 */
export async function listBridgeMst(
  netns: Netns,
  options: ListBridgeMstOptions = {},
): Promise<BridgeMstState[]> {
  checkNetns(netns);
  checkOptions(options, LIST_OPTIONS);
  const { device } = options;
  const attempt = { operation: 'list spanning trees of VLANs', device, words: NO_DEVICE };
  const wanted = device === undefined ? undefined : await indexOf(netns, device, attempt);
  const filter = { family: AF_BRIDGE, extMask: RTEXT_FILTER_MST };
  const replies = await netns.request(bridgeVlans.dump(filter, attempt));
  return replies
    .filter(({ index }) => wanted === undefined || index === wanted)
    .flatMap(({ index, spec = [] }) =>
      spec.flatMap(({ trees = [] }) =>
        trees.map(({ msti = 0, state = 'disabled' }) => ({ index, msti, state })),
      ),
    )
    .sort((one, other) => one.index - other.index || one.msti - other.msti);
}
