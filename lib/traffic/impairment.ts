import { checkDevice } from '../common/check';
import { checkOptions, optionTable } from '../common/options';
import { written } from '../netlink/codec';
import { IF_MISSING, type IfMissing, onMissing } from '../netlink/existence';
import { netem, type NetemOptions } from '../netlink/rtnetlink/qdiscs/netem';
import { qdisc, TC_H } from '../netlink/rtnetlink/traffic';
import { checkNetns } from '../netns/check-netns';
import { type Device, indexOf, NO_DEVICE } from '../netns/device';
import { inTurn } from '../netns/device-turns';
import type { Netns } from '../netns/netns';
import { parseHandle } from './handle';
import { addedAt, addNew, KINDS, message } from './qdisc-request';
import { inTheWay, notThere, requireReported } from './refusals';

/**
 * What becomes of the packets that leave a device. Times are milliseconds, chances percent, and the rate is bits a second. What
 * is not given is none.
 */
export type ImpairmentOptions = NetemOptions;

const OPTIONS = optionTable<ImpairmentOptions>(netem.options);

const ROOT = { parent: TC_H.root, handle: TC_H.unspec, kind: 'netem' } as const;

const WORDS = {
  ...NO_DEVICE,
  ENOENT:
    "this kernel has no netem: its module is not there (modprobe sch_netem, in some distributions' kernel-modules-extra)",
} as const;

/**
 * Delays, loses, doubles, damages and slows down the packets that leave a device, by a netem at its root. The call says all that
 * there is to be: a netem that is there is changed, packets that wait there stay, and what is not given is none. What enters the
 * device passes as before: for both directions of a veth pair, call it for both ends.
 *
 * @throws RangeError or TypeError for a value out of range, and for `reorder` without a `delay`.
 * @throws {@link NetlinkError} EEXIST where somebody has added another queueing discipline at the root; ENOENT where the kernel has
 * no netem; EOPNOTSUPP for a `seed` before Linux 6.6; ENODEV.
 * @see tc-netem(8)
 * @example
 * ```ts
 * await setImpairment(red, 'eth0', { delay: 50, jitter: 5, loss: 0.1, rate: 10_000_000 });
 * ```
 */
export async function setImpairment(netns: Netns, device: Device, options: ImpairmentOptions): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkOptions(options, OPTIONS);
  netem.check?.(options);
  const asked = { kind: ROOT.kind, own: { ...options }, data: netem.toData(options) };
  if (asked.data !== undefined) written(netem.codec, asked.data);
  const attempt = { operation: 'set impairment of', device, words: WORDS };
  const index = await indexOf(netns, device, attempt);
  await inTurn(netns, index, attempt, async () => {
    const found = await addedAt(netns, index, ROOT.parent, attempt);
    if (found === undefined) return addNew(netns, index, ROOT, asked, attempt);
    if (found.kind !== ROOT.kind) throw inTheWay(attempt, netns, found);
    requireReported(asked, KINDS[ROOT.kind], found.netem ?? {}, attempt, netns);
    // a table of delays stays where no other takes its place, and so does the mark
    const { distribution = 'uniform', ecn = false } = options;
    const whole = netem.toData({ ...options, distribution, ecn });
    return netns.request(qdisc.add(message(index, ROOT, ROOT.kind, whole), 0, attempt));
  });
}

/** What becomes of a root that is not there. */
export interface ClearImpairmentOptions {
  /** Where there is no netem at the root: 'ignore' (default), or 'fail' with ENOENT. */
  ifMissing?: IfMissing;
}

const CLEAR_OPTIONS = optionTable<ClearImpairmentOptions>({ ifMissing: IF_MISSING });

/**
 * Removes what {@link setImpairment} has set: the packets leave the device as before. Those that wait are lost. A device that has
 * no netem at its root stays as it is.
 *
 * @throws {@link NetlinkError} EEXIST where somebody has added another queueing discipline at the root; ENODEV; with
 * `ifMissing: 'fail'`, ENOENT where there is none.
 * @example
 * ```ts
 * await setImpairment(red, 'eth0', { loss: 100 });
 * await clearImpairment(red, 'eth0');
 * ```
 */
export async function clearImpairment(
  netns: Netns,
  device: Device,
  options: ClearImpairmentOptions = {},
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkOptions(options, CLEAR_OPTIONS);
  const { ifMissing = 'ignore' } = options;
  const attempt = {
    operation: 'clear impairment of',
    device,
    words: { ...NO_DEVICE, ENOENT: 'there is none' },
  };
  const index = await indexOf(netns, device, attempt);
  await inTurn(netns, index, attempt, async () => {
    const { parent, kind } = ROOT;
    const found = await addedAt(netns, index, parent, attempt);
    if (found === undefined) throw notThere(attempt, netns);
    if (found.kind !== kind) throw inTheWay(attempt, netns, found);
    await netns.request(qdisc.remove({ index, parent, kind, handle: parseHandle(found.handle) }, attempt));
  }).catch(onMissing(ifMissing, 'ENOENT'));
}
