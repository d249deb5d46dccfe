import { randomBetween } from '../common/random';
import { takingBack } from '../common/take-back';
import { type Attempt, NetlinkError } from '../netlink/error';
import { addFlags } from '../netlink/existence';
import { link } from '../netlink/rtnetlink/link';
import { deviceRef } from '../netns/device';
import type { Netns } from '../netns/netns';
import { takeBack } from './links';

/** A device as it was made. */
export interface CreatedLink {
  index: number;
  name: string;
}

/** A device to be made. */
export interface NewDevice {
  netns: Netns;
  /** Descriptor of the namespace, lent. */
  fd: number;
  kind: string;
  name: string | undefined;
  /** The index that the caller wants; or true if it is not to be the kernel that chooses, because it would not take the peer's. */
  index?: number | true | undefined;
  /** The message, with the index; 0 leaves it to the kernel. */
  build: (index: number) => Parameters<typeof link.add>[0];
  attempt: Attempt;
  /** The namespace over whose socket it is asked for, where the kernel makes a difference; its own by default. */
  askedFrom?: Netns | undefined;
}

/**
 * An index far from where the kernel counts up. One that we choose need not be read back, and goes into all that is to be
 * said of the device, so that it can be said at once.
 */
export function anyIndex(): number {
  return randomBetween(2 ** 24, 2 ** 30);
}

/** Counts up, as the kernel does: what is made later is listed later. */
let chosen = anyIndex();

/** Two indexes that are free in all likelihood: of a device, and of the other end of a pair. */
export function chooseIndexes(): [index: number, peer: number] {
  chosen += 2;
  return [chosen, chosen - 1];
}

const made = link.reading('name');

type MadeMessage = ReturnType<typeof made.read>;

/**
 * Whether the kernel echoes a new link of a kind (NLM_F_ECHO), as it does since 6.2, but not of vxlan (6.18), which announces the
 * link itself before. The first new link of a kind shows it.
 */
const echoing = new Map<string, boolean>();

/** Creates a device. */
export async function createDevice(device: NewDevice): Promise<CreatedLink> {
  const { askedFrom } = device;
  const { index, name = '' } =
    askedFrom === undefined ? await create(device) : await createFrom(askedFrom, device);
  return { index, name };
}

/** Has a device be born in its namespace, by a request in another one. The kernel sends the echo to nobody then (6.18). */
async function createFrom(askedFrom: Netns, device: NewDevice): Promise<MadeMessage> {
  const { netns, fd, index: wanted, build, attempt } = device;
  const index = typeof wanted === 'number' ? wanted : chooseIndexes()[0];
  const operation = `${attempt.operation} for namespace ${netns.toString()}`;
  const asked = { ...attempt, operation };
  await askedFrom.request(link.add({ ...build(index), netnsFd: fd }, addFlags('fail'), asked));
  try {
    return (await netns.request(made.get({ index }, attempt))) as MadeMessage;
  } catch (error) {
    return takingBack(error, async () => takeBack(netns, fd, index));
  }
}

/**
 * The kernel reports the new link by its echo. Where it may have none, a question for the link leaves together with the request
 * that creates it. The question is by an index that we choose, because no tenant can give the index to another device.
 * The first link of a kind is asked for by its name where it has one: most kernels echo, and count up from small indexes.
 */
async function create(device: NewDevice): Promise<MadeMessage> {
  const { netns, fd, kind, name, index: wanted, build, attempt } = device;
  const echoes = echoing.get(kind);
  const named = echoes === undefined && wanted === undefined && name?.includes('%') === false;
  const kernelChooses = wanted === undefined && (echoes === true || named);
  const index = typeof wanted === 'number' ? wanted : kernelChooses ? 0 : chooseIndexes()[0];
  const reference = named ? name : index;
  const [created, found] = await Promise.allSettled([
    netns.request(made.addEcho(build(index), addFlags('fail'), attempt)),
    echoes === true ? undefined : netns.request(made.get(deviceRef(reference), attempt)),
  ]);
  if (created.status === 'rejected') {
    const taken = created.reason instanceof NetlinkError && created.reason.code === 'EEXIST';
    const byIndex = index !== 0 && found.status === 'fulfilled';
    if (taken && byIndex && index !== wanted) return create(device);
    throw created.reason;
  }
  echoing.set(kind, created.value !== undefined);
  if (created.value !== undefined) return created.value;
  if (found.status === 'fulfilled') return found.value as MadeMessage;
  return takingBack(found.reason, async () => takeBack(netns, fd, reference));
}
