import { AF_BRIDGE } from '../addon/socket-constants';
import { checkDevice, parseIp } from '../common/check';
import { assignDefined, defined } from '../common/objects';
import { checkOptions, integerFrom, optionsOf, optionTable, orOptions, trueOrFalse } from '../common/options';
import { ignoring } from '../netlink/error';
import { IF_MISSING, type IfMissing, onMissing } from '../netlink/existence';
import { TUNNEL_MSG_FLAG_STATS, vniEntries, type VniEntry } from '../netlink/rtnetlink/vni-entries';
import { checkNetns } from '../netns/check-netns';
import { type Device, indexOf, NO_DEVICE, requestFor } from '../netns/device';
import type { Netns } from '../netns/netns';
import { boundsOf, inWords, vlanOrRange } from './vlan-range';

/** Networks of a vxlan in a row, the last included. */
export interface VniRange {
  /** The first network identifier. */
  from: number;
  /** The last network identifier, at most 16,777,215. */
  to: number;
}

/** What passed a vxlan in a network. */
export interface VniStatistics {
  rxBytes: number;
  rxPackets: number;
  rxDrops: number;
  rxErrors: number;
  txBytes: number;
  txPackets: number;
  txDrops: number;
  txErrors: number;
}

/** A network that a vxlan takes packets of, or several in a row that are alike. */
export interface Vni {
  /** Index of the vxlan. */
  index: number;
  /** The network identifier, or a range. */
  vni: number | VniRange;
  /** Where packets go for which the forwarding table has no entry: a multicast group, or a host. */
  remote?: string;
  /** Where they were asked for. */
  statistics?: VniStatistics;
}

/** How a vxlan gets a network; one that was listed is one, too. */
export interface AddVniOptions extends Partial<Vni> {
  /** Where packets go for which the forwarding table has no entry: a multicast group, for which the vxlan needs its `link`, or a host. */
  remote?: string;
}

const MOST = 0xffffff;
const RANGE = optionTable<VniRange>({ from: integerFrom(0, MOST), to: integerFrom(0, MOST) }, ['from', 'to']);
const vnisOf = (vni: unknown): VniRange => boundsOf(vni, 'vni', RANGE, [0, MOST]);

const STATISTICS = optionTable<VniStatistics>({
  ...{ rxBytes: true, rxPackets: true, rxDrops: true, rxErrors: true },
  ...{ txBytes: true, txPackets: true, txDrops: true, txErrors: true },
});

/** What a network is listed with. */
const LISTED = {
  index: true,
  vni: orOptions(RANGE, { type: 'number', expected: 'a number, or a range' }),
  remote: parseIp,
  statistics: optionsOf(STATISTICS),
} as const;

const ADD_OPTIONS = optionTable<AddVniOptions>(LISTED);

/** What callers call the attributes of a network. */
const CALLED = { start: 'vni', end: 'vni', group: 'remote', group6: 'remote' } as const;

const WORDS = {
  ...NO_DEVICE,
  EINVAL: 'it is no vxlan, or remote is a multicast group and the vxlan has no link',
  EOPNOTSUPP: 'the vxlan has no vniFilter, which Linux has since 5.18',
} as const;

/**
 * Lets a vxlan with `external` and `vniFilter` take packets of a network, or of several in a row. Of a network that it has already, it
 * changes the `remote`.
 *
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP for a vxlan without `vniFilter`, and before Linux 5.18; EINVAL for a device that is
 * no vxlan.
 * @see bridge(8): `bridge vni add`
 * @example
 * ```ts
 * const vxlan = createLink(red, { kind: 'vxlan', name: 'vx0', external: true, vniFilter: true });
 * const adding = vxlan.then(() => addVni(red, 'vx0', { from: 10, to: 19 }));
 * await adding.catch(() => console.log('this kernel is older than 5.18'));
 * ```
 */
export async function addVni(
  netns: Netns,
  device: Device,
  vni: number | VniRange,
  options: AddVniOptions = {},
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  const range = vnisOf(vni);
  checkOptions(options, ADD_OPTIONS);
  const remote = options.remote === undefined ? undefined : parseIp(options.remote, 'remote');
  const group = remote && { [remote.family === 4 ? 'group' : 'group6']: remote.address };
  const attempt = { operation: `add network ${inWords(range)} to`, device, words: WORDS, called: CALLED };
  await requestFor(netns, device, (index) =>
    vniEntries.add({ family: AF_BRIDGE, index, entry: { ...toBounds(range), ...group } }, 0, attempt),
  );
}

/** Which network is removed; one that was listed is one, too. */
export interface RemoveVniOptions extends Partial<Vni> {
  /** Where the vxlan does not have it: 'fail' (default) with ENOENT, or 'ignore'. */
  ifMissing?: IfMissing;
}

const REMOVE_OPTIONS = optionTable<RemoveVniOptions>({ ...LISTED, ifMissing: IF_MISSING });

/**
 * Takes a network, or several in a row, from a vxlan, and with it the entries of the forwarding table that are for it.
 *
 * @throws {@link NetlinkError} ENOENT where the vxlan does not have it; ENODEV; EOPNOTSUPP and EINVAL as with `addVni`.
 * @see bridge(8): `bridge vni del`
 * @example
 * ```ts
 * const vxlan = createLink(red, { kind: 'vxlan', name: 'vx0', external: true, vniFilter: true });
 * const removing = vxlan.then(() => removeVni(red, 'vx0', 10, { ifMissing: 'ignore' }));
 * await removing.catch(() => console.log('this kernel is older than 5.18'));
 * ```
 */
export async function removeVni(
  netns: Netns,
  device: Device,
  vni: number | VniRange,
  options: RemoveVniOptions = {},
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  const range = vnisOf(vni);
  checkOptions(options, REMOVE_OPTIONS);
  const { ifMissing = 'fail' } = options;
  const words = { ...WORDS, ENOENT: 'the vxlan does not have this network' };
  const attempt = { operation: `remove network ${inWords(range)} from`, device, words, called: CALLED };
  await requestFor(netns, device, (index) =>
    vniEntries.remove({ family: AF_BRIDGE, index, entry: toBounds(range) }, attempt),
  ).catch(onMissing(ifMissing, 'ENOENT'));
}

/** Which networks are listed; those of all vxlans by default. */
export interface ListVnisOptions {
  /** Only those of this vxlan. */
  device?: Device;
  /** Each network with its `statistics`, and none in a range. */
  statistics?: boolean;
}

const LIST_OPTIONS = optionTable<ListVnisOptions>({ device: checkDevice, statistics: trueOrFalse });

/**
 * The networks of vxlans with `vniFilter`, in the order of their devices' indexes. A kernel before 5.18 has none.
 *
 * @throws {@link NetlinkError} ENODEV.
 * @see bridge(8): `bridge vni show`
 * @example
 * ```ts
 * for (const { index, vni, remote } of await listVnis(red)) console.log(index, vni, remote);
 * ```
 */
export async function listVnis(netns: Netns, options: ListVnisOptions = {}): Promise<Vni[]> {
  checkNetns(netns);
  checkOptions(options, LIST_OPTIONS);
  const { device, statistics = false } = options;
  const attempt = { operation: 'list networks of vxlans', device, words: NO_DEVICE };
  const index = device === undefined ? undefined : await indexOf(netns, device, attempt);
  const filter = { family: AF_BRIDGE, flags: statistics ? TUNNEL_MSG_FLAG_STATS : 0 };
  const replies = await netns.request(vniEntries.dump(filter, attempt)).catch(ignoring('EOPNOTSUPP'));
  return (replies ?? [])
    .filter((reply) => index === undefined || reply.index === index)
    .flatMap(({ index: of, items }) =>
      items.flatMap(({ entry }) => (entry === undefined ? [] : [toVni(of, entry)])),
    )
    .sort((one, other) => one.index - other.index);
}

const toBounds = ({ from, to }: VniRange) => ({ start: from, ...(to > from && { end: to }) });

function toVni(index: number, { start = 0, end, group, group6, statistics }: VniEntry): Vni {
  return assignDefined(
    { index, vni: vlanOrRange(start, end) },
    defined({ remote: group ?? group6, statistics: statistics && toStatistics(statistics) }),
  );
}

function toStatistics(found: NonNullable<VniEntry['statistics']>): VniStatistics {
  const { rxBytes = 0, rxPackets = 0, rxDrops = 0, rxErrors = 0 } = found;
  const { txBytes = 0, txPackets = 0, txDrops = 0, txErrors = 0 } = found;
  return { rxBytes, rxPackets, rxDrops, rxErrors, txBytes, txPackets, txDrops, txErrors };
}
