import { checkDevice } from '../common/check';
import { defined } from '../common/objects';
import { checkOptions, optionTable } from '../common/options';
import { nexthopBucket } from '../netlink/rtnetlink/nexthop';
import { checkNetns } from '../netns/check-netns';
import { type Device, indexOf } from '../netns/device';
import type { Netns } from '../netns/netns';
import { checkId } from './nexthop-request';

/** A bucket of a resilient group: the flows in it go by one next hop. */
export interface NexthopBucket {
  /** The number of the group. */
  group: number;
  /** The place of the bucket in the group, from 0 on. */
  bucket: number;
  /** The number of the next hop that its flows go by. */
  nexthopId: number;
  /** Seconds since a packet went that way. */
  idleTime: number;
}

/** Which buckets are listed; those of all groups by default. */
export interface ListNexthopBucketsOptions {
  /** Those of the group with this number. */
  group?: number;
  /** Those whose flows go by the next hop with this number. */
  nexthopId?: number;
  /** Those whose flows go by this device. */
  device?: Device;
  /** Those whose flows go by a port of this bridge, or a device of this VRF. */
  master?: Device;
}

const OPTIONS = optionTable<ListNexthopBucketsOptions>({
  group: checkId,
  nexthopId: checkId,
  device: checkDevice,
  master: checkDevice,
});

const WORDS = {
  EINVAL: 'the next hop is no resilient group',
  ENOENT: 'there is no next hop of this number',
  EOPNOTSUPP: 'resilient groups need Linux 5.13',
} as const;

/**
 * The buckets of resilient groups of next hops, in the order of the groups' numbers.
 *
 * @throws {@link NetlinkError} ENOENT and EINVAL for a group that is not there, or not resilient; ENODEV; EOPNOTSUPP before Linux 5.13.
 * @see ip-nexthop(8): `ip nexthop bucket show`
 * @example
 * ```ts
 * const one = await addNexthop(red, { via: '10.0.0.2', device: 'eth0' });
 * const group = await addNexthop(red, { group: [{ id: one }], resilient: { buckets: 4 } });
 * console.log((await listNexthopBuckets(red, { group })).length); // 4
 * ```
 */
export async function listNexthopBuckets(
  netns: Netns,
  options: ListNexthopBucketsOptions = {},
): Promise<NexthopBucket[]> {
  checkNetns(netns);
  checkOptions(options, OPTIONS);
  const { group, nexthopId, device, master } = options;
  const called = { id: 'group', index: 'device', bucket: 'nexthopId' };
  const attempt = { operation: 'list buckets of next hops', words: WORDS, called };
  const [index, masterIndex] = await Promise.all([
    device === undefined ? undefined : indexOf(netns, device, attempt),
    master === undefined ? undefined : indexOf(netns, master, attempt, 'master'),
  ]);
  const bucket = nexthopId === undefined ? undefined : { nexthopId };
  const filter = defined({ id: group, index, master: masterIndex, bucket });
  const found = await netns.request(nexthopBucket.dump(filter, attempt));
  return found.map(({ id = 0, bucket: { index: place = 0, nexthopId: way = 0, idleTime = 0 } = {} }) => ({
    group: id,
    bucket: place,
    nexthopId: way,
    idleTime: idleTime / 100,
  }));
}
