import { AF_BRIDGE } from '../addon/socket-constants';
import { checkDevice } from '../common/check';
import { defined } from '../common/objects';
import { checkObject, checkOptions, optionTable, trueOrFalse } from '../common/options';
import { written } from '../netlink/codec';
import type { Attempt } from '../netlink/error';
import {
  bridgePort,
  type BridgePortInfo,
  portLimits,
  REPORTED_OF_PORT,
} from '../netlink/rtnetlink/kinds/bridge-port';
import { bridgeVlans } from '../netlink/rtnetlink/bridge-vlan';
import { link } from '../netlink/rtnetlink/link';
import { checkNetns } from '../netns/check-netns';
import { changeDevice, type Device, deviceRef, type DeviceRef, indexOf, NO_DEVICE } from '../netns/device';
import type { Netns } from '../netns/netns';
import type { Link } from './link-view';
import { listLinks, readLink } from './links';
import { requireSupport } from './supported';

/** A device that is a port of a bridge. */
export interface BridgePort extends BridgePortInfo {
  index: number;
  name: string;
  /** Index of the bridge. */
  master: number;
  up: boolean;
  mtu: number;
}

/**
 * The ports of one bridge, or of all of a namespace's: each with state, cost, priority and master.
 *
 * @see bridge(8): `bridge link`
 * @example
 * ```ts
 * await createBridge(red, 'br0');
 * await enslaveLink(red, 'eth0', 'br0');
 * const [port] = await listBridgePorts(red, 'br0');
 * console.log(port?.name, port?.cost); // eth0 2
 * ```
 */
export async function listBridgePorts(netns: Netns, bridge?: Device): Promise<BridgePort[]> {
  checkNetns(netns);
  if (bridge !== undefined) checkDevice(bridge, 'bridge');
  const links = await netns.lend('list bridge ports of namespace', async () =>
    listLinks(netns, bridge === undefined ? {} : { master: bridge }),
  );
  return links.flatMap(({ index, name, master, up, mtu, port }) =>
    master === undefined || port === undefined ? [] : [{ ...port, index, name, master, up, mtu }],
  );
}

type Reported = Pick<
  BridgePortInfo,
  | 'cost'
  | 'priority'
  | 'hairpin'
  | 'guard'
  | 'rootBlock'
  | 'fastLeave'
  | 'learning'
  | 'unicastFlood'
  | 'multicastFlood'
  | 'broadcastFlood'
  | 'multicastToUnicast'
  | 'multicastRouter'
  | 'multicastEhtHostsLimit'
  | 'multicastMaxGroups'
  | 'groupForwardMask'
  | 'neighborSuppress'
  | 'neighborVlanSuppress'
  | 'proxyArp'
  | 'proxyArpWifi'
  | 'vlanTunnel'
  | 'isolated'
  | 'locked'
  | 'macAuthenticationBypass'
  | 'backupNexthopId'
>;

/** What can be changed of a port. */
export interface BridgePortSettings extends Reported {
  /**
   * Which frames pass, for a spanning tree that some program keeps; the kernel refuses it while the bridge's own is on (`stp`).
   * Where the bridge knows of no spanning tree at all, 'blocking' is 'forwarding' at once. When the port goes down or comes up, the
   * kernel sets its state again, and a port that is 'disabled' may forward after any other call that changes it.
   */
  state?: NonNullable<BridgePortInfo['state']>;
  /** Another port of the bridge, to which frames go while this one has no carrier; 0 for none. */
  backupPort?: Device;
  /** The next hop object that those frames get, where the backup is a vxlan (6.6); 0 for none. It needs `vlanTunnel`. */
  backupNexthopId?: number;
}

const PORT_SETTINGS = optionTable<BridgePortSettings>({
  cost: portLimits.cost,
  priority: portLimits.priority,
  hairpin: trueOrFalse,
  guard: trueOrFalse,
  rootBlock: trueOrFalse,
  fastLeave: trueOrFalse,
  learning: trueOrFalse,
  unicastFlood: trueOrFalse,
  multicastFlood: trueOrFalse,
  broadcastFlood: trueOrFalse,
  multicastToUnicast: trueOrFalse,
  multicastRouter: portLimits.multicastRouter,
  multicastEhtHostsLimit: portLimits.multicastEhtHostsLimit,
  multicastMaxGroups: true,
  groupForwardMask: portLimits.groupForwardMask,
  neighborSuppress: trueOrFalse,
  neighborVlanSuppress: trueOrFalse,
  proxyArp: trueOrFalse,
  proxyArpWifi: trueOrFalse,
  vlanTunnel: trueOrFalse,
  isolated: trueOrFalse,
  locked: trueOrFalse,
  macAuthenticationBypass: trueOrFalse,
  state: portLimits.state,
  backupPort: (value, path) => {
    if (value !== 0) checkDevice(value, path);
  },
  backupNexthopId: true,
});

/** What getLink returns of a port is taken, too. */
const SETTINGS_OR_REPORTED = optionTable<Readonly<Record<string, unknown>>>({
  ...PORT_SETTINGS,
  ...Object.fromEntries(REPORTED_OF_PORT.map((name) => [name, true as const])),
});

/** And so is what listBridgePorts returns, which has an index. Whoever gives an MTU alone wants to set it, which setLink does. */
const SETTINGS_OR_LISTED: typeof SETTINGS_OR_REPORTED = optionTable<Readonly<Record<string, unknown>>>({
  ...SETTINGS_OR_REPORTED,
  ...{ index: true, name: true, master: true, up: true, mtu: true },
});

const WORDS = {
  ...NO_DEVICE,
  EOPNOTSUPP: 'it is not the port of a bridge',
  EBUSY: "spanning tree decides the port's state while it is on",
  ENETDOWN: "the port is down or has no carrier, so that its state is 'disabled'",
  ENOENT: 'backupPort is not the port of a bridge',
  EINVAL: 'backupPort is the port itself, or one of another bridge',
} as const;

/**
 * Changes how a bridge treats one of its ports. The settings may be those of a port as `listBridgePorts` returns it: what a port is besides,
 * its MTU for example, stays as it is.
 *
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP for a device that is not a port, and for a setting that this kernel does
 * not know, such as `macAuthenticationBypass` before 6.2: then nothing is set, but with `backupNexthopId` before 6.6 all else is;
 * EBUSY and ENETDOWN for a `state` that the port cannot have; ENOENT and EINVAL for a `backupPort` that is no other port of
 * the same bridge.
 * @see bridge(8): `bridge link set`
 * @example
 * ```ts
 * await createBridge(red, 'br0');
 * await enslaveLink(red, 'eth0', 'br0');
 * await setBridgePort(red, 'eth0', { isolated: true, cost: 50 });
 * ```
 */
export async function setBridgePort(
  netns: Netns,
  device: Device,
  settings: BridgePortSettings | BridgePort,
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkObject(settings, 'settings');
  checkOptions(settings, 'index' in settings ? SETTINGS_OR_LISTED : SETTINGS_OR_REPORTED);
  const isSetting = ([name]: [string, unknown]) => name in PORT_SETTINGS;
  const given = Object.fromEntries(Object.entries(settings).filter(isSetting)) as BridgePortSettings;
  const { backupPort, ...own } = given;
  written(bridgePort, own); // a value that does not fit is refused by the name of its option
  const attempt = { operation: 'set bridge port', device, words: WORDS };
  changesOf(own, attempt)(deviceRef(device)); // refused before any system call
  const { backupNexthopId, ...reported } = own;
  const portOf = ({ port }: Link) => port;
  await requireSupport(netns, device, reported, portOf, attempt);
  const backup =
    typeof backupPort === 'string' ? await indexOf(netns, backupPort, attempt, 'backupPort') : backupPort;
  const all = { ...own, ...defined({ backupPort: backup }) };
  const { state, ...others } = all;
  // the kernel refuses a state for a port that is down, even its own
  const stays =
    state === undefined ||
    (Object.keys(others).length > 0 && (await readLink(netns, device, attempt)).port?.state === state);
  if (stays) await changeDevice(netns, device, changesOf(others, attempt));
  else await setWithState(netns, device, all, attempt);
  // the kernel does not report that there is none
  if (backupNexthopId !== undefined && backupNexthopId !== 0) {
    await requireSupport(netns, device, { backupNexthopId }, portOf, attempt);
  }
}

function changesOf(portData: BridgePortInfo, attempt: Attempt) {
  return (ref: DeviceRef) => [link.add({ ...ref, info: { portKind: 'bridge', portData } }, 0, attempt)];
}

/**
 * After RTM_NEWLINK the kernel looks at the port's carrier, and lets a port that was to be disabled forward again (6.18).
 * RTM_SETLINK leaves it as it is.
 */
async function setWithState(
  netns: Netns,
  device: Device,
  bridgePort: BridgePortInfo,
  attempt: Attempt,
): Promise<void> {
  const index = await indexOf(netns, device, attempt);
  await netns.request(bridgeVlans.add({ family: AF_BRIDGE, index, bridgePort }, 0, attempt));
}
