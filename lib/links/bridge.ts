import { addrRequest } from '../addresses/addr-request';
import type { Device } from '../netns/device';
import { checkAddrs, checkDevice, checkNewDeviceName } from '../common/check';
import {
  checkMtu,
  LINK_OPTIONS,
  type LinkOptions,
  NEW_DEVICE_OPTIONS,
  type NewDeviceOptions,
  setRequests,
} from './link-request';
import { createLink } from './create-link';
import { checkKindSettings, reportedTable } from './kind-request';
import { getLink, takeBack } from './links';
import { setLink } from './set-link';
import { defined } from '../common/objects';
import { takingBack } from '../common/take-back';
import { checkOptions, optionTable } from '../common/options';
import { isMac, randomMac } from './mac';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { ignoring, NetlinkError } from '../netlink/error';
import { IF_EXISTS, type IfExists, onExisting } from '../netlink/existence';
import { bridge } from '../netlink/rtnetlink/kinds/bridge';
import type { BridgeSettings } from '../netlink/rtnetlink/kinds/bridge-settings';

export interface CreateBridgeOptions extends LinkOptions, NewDeviceOptions, BridgeSettings {
  /**
   * 'aa:bb:cc:dd:ee:ff'; a random one by default, which stays. With 'kernel' the kernel chooses: the bridge then has the
   * lowest MAC address of its ports, and another one when ports come and leave. A bridge with a MAC address of its own
   * has no carrier until one of its ports forwards; a bridge of the kernel's MAC address that never had a port has one.
   */
  mac?: string;
  /** '10.0.1.1/24', 'fd00::1/64' */
  addrs?: readonly string[];
  /** Where a device of that name exists: 'fail' (default) with EEXIST, or 'ignore', if it is a bridge. */
  ifExists?: IfExists;
}

/** @internal */
export const CREATE_BRIDGE_OPTIONS = optionTable<CreateBridgeOptions>({
  ...LINK_OPTIONS,
  ...NEW_DEVICE_OPTIONS,
  mac: (value, path) => {
    if (value !== 'kernel') isMac(value, path);
  },
  mtu: checkMtu,
  ...bridge.options,
  addrs: checkAddrs,
  ifExists: IF_EXISTS,
});

/** What getLink returns of a bridge is taken, too. */
const NEW_OR_LISTED = optionTable<Readonly<Record<string, unknown>>>({
  ...CREATE_BRIDGE_OPTIONS,
  ...reportedTable(bridge),
});

/** A bridge as it was made, or found. */
export interface CreatedBridge {
  index: number;
  name: string;
  /** Whether it was there before: only with `ifExists: 'ignore'`. */
  found: boolean;
}

/**
 * Creates a bridge: a switch of devices in one namespace. Its MAC address is fixed from the start, so that it
 * does not follow its ports', unless `mac` is 'kernel'.
 *
 * @throws {@link NetlinkError} EEXIST where the name is taken.
 * @see ip-link(8): `ip link add NAME type bridge`
 * @example
 * ```ts
 * const { index } = await createBridge(host, 'br0', { up: true, addrs: ['10.0.1.1/24'] });
 * await createVeth({ netns: red, name: 'eth1', up: true }, { netns: host, bridge: index, up: true });
 * ```
 */
export async function createBridge(
  netns: Netns,
  name: string,
  options: CreateBridgeOptions = {},
): Promise<CreatedBridge> {
  checkNetns(netns);
  checkNewDeviceName(name, 'name', { pattern: true });
  checkOptions(options, NEW_OR_LISTED);
  const { addrs = [], ifExists = 'fail', up, alias, addrGenMode, mac = randomMac(), ...first } = options;
  const own = defined({ mac: mac === 'kernel' ? undefined : mac });
  const last = defined({ alias, addrGenMode, up });
  const operation = 'create bridge';
  setRequests(1, last, operation); // refused before any system call
  return netns.lend({ operation, device: name }, async ({ fd }) => {
    const bridge = await createOrFind(netns, { ...first, ...own, kind: 'bridge', name }, ifExists);
    try {
      const work: Promise<unknown>[] = addrs.map((address) =>
        netns
          .request(addrRequest(bridge.name, address, { ifExists })(bridge.index))
          .catch(onExisting(ifExists)),
      );
      if (Object.keys(last).length > 0) work.push(setLink(netns, bridge.index, last));
      await Promise.all(work);
    } catch (error) {
      if (bridge.found) throw error;
      return takingBack(error, async () => takeBack(netns, fd, bridge.index));
    }
    return bridge;
  });
}

async function createOrFind(
  netns: Netns,
  options: Parameters<typeof createLink>[1] & { name: string },
  ifExists: IfExists,
): Promise<CreatedBridge> {
  for (;;) {
    try {
      return { ...(await createLink(netns, options)), found: false };
    } catch (error) {
      if (ifExists !== 'ignore' || !(error instanceof NetlinkError) || error.code !== 'EEXIST') throw error;
      const found = await getLink(netns, options.name).catch(ignoring('ENODEV'));
      if (found?.kind === 'bridge') return { index: found.index, name: found.name, found: true };
      // where there is none, somebody has deleted it meanwhile, unless it is the index that is taken
      if (found !== undefined || options.index !== undefined) throw error;
    }
  }
}

/**
 * Changes a bridge's own settings.
 *
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP for a device that is not a bridge, and for what this kernel does not have,
 * such as VLAN filtering: then nothing is set; ERANGE for a `forwardDelay` that does not go with STP; EBUSY for what cannot change
 * while a port has VLANs.
 * @see ip-link(8): `ip link set NAME type bridge`
 * @example
 * ```ts
 * await createBridge(host, 'br0');
 * await setBridge(host, 'br0', { stp: true, priority: 4096, forwardDelay: 400 });
 * console.log((await getLink(host, 'br0')).bridge?.priority); // 4096
 * ```
 */
export async function setBridge(netns: Netns, device: Device, settings: BridgeSettings): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkKindSettings(settings, bridge);
  await setLink(netns, device, { kind: 'bridge', ...settings });
}
