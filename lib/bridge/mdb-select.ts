import { AF_BRIDGE } from '../addon/socket-constants';
import { checkDevice, parseIp } from '../common/check';
import { defined } from '../common/objects';
import { checkOptions, integerFrom, isText, oneOf, optionTable, trueOrFalse } from '../common/options';
import { MDB_PERMANENT, mdbChange } from '../netlink/rtnetlink/mdb';
import { checkNetns } from '../netns/check-netns';
import { type Device, indexOf, NO_DEVICE } from '../netns/device';
import type { Netns } from '../netns/netns';
import { checkGroup } from './mdb';
import { type MdbEntry, toMdbEntries } from './mdb-view';

// What Linux has since 6.8: the entries of one group, and the removal of many.

const VLAN = integerFrom(1, 4094);

/** Which entries are meant of those for one group. */
export interface GetMdbOptions {
  /** Those of this VLAN; those without a VLAN by default. */
  vlan?: number;
  /** Those of this sender; those of all senders by default. */
  source?: string;
}

const GET_OPTIONS = optionTable<GetMdbOptions>({ vlan: VLAN, source: isText });

const NEWER = 'it is no bridge, or this kernel is older: Linux has this since 6.8';

const GET_WORDS = {
  ...NO_DEVICE,
  ENOENT: 'the bridge does not have this group',
  EINVAL: 'the bridge is down, has no multicast snooping, or an option does not fit',
  EOPNOTSUPP: NEWER,
} as const;

/**
 * The entries of one multicast group of a bridge: one for each port that wants the group.
 *
 * @throws {@link NetlinkError} ENOENT where the bridge does not have the group; ENODEV; EOPNOTSUPP before Linux 6.8.
 * @see bridge(8): `bridge mdb get`
 * @example
 * ```ts
 * await createBridge(red, 'br0', { up: true });
 * await enslaveLink(red, 'eth0', 'br0');
 * await addMdb(red, 'br0', '239.1.1.1', { port: 'eth0' });
 * const ports = await getMdb(red, 'br0', '239.1.1.1').catch(() => []); // before Linux 6.8
 * console.log(ports.map(({ port }) => port));
 * ```
 */
export async function getMdb(
  netns: Netns,
  bridge: Device,
  group: string,
  options: GetMdbOptions = {},
): Promise<MdbEntry[]> {
  checkNetns(netns);
  checkDevice(bridge, 'bridge');
  checkGroup(group);
  checkOptions(options, GET_OPTIONS);
  const { vlan = 0 } = options;
  const source = options.source === undefined ? undefined : parseIp(options.source, 'source').address;
  const attempt = { operation: `get group ${group} of`, device: bridge, words: GET_WORDS };
  const question = (index: number) =>
    mdbChange.get(
      {
        family: AF_BRIDGE,
        index,
        entry: { port: 0, state: 0, flags: 0, vlan, group },
        ...(source !== undefined && { options: { source } }),
      },
      attempt,
    );
  question(0); // refused before any system call
  const found = await netns.request(question(await indexOf(netns, bridge, attempt, 'bridge')));
  return found === undefined ? [] : toMdbEntries(found);
}

/** Which entries are removed: those to which all of this applies. */
export interface FlushMdbOptions {
  /** Those of this port. */
  port?: Device;
  /** Those of this VLAN. */
  vlan?: number;
  /** Those that stay, or those that do not. */
  permanent?: boolean;
  /** Those that a program has added; the kernel (6.18) refuses to choose those that the bridge has learned, with ERANGE. */
  protocol?: 'static' | number;
}

const FLUSH_OPTIONS = optionTable<FlushMdbOptions>({
  port: checkDevice,
  vlan: VLAN,
  permanent: trueOrFalse,
  protocol: oneOf(['static'], { number: true }),
});

const FLUSH_WORDS = {
  ...NO_DEVICE,
  EOPNOTSUPP: NEWER,
  EINVAL: NEWER,
} as const;

/**
 * Removes multicast groups from the ports of a bridge: all of them, or those that the options choose. What the bridge itself wants
 * goes, too, but with a `port`.
 *
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP (with Linux 5.10, EINVAL) before Linux 6.8.
 * @see bridge(8): `bridge mdb flush`
 * @example
 * ```ts
 * await createBridge(red, 'br0', { up: true });
 * await flushMdb(red, 'br0').catch(() => console.log('this kernel is older than 6.8'));
 * ```
 */
export async function flushMdb(netns: Netns, bridge: Device, options: FlushMdbOptions = {}): Promise<void> {
  checkNetns(netns);
  checkDevice(bridge, 'bridge');
  checkOptions(options, FLUSH_OPTIONS);
  const { port, vlan = 0, permanent, protocol } = options;
  const attempt = { operation: 'flush multicast groups of', device: bridge, words: FLUSH_WORDS };
  const filter = defined({ protocol, stateMask: permanent === undefined ? undefined : MDB_PERMANENT });
  const state = permanent === true ? MDB_PERMANENT : 0;
  const request = (index: number, portIndex: number) =>
    mdbChange.removeAll(
      {
        family: AF_BRIDGE,
        index,
        entry: { port: portIndex, state, flags: 0, vlan, group: NO_GROUP },
        ...(Object.keys(filter).length > 0 && { options: filter }),
      },
      attempt,
    );
  request(0, 0); // refused before any system call
  const [index, portIndex = 0] = await Promise.all([
    indexOf(netns, bridge, attempt, 'bridge'),
    port === undefined ? undefined : indexOf(netns, port, attempt, 'port'),
  ]);
  await netns.request(request(index, portIndex));
}

/** A filter has no address. */
const NO_GROUP = '00:00:00:00:00:00';
