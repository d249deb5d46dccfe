import { constants } from 'node:os';
import { AF_BRIDGE } from '../addon/socket-constants';
import { checkDevice } from '../common/check';
import { assignDefined, defined } from '../common/objects';
import { checkOptions, integerFrom, optionTable } from '../common/options';
import { ignoring, NetlinkError } from '../netlink/error';
import { bridge as bridgeKind } from '../netlink/rtnetlink/kinds/bridge';
import type { BridgeSettings } from '../netlink/rtnetlink/kinds/bridge-settings';
import {
  type GlobalVlanEntry,
  VLAN_DUMP,
  vlanEntries,
  vlanEntryDump,
} from '../netlink/rtnetlink/vlan-entries';
import { checkNetns } from '../netns/check-netns';
import { type Device, indexOf, NO_DEVICE, requestFor } from '../netns/device';
import type { Netns } from '../netns/netns';
import { type MulticastRouter, toMulticastRouters } from './mdb-view';
import { inWords, rangeOf, type VlanRange, vlanOrRange } from './vlan-range';

const { EOPNOTSUPP } = constants.errno;

/** What a VLAN has of its own as well as the bridge, where the bridge snoops for each VLAN. */
const MULTICAST = [
  'multicastSnooping',
  'multicastQuerier',
  'multicastIgmpVersion',
  'multicastMldVersion',
  'multicastLastMemberCount',
  'multicastStartupQueryCount',
  'multicastLastMemberInterval',
  'multicastMembershipInterval',
  'multicastQuerierInterval',
  'multicastQueryInterval',
  'multicastQueryResponseInterval',
  'multicastStartupQueryInterval',
] as const satisfies (keyof BridgeSettings)[];

type Multicast = Pick<BridgeSettings, (typeof MULTICAST)[number]>;

/** What can be set of a VLAN of a bridge, for all of its ports. Those of multicast count with the bridge's `multicastVlanSnooping`. */
export interface BridgeVlanGlobalSettings extends Multicast {
  /** The spanning tree that the VLAN belongs to (5.18), 0 to 4,094; 0 by default, which is that of the bridge. It needs `mst`. */
  msti?: number;
}

/** The settings of a VLAN of a bridge, or of several in a row that are alike. Times are in hundredths of a second. */
export interface BridgeVlanGlobal extends BridgeVlanGlobalSettings {
  /** Index of the bridge. */
  bridge: number;
  /** A number, or a range. */
  vlan: number | VlanRange;
  /** The host that asks for multicast memberships, if there is one. */
  multicastQuerierState?: NonNullable<GlobalVlanEntry['multicastQuerierState']>;
  /** The ports that lead to multicast routers in the VLAN. */
  multicastRouters?: MulticastRouter[];
}

const SETTINGS = {
  ...Object.fromEntries(MULTICAST.map((name) => [name, bridgeKind.options[name]])),
  msti: integerFrom(0, 4094),
};

const NAMES = Object.keys(SETTINGS) as (keyof BridgeVlanGlobalSettings)[];

/** What `listBridgeVlanGlobals` returns is taken, too. */
const SETTINGS_OR_LISTED = optionTable<Readonly<Record<string, unknown>>>({
  ...SETTINGS,
  ...{ bridge: true, vlan: true, multicastQuerierState: true, multicastRouters: true },
});

const WORDS = {
  ...NO_DEVICE,
  ENOENT: 'the bridge does not have this VLAN, or not all of the range',
  EINVAL:
    'it is no bridge, or this kernel does not know the setting: settings of VLANs of bridges need Linux 5.15, msti needs 5.18, and a bridge with mst',
  EOPNOTSUPP: 'this kernel is built without VLAN filtering',
} as const;

/**
 * Changes the settings of a VLAN of a bridge, or of several in a row: those that the VLAN has for all ports. The settings may be
 * those of a VLAN as `listBridgeVlanGlobals` returns it.
 *
 * @throws {@link NetlinkError} ENODEV; ENOENT where the bridge does not have the VLAN; EINVAL for a device that is no bridge, and where
 * the kernel does not know it (before 5.15); EOPNOTSUPP where the kernel has no VLAN filtering.
 * @see bridge(8): `bridge vlan global set`
 * @example
 * ```ts
 * await createBridge(red, 'br0');
 * const setting = setBridgeVlanGlobal(red, 'br0', 1, { multicastQuerier: true });
 * await setting.catch(() => console.log('this kernel has no VLAN filtering'));
 * ```
 */
export async function setBridgeVlanGlobal(
  netns: Netns,
  bridge: Device,
  vlan: number | VlanRange,
  settings: BridgeVlanGlobalSettings,
): Promise<void> {
  checkNetns(netns);
  checkDevice(bridge, 'bridge');
  const range = rangeOf(vlan);
  checkOptions(settings, SETTINGS_OR_LISTED, { whole: 'settings' });
  const global = {
    vlan: range.from,
    ...(range.to > range.from && { last: range.to }),
    ...defined(Object.fromEntries(NAMES.map((name) => [name, settings[name]]))),
  };
  const called = { last: 'vlan' };
  const attempt = { operation: `set VLAN ${inWords(range)} of bridge`, device: bridge, words: WORDS, called };
  await requestFor(netns, bridge, (index) =>
    vlanEntries.add({ family: AF_BRIDGE, index, global }, 0, attempt),
  );
}

/** Which bridges' VLANs are listed; those of all by default. */
export interface ListBridgeVlanGlobalsOptions {
  /** Only those of this bridge. */
  bridge?: Device;
}

const LIST_OPTIONS = optionTable<ListBridgeVlanGlobalsOptions>({ bridge: checkDevice });

/**
 * The settings that the VLANs of bridges have for all ports, in the order of the bridges' indexes. A kernel without VLAN filtering has
 * none.
 *
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP where VLANs have no such settings (before 5.15).
 * @see bridge(8): `bridge vlan global show`
 * @example
 * ```ts
 * for (const { vlan, multicastSnooping } of await listBridgeVlanGlobals(red)) console.log(vlan, multicastSnooping);
 * ```
 */
export async function listBridgeVlanGlobals(
  netns: Netns,
  options: ListBridgeVlanGlobalsOptions = {},
): Promise<BridgeVlanGlobal[]> {
  checkNetns(netns);
  checkOptions(options, LIST_OPTIONS);
  const { bridge } = options;
  const attempt = { operation: 'list settings of VLANs of bridges', device: bridge, words: NO_DEVICE };
  const index = bridge === undefined ? undefined : await indexOf(netns, bridge, attempt, 'bridge');
  const filter = { family: AF_BRIDGE, flags: VLAN_DUMP.global };
  const replies = await netns.request(vlanEntryDump.dump(filter, attempt)).catch(ignoring('EOPNOTSUPP'));
  const listed = (replies ?? []).flatMap(({ index: of, items }) => items.map((item) => ({ ...item, of })));
  if (listed.some(({ entry }) => entry !== undefined)) {
    // 5.10 knows no such list, and answers with that of the VLANs of all devices
    const sentence = 'settings of VLANs of bridges need Linux 5.15';
    throw new NetlinkError({ ...attempt, errno: EOPNOTSUPP, netns: netns.toString() }, sentence);
  }
  return listed
    .filter(({ of }) => index === undefined || of === index)
    .flatMap(({ of, global }) => (global === undefined ? [] : [toGlobal(of, global)]))
    .sort((one, other) => one.bridge - other.bridge);
}

function toGlobal(bridge: number, { vlan = 0, last, routers, ...entry }: GlobalVlanEntry): BridgeVlanGlobal {
  const { multicastQuerierState } = entry;
  const isKnown = multicastQuerierState !== undefined && Object.keys(multicastQuerierState).length > 0;
  return assignDefined(
    { bridge, vlan: vlanOrRange(vlan, last) },
    {
      ...Object.fromEntries(NAMES.map((name) => [name, entry[name]])),
      multicastQuerierState: isKnown ? multicastQuerierState : undefined,
      multicastRouters: routers?.ports && toMulticastRouters({ index: bridge, routers: routers.ports }),
    },
  );
}
