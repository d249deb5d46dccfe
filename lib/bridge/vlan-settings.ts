import { AF_BRIDGE } from '../addon/socket-constants';
import { checkDevice } from '../common/check';
import { defined } from '../common/objects';
import { checkOptions, optionTable, trueOrFalse } from '../common/options';
import { VLAN_INFO } from '../netlink/rtnetlink/bridge-vlan';
import { portLimits } from '../netlink/rtnetlink/kinds/bridge-port';
import { vlanEntries } from '../netlink/rtnetlink/vlan-entries';
import { checkNetns } from '../netns/check-netns';
import { type Device, NO_DEVICE, requestFor } from '../netns/device';
import type { Netns } from '../netns/netns';
import { findPort } from './port';
import { inWords, rangeOf, type VlanRange } from './vlan-range';
import type { BridgeVlanSettings } from './vlan-view';

/** @internal The settings of a VLAN. */
export const VLAN_SETTINGS = {
  state: portLimits.state,
  multicastRouter: portLimits.multicastRouter,
  multicastMaxGroups: true,
  neighborSuppress: trueOrFalse,
} as const;

/** What `listBridgeVlans` returns is taken, too. */
const SETTINGS_OR_LISTED = optionTable<Readonly<Record<string, unknown>>>({
  ...VLAN_SETTINGS,
  ...{ index: true, vlan: true, pvid: true, untagged: true, tunnelId: true },
  ...{ multicastGroups: true, statistics: true },
});

const WORDS = {
  ...NO_DEVICE,
  ENOENT: 'the port does not have this VLAN, or not all of the range',
  EBUSY: "spanning tree decides the state while it is on, and with mst the tree of the VLAN's own",
  EINVAL:
    'it is neither a bridge nor the port of one, this kernel does not know the setting, or multicastMaxGroups lacks multicastVlanSnooping',
  EOPNOTSUPP: 'this kernel is built without VLAN filtering',
} as const;

/**
 * Changes the settings of a VLAN that a port has, or the bridge itself, or of several in a row. The settings may be a VLAN as
 * `listBridgeVlans` returns it.
 *
 * @throws {@link NetlinkError} ENODEV; ENOENT where the port does not have the VLAN; EBUSY for a `state` while spanning tree is on;
 * EINVAL for a setting that this kernel does not know, such as `multicastRouter` before 5.15; EOPNOTSUPP where the kernel has no
 * VLAN filtering.
 * @see bridge(8): `bridge vlan set`
 * @example
 * ```ts
 * await createBridge(red, 'br0');
 * await enslaveLink(red, 'eth0', 'br0');
 * const blocking = setBridgeVlan(red, 'eth0', 1, { state: 'blocking' });
 * await blocking.catch(() => console.log('this kernel has no VLAN filtering'));
 * ```
 */
export async function setBridgeVlan(
  netns: Netns,
  device: Device,
  vlan: number | VlanRange,
  settings: BridgeVlanSettings,
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  const range = rangeOf(vlan);
  checkOptions(settings, SETTINGS_OR_LISTED, { whole: 'settings' });
  const { state, multicastRouter, multicastMaxGroups, neighborSuppress } = settings;
  const entry = {
    vlan: { flags: VLAN_INFO.onlyOptions, vlan: range.from },
    ...(range.to > range.from && { last: range.to }),
    ...defined({ state, multicastRouter, multicastMaxGroups }),
  };
  const called = { last: 'vlan' };
  const attempt = { operation: `set VLAN ${inWords(range)} of`, device, words: WORDS, called };
  const request = (index: number, more: Pick<BridgeVlanSettings, 'neighborSuppress'>) =>
    vlanEntries.add({ family: AF_BRIDGE, index, entry: { ...entry, ...more } }, 0, attempt);
  const suppressing = defined({ neighborSuppress });
  if (neighborSuppress !== false) {
    await requestFor(netns, device, (index) => request(index, suppressing));
    return;
  }
  request(0, suppressing); // refused before any system call
  const { index, bridge } = await findPort(netns, device, attempt);
  // a VLAN of the bridge itself is listed with it, and the kernel refuses to be given it back (7.2)
  await netns.request(request(index, bridge === undefined ? {} : suppressing));
}
