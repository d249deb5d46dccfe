import { AF_BRIDGE } from '../addon/socket-constants';
import { checkDevice, refuse } from '../common/check';
import { checkOptions, integerFrom, optionsOf, optionTable, trueOrFalse } from '../common/options';
import { type Attempt, ignoring } from '../netlink/error';
import type { Request } from '../netlink/object';
import { BRIDGE_FLAGS, bridgeVlans, VLAN_INFO } from '../netlink/rtnetlink/bridge-vlan';
import { VLAN_DUMP, vlanEntryDump } from '../netlink/rtnetlink/vlan-entries';
import { checkNetns } from '../netns/check-netns';
import { type Device, indexOf, NO_DEVICE } from '../netns/device';
import type { Netns } from '../netns/netns';
import { findPort } from './port';
import { inWords, isVlan, rangeOf, type VlanRange } from './vlan-range';
import { VLAN_SETTINGS } from './vlan-settings';
import { type BridgeVlan, type BridgeVlanStatistics, inRows, toBridgeVlans } from './vlan-view';

/** How a port gets a VLAN; a VLAN that was listed is one, too, whose settings `setBridgeVlan` sets. */
export interface AddBridgeVlanOptions extends Partial<BridgeVlan> {
  /** Frames without a tag that come in belong to this VLAN; off by default. A port has one such VLAN. */
  pvid?: boolean;
  /** Frames of this VLAN go out without a tag; off by default. */
  untagged?: boolean;
  /**
   * The network identifier that the VLAN has on the vxlan that is the port. The port needs `vlanTunnel`. The VLANs of a range get
   * this one and those that follow.
   */
  tunnelId?: number;
  /**
   * Whether it is a VLAN of the device itself and not of a port: by default for a device that is no port, such as a bridge, which
   * then receives frames of the VLAN.
   */
  self?: boolean;
}

const STATISTICS = optionTable<BridgeVlanStatistics>({
  ...{ rxBytes: true, rxPackets: true, txBytes: true, txPackets: true },
});

/** What a VLAN is listed with. */
const LISTED = {
  index: true,
  vlan: isVlan,
  pvid: trueOrFalse,
  untagged: trueOrFalse,
  tunnelId: integerFrom(1, 0xffffff),
  ...VLAN_SETTINGS,
  multicastGroups: true,
  statistics: optionsOf(STATISTICS),
} as const;

const ADD_OPTIONS = optionTable<AddBridgeVlanOptions>({ ...LISTED, self: trueOrFalse });
// The kernels of 5.10 and 6.1 give no sentence with these.
const WORDS = {
  ...NO_DEVICE,
  EOPNOTSUPP: 'it is no bridge and not the port of one, or this kernel is built without VLAN filtering',
} as const;

const ADD_WORDS = {
  ...WORDS,
  EINVAL: 'a port takes a tunnelId only with vlanTunnel (setBridgePort), or an option does not fit',
  EEXIST: 'another VLAN of the port has this tunnelId',
} as const;

/**
 * Lets the frames of a VLAN, or of several in a row, pass a port of a bridge that filters VLANs, or reach the bridge itself. Of a
 * VLAN that the port has already, it changes the settings.
 *
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP for a device that is neither bridge nor port, and where the kernel has no
 * VLAN filtering; EINVAL for a `tunnelId` without `vlanTunnel`.
 * @see bridge(8): `bridge vlan add`
 * @example
 * ```ts
 * await createBridge(red, 'br0');
 * await enslaveLink(red, 'eth0', 'br0');
 * const adding = addBridgeVlan(red, 'eth0', { from: 10, to: 19 });
 * await adding.catch(() => console.log('this kernel has no VLAN filtering'));
 * ```
 */
export async function addBridgeVlan(
  netns: Netns,
  device: Device,
  vlan: number | VlanRange,
  options: AddBridgeVlanOptions = {},
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  const range = rangeOf(vlan);
  checkOptions(options, ADD_OPTIONS);
  const { pvid = false, untagged = false, tunnelId, self } = options;
  if (pvid && range.from !== range.to) refuse('pvid', 'a port has one such VLAN, not a range', pvid);
  const flags = (pvid ? VLAN_INFO.pvid : 0) | (untagged ? VLAN_INFO.untagged : 0);
  const tunnels = tunnelId === undefined ? [] : tunnelItems(range, tunnelId);
  const spec = [...vlanItems(range, flags), ...tunnels];
  const attempt = { operation: `add VLAN ${inWords(range)} to`, device, words: ADD_WORDS };
  await change(netns, device, { self }, attempt, (target) =>
    bridgeVlans.add({ ...target, spec: [...target.spec, ...spec] }, 0, attempt),
  );
}

/** Whose VLAN is removed; a VLAN that was listed is one, too. */
export interface RemoveBridgeVlanOptions extends Partial<BridgeVlan> {
  /** As with `addBridgeVlan`. */
  self?: boolean;
}

const REMOVE_OPTIONS = optionTable<RemoveBridgeVlanOptions>({ ...LISTED, self: trueOrFalse });

/**
 * Takes a VLAN, or several in a row, from a port of a bridge, or from the bridge itself. The kernel takes it for done where the port
 * does not have the VLAN.
 *
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP for a device that is neither bridge nor port, and where the kernel has no
 * VLAN filtering.
 * @see bridge(8): `bridge vlan del`
 * @example
 * ```ts
 * await createBridge(red, 'br0');
 * await enslaveLink(red, 'eth0', 'br0');
 * const removing = removeBridgeVlan(red, 'eth0', 1);
 * await removing.catch(() => console.log('this kernel has no VLAN filtering'));
 * ```
 */
export async function removeBridgeVlan(
  netns: Netns,
  device: Device,
  vlan: number | VlanRange,
  options: RemoveBridgeVlanOptions = {},
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  const range = rangeOf(vlan);
  checkOptions(options, REMOVE_OPTIONS);
  const spec = vlanItems(range, 0);
  const attempt = { operation: `remove VLAN ${inWords(range)} from`, device, words: WORDS };
  await change(netns, device, options, attempt, (target) =>
    bridgeVlans.remove({ ...target, spec: [...target.spec, ...spec] }, attempt),
  );
}

/** Which VLANs are listed; those of all bridges and ports by default. */
export interface ListBridgeVlansOptions {
  /** Only those of this port, or of this bridge itself. */
  device?: Device;
  /** Each VLAN with its `statistics`, and none in a range. */
  statistics?: boolean;
}

const LIST_OPTIONS = optionTable<ListBridgeVlansOptions>({ device: checkDevice, statistics: trueOrFalse });

/**
 * The VLANs of bridges and of their ports, in the order of their devices' indexes. A kernel without VLAN filtering has none.
 *
 * @throws {@link NetlinkError} ENODEV.
 * @see bridge(8): `bridge -details -statistics vlan show`
 * @example
 * ```ts
 * for (const { index, vlan, pvid } of await listBridgeVlans(red)) console.log(index, vlan, pvid);
 * ```
 */
export async function listBridgeVlans(
  netns: Netns,
  options: ListBridgeVlansOptions = {},
): Promise<BridgeVlan[]> {
  checkNetns(netns);
  checkOptions(options, LIST_OPTIONS);
  const { device, statistics = false } = options;
  const operation = device === undefined ? 'list VLANs of bridges' : 'list VLANs of';
  const attempt = { operation, device, words: NO_DEVICE };
  const index = device === undefined ? undefined : await indexOf(netns, device, attempt);
  // without statistics the kernel makes rows itself, and loses those that follow the pvid (6.1)
  // the list of one device does not end (5.10)
  const filter = { family: AF_BRIDGE, flags: VLAN_DUMP.statistics };
  const replies = await netns.request(vlanEntryDump.dump(filter, attempt)).catch(ignoring('EOPNOTSUPP'));
  const singles = (replies ?? [])
    .filter((reply) => index === undefined || reply.index === index)
    .flatMap(toBridgeVlans)
    .sort((one, other) => one.index - other.index);
  return statistics ? singles : inRows(singles);
}

type Change = Parameters<typeof bridgeVlans.add>[0];
type Items = NonNullable<Change['spec']>;

/** The beginning and the end of a range, each with its flag; one item for a single VLAN. */
function bounds({ from, to }: VlanRange, flags: number): { vlan: number; flags: number }[] {
  if (from === to) return [{ vlan: from, flags }];
  return [
    { vlan: from, flags: flags | VLAN_INFO.rangeBegin },
    { vlan: to, flags: flags | VLAN_INFO.rangeEnd },
  ];
}

const vlanItems = (range: VlanRange, flags: number): Items =>
  bounds(range, flags).map((info) => ({ vlan: info }));

const tunnelItems = (range: VlanRange, id: number): Items =>
  bounds(range, 0).map((info) => ({ tunnel: { id: id + info.vlan - range.from, ...info } }));

/** Sends a change to a port, or to the device itself. It is made once before any system call, so that what it refuses is refused there. */
async function change(
  netns: Netns,
  device: Device,
  { self }: { self?: boolean | undefined },
  attempt: Attempt,
  build: (target: { family: number; index: number; spec: Items }) => Request<undefined>,
): Promise<void> {
  build({ family: AF_BRIDGE, index: 0, spec: [] });
  const { index, bridge } = await findPort(netns, device, attempt);
  const flags = (self ?? bridge === undefined) ? BRIDGE_FLAGS.self : BRIDGE_FLAGS.master;
  await netns.request(build({ family: AF_BRIDGE, index, spec: [{ flags }] }));
}
