import { defined } from '../common/objects';
import { type Attempt, ignoring, NetlinkError } from '../netlink/error';
import { FIRST_OWN_TABLE } from '../netlink/rtnetlink/filters/u32';
import { type filter, readFilterInfo } from '../netlink/rtnetlink/traffic';
import type { Netns } from '../netns/netns';
import { shownFilter } from './filter-view';
import { alreadyThere } from './refusals';

type Message = Parameters<typeof filter.add>[0];

// linux/pkt_cls.h, TC_U32_*: a number has the table in its highest bits, then the bucket, then the filter's own
const FIRST_TABLE = 0xfff00000; // TC_U32_ROOT
const OWN = 0xfff;

/**
 * Adds a filter whose number may be only the last part of one of u32. The kernel finds a filter by its whole number alone: with the
 * last part it makes a new one, or has ENOSPC where the number is taken.
 */
export async function addNumbered(
  netns: Netns,
  value: Message,
  add: (value: Message) => Promise<void>,
  replace: boolean,
  attempt: Attempt,
): Promise<void> {
  try {
    await add(value);
  } catch (error) {
    if (!(error instanceof NetlinkError && error.code === 'ENOSPC') || !isNumbered(value)) throw error;
    if (!replace) throw alreadyThere(attempt, netns);
    await add({ ...value, handle: ((await tableOf(netns, value, attempt)) | (value.handle & OWN)) >>> 0 });
  }
}

/**
 * A filter that was listed, where it can be added. In the first table of its priority, which the kernel numbers anew, only the last part of
 * its number is its own. A table with several buckets, which the kernel has numbered as well, may be there: then it is put there.
 */
export async function placed(netns: Netns, value: Message, attempt: Attempt): Promise<Message> {
  const { kind, options, handle = 0, ...place } = value;
  const table = options !== undefined && 'table' in options ? (options.table ?? 0) : 0;
  if (kind !== 'u32' || table < FIRST_OWN_TABLE) return value;
  const number = { ...defined({ ...place }), kind, handle: (table & FIRST_TABLE) >>> 0 };
  // of a chain that has gone with its last filter, the kernel (6.1, 6.18) has EINVAL
  const found = await netns
    .request(shownFilter.get(number, attempt))
    .catch(ignoring('ENOENT'))
    .catch(ignoring('EINVAL'));
  const there = found?.options;
  if (there !== undefined && 'divisor' in there && there.divisor !== 1) return value;
  const { table: _, ...rest } = options as { table?: number };
  return { ...value, options: rest, handle: handle & OWN };
}

/** Of another one, ENOSPC is about the priorities that the kernel chooses. */
function isNumbered(value: Message): value is Message & { handle: number } {
  const { kind, handle = 0, info = 0 } = value;
  return kind === 'u32' && handle !== 0 && readFilterInfo(info).priority !== 0;
}

/** The bucket that a filter is in: of the first table of its priority, the kernel says which one it is. */
async function tableOf(netns: Netns, value: Message, attempt: Attempt): Promise<number> {
  const { options, index, parent, info, chain } = value;
  const table = options !== undefined && 'table' in options ? options.table : undefined;
  if (table !== undefined && table < FIRST_TABLE) return table;
  const place = { ...defined({ index, parent, info, chain }), kind: 'u32', handle: FIRST_TABLE };
  const first = await netns.request(shownFilter.get(place, attempt));
  return first?.handle ?? FIRST_TABLE;
}
