import { AF_BRIDGE } from '../addon/socket-constants';
import { checkDevice } from '../common/check';
import { defined } from '../common/objects';
import { checkOptions, oneOf, optionTable, trueOrFalse } from '../common/options';
import {
  addFlags,
  IF_MISSING,
  type IfExists,
  type IfMissing,
  onExisting,
  onMissing,
} from '../netlink/existence';
import { neighbor, NTF, NUD } from '../netlink/rtnetlink/neighbor';
import { checkNetns } from '../netns/check-netns';
import { type Device, indexOf, NO_DEVICE } from '../netns/device';
import type { Netns } from '../netns/netns';
import { checkMac, type FdbSelector, LISTED, sendEntry, STATE, TABLE, VLAN } from './fdb-request';
import {
  FDB_FLAGS,
  FDB_STATES,
  type FdbEntry,
  type FdbState,
  type FdbTable,
  shownFdb,
  toFdbEntry,
} from './fdb-view';

/** How an entry of a forwarding table is added; an entry that was listed is one, too. */
export interface AddFdbOptions extends FdbSelector, Partial<Omit<FdbEntry, keyof FdbSelector | 'flags'>> {
  /**
   * 'static' by default in a bridge's table: frames to the address go to the port, and the entry stays. 'permanent' by default in
   * a device's own. bridge(8) has 'permanent' in both, with which a bridge keeps the frames to itself.
   */
  state?: FdbState;
  /** A frame from another port does not move the entry there. */
  sticky?: boolean;
  /** The entry belongs to a program that learns addresses elsewhere, as a daemon of EVPN does. */
  externLearn?: boolean;
  /** The bridge treats the entry as if it had learned it from a frame just now. */
  use?: boolean;
  /**
   * Those of a listed entry: 'sticky', 'extern_learn' and 'use' are as the options above, and with 'router' a vxlan takes the host for
   * a router (`routeShortCircuit`). The others are the kernel's to set.
   */
  flags?: readonly string[];
  /**
   * Where there is an entry for the address: 'fail' (default) with EEXIST, 'ignore', 'replace' it, or with a vxlan, 'append' one
   * more host to send to. An entry with `externLearn` or `use` takes the place of any.
   */
  ifExists?: IfExists | 'replace' | 'append';
}

const ADD_OPTIONS = optionTable<AddFdbOptions>({
  ...LISTED,
  sticky: trueOrFalse,
  externLearn: trueOrFalse,
  use: trueOrFalse,
  ifExists: oneOf(['fail', 'ignore', 'replace', 'append']),
});

// Many kernels (5.10) give no sentence with these.
const ADD_WORDS = {
  ...NO_DEVICE,
  EEXIST: 'the table has an entry for this address already',
  EINVAL:
    'the port does not have this VLAN, the table has no entries of this state, dst (or nexthopId) is missing for a vxlan, ' +
    'or an option does not fit',
  EAFNOSUPPORT:
    'dst is of another family than the hosts of the vxlan: IPv4, or IPv6 where its remote or local is one',
  EOPNOTSUPP:
    "the device has no such table: 'master' is for ports of bridges, and only a vxlan has several hosts for an address, which are appended, and not replaced",
} as const;

const DYNAMIC_WORDS = {
  ...ADD_WORDS,
  EPERM: 'the port is not up, and takes no dynamic entries',
} as const;

const REMOVE_WORDS = {
  ...NO_DEVICE,
  EINVAL: 'the port does not have this VLAN, or an option does not fit',
  ENOENT: 'the table has no such entry',
  EOPNOTSUPP: "the device has no such table: 'master' is for ports of bridges",
} as const;

const CALLED = { address: 'dst', outputIndex: 'via', sourceVni: 'srcVni' } as const;

/**
 * Adds an entry to the forwarding table of a bridge, or of a vxlan: by which port, or to which host, a MAC address is
 * reached. The options may be an entry as `listFdb` returns it; where it is and what it is, device and MAC address say.
 *
 * @throws {@link NetlinkError} EEXIST where there is an entry for the address; ENODEV; EINVAL for a VLAN that the port does
 * not have, and for a state that the table does not take; EOPNOTSUPP where there is no such table.
 * @see bridge(8): `bridge fdb add`
 * @example
 * ```ts
 * await createBridge(red, 'br0');
 * await enslaveLink(red, 'eth0', 'br0');
 * await addFdb(red, 'eth0', '02:00:00:00:00:09');
 * ```
 */
export async function addFdb(
  netns: Netns,
  device: Device,
  mac: string,
  options: AddFdbOptions = {},
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkMac(mac);
  checkOptions(options, ADD_OPTIONS);
  const { ifExists = 'fail', state, flags: listed = [] } = options;
  const { sticky = listed.includes('sticky'), use = listed.includes('use') } = options;
  const { externLearn = listed.includes('extern_learn') } = options;
  const bits =
    (listed.includes('router') ? FDB_FLAGS.router : 0) |
    (sticky ? FDB_FLAGS.sticky : 0) |
    (use ? FDB_FLAGS.use : 0) |
    (externLearn ? FDB_FLAGS.extern_learn : 0);
  const attempt = {
    operation: `add ${mac} to the forwarding table of`,
    device,
    words: state === 'dynamic' ? DYNAMIC_WORDS : ADD_WORDS,
    called: CALLED,
  };
  await sendEntry(netns, device, options, attempt, ({ flags, ...entry }) => {
    const own: FdbState = state ?? ((flags & NTF.master) === 0 ? 'permanent' : 'static');
    const value = { state: typeof own === 'number' ? own : FDB_STATES[own], flags: flags | bits };
    return neighbor.add({ ...entry, ...value, mac }, addFlags(ifExists), attempt);
  }).catch(onExisting(ifExists));
}

/** Which entry is removed; an entry that was listed is one, too. */
export interface RemoveFdbOptions extends FdbSelector, Partial<Omit<FdbEntry, keyof FdbSelector>> {
  /** Where there is none: 'fail' (default) with ENOENT, or 'ignore'. */
  ifMissing?: IfMissing;
}

const REMOVE_OPTIONS = optionTable<RemoveFdbOptions>({ ...LISTED, ifMissing: IF_MISSING });

/**
 * Removes an entry from a forwarding table, also one that the bridge has learned. The options may be an entry as `listFdb` returns
 * it. Of a vxlan's entry with several hosts, the one with these options goes, and without options all of them.
 *
 * @throws {@link NetlinkError} ENOENT where there is no such entry; ENODEV.
 * @see bridge(8): `bridge fdb del`
 * @example
 * ```ts
 * await createBridge(red, 'br0');
 * await enslaveLink(red, 'eth0', 'br0');
 * await addFdb(red, 'eth0', '02:00:00:00:00:09');
 * await removeFdb(red, 'eth0', '02:00:00:00:00:09');
 * ```
 */
export async function removeFdb(
  netns: Netns,
  device: Device,
  mac: string,
  options: RemoveFdbOptions = {},
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkMac(mac);
  checkOptions(options, REMOVE_OPTIONS);
  const { ifMissing = 'fail' } = options;
  const operation = `remove ${mac} from the forwarding table of`;
  const attempt = { operation, device, words: REMOVE_WORDS, called: CALLED };
  await sendEntry(netns, device, options, attempt, (entry) =>
    // a device that is no bridge and no vxlan removes only what is called permanent (6.18)
    neighbor.remove({ ...entry, state: NUD.permanent, mac }, attempt),
  ).catch(onMissing(ifMissing, 'ENOENT'));
}

/** Which entry is meant of those for one address. */
export type GetFdbOptions = Pick<FdbSelector, 'table' | 'vlan' | 'srcVni'>;

const GET_OPTIONS = optionTable<GetFdbOptions>({
  table: LISTED.table,
  vlan: LISTED.vlan,
  srcVni: LISTED.srcVni,
});

const GET_WORDS = {
  ...NO_DEVICE,
  ENOENT: 'the table has no such entry',
  EINVAL: 'the device is not the port of a bridge, or an option does not fit',
  EOPNOTSUPP: 'the device has no table that can be asked: a bridge and a vxlan have one',
} as const;

/**
 * One entry of the forwarding table of a bridge or of a vxlan. The table of a bridge has one entry for an address, and a port's table is
 * that of its bridge: the entry may be of another port. Of a vxlan's entry with several hosts it is the first. Without `vlan` it is
 * the entry that counts for frames without one.
 *
 * @throws {@link NetlinkError} ENOENT where there is none; ENODEV; EOPNOTSUPP where there is no such table.
 * @see bridge(8): `bridge fdb get`
 * @example
 * ```ts
 * await createBridge(red, 'br0');
 * await enslaveLink(red, 'eth0', 'br0');
 * await addFdb(red, 'eth0', '02:00:00:00:00:09');
 * console.log((await getFdb(red, 'br0', '02:00:00:00:00:09')).state); // static
 * ```
 */
export async function getFdb(
  netns: Netns,
  device: Device,
  mac: string,
  options: GetFdbOptions = {},
): Promise<FdbEntry> {
  checkNetns(netns);
  checkDevice(device);
  checkMac(mac);
  checkOptions(options, GET_OPTIONS);
  const { srcVni, ...place } = options;
  const operation = `get ${mac} of the forwarding table of`;
  const attempt = { operation, device, words: GET_WORDS, called: { vni: 'srcVni' } };
  const found = await sendEntry(netns, device, place, attempt, (entry) =>
    // a question has the network of the entry where an entry has the one to send with
    shownFdb.get({ ...entry, ...defined({ vni: srcVni }), mac }, attempt),
  );
  return toFdbEntry(found as NonNullable<typeof found>);
}

/** Which entries are listed; all by default. */
export interface ListFdbOptions {
  /** Only those of this bridge and of its ports. */
  bridge?: Device;
  /** Only those of this device. */
  device?: Device;
  /** Only those of this VLAN. */
  vlan?: number;
  /** Only those in such a table: with 'master', what bridges have learned of their ports, or were told. */
  table?: FdbTable;
  /** Only those in this state. */
  state?: FdbState;
}

const LIST_OPTIONS = optionTable<ListFdbOptions>({
  bridge: checkDevice,
  device: checkDevice,
  vlan: VLAN,
  table: TABLE,
  state: STATE,
});

/**
 * The entries of all forwarding tables of a namespace: those of bridges, what bridges have learned included, and those of
 * devices themselves; in the order of their devices' indexes.
 *
 * @throws {@link NetlinkError} ENODEV.
 * @see bridge(8): `bridge fdb show`
 * @example
 * ```ts
 * await createBridge(red, 'br0');
 * await enslaveLink(red, 'eth0', 'br0');
 * await addFdb(red, 'eth0', '02:00:00:00:00:09');
 * const [entry] = await listFdb(red, { device: 'eth0', table: 'master', state: 'static' });
 * console.log(entry?.mac); // 02:00:00:00:00:09
 * ```
 */
export async function listFdb(netns: Netns, options: ListFdbOptions = {}): Promise<FdbEntry[]> {
  checkNetns(netns);
  checkOptions(options, LIST_OPTIONS);
  const { bridge, device, vlan, table, state } = options;
  const operation = device === undefined ? 'list forwarding tables' : 'list the forwarding tables of';
  const attempt = { operation, device, words: NO_DEVICE };
  const [index, master] = await Promise.all([
    device === undefined ? undefined : indexOf(netns, device, attempt),
    bridge === undefined ? undefined : indexOf(netns, bridge, attempt, 'bridge'),
  ]);
  const filter = { family: AF_BRIDGE, ...defined({ index, master }) };
  const entries = (await netns.request(shownFdb.dump(filter, attempt))).map(toFdbEntry);
  const asked = entries.filter(
    (entry) =>
      (index === undefined || entry.index === index) &&
      (master === undefined || entry.master === undefined || entry.master === master) &&
      (vlan === undefined || entry.vlan === vlan) &&
      (table === undefined || entry.table === table) &&
      (state === undefined || entry.state === state),
  );
  return asked.sort((one, other) => one.index - other.index);
}
