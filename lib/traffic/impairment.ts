import { checkDevice } from '../common/check';
import { inWords } from '../common/in-words';
import { defined } from '../common/objects';
import { checkOptions, optionTable } from '../common/options';
import { written } from '../netlink/codec';
import { IF_MISSING, type IfMissing, onMissing } from '../netlink/existence';
import { filled, netem, type NetemOptions } from '../netlink/rtnetlink/qdiscs/netem';
import { qdisc, TC_H } from '../netlink/rtnetlink/traffic';
import { checkNetns } from '../netns/check-netns';
import { type Device, indexOf, NO_DEVICE } from '../netns/device';
import { inTurn } from '../netns/device-turns';
import type { Netns } from '../netns/netns';
import { parseHandle, parseParent } from './handle';
import { addedAt, addNew, KINDS, message } from './qdisc-request';
import { inTheWay, notThere, requireReported } from './refusals';

/**
 * What becomes of the packets that leave a device. Times are milliseconds, chances percent, and the rate is bits a second. What
 * is not given is none.
 */
export type ImpairmentOptions = NetemOptions;

const OPTIONS = optionTable<ImpairmentOptions>(netem.options);

const LOSSES = ['loss', 'gilbert', 'fourStates'] as const;

/** Options that do nothing alone, and those of which one has to be there: the kernel takes them, and looks at them nowhere else (6.18). */
const NEEDS: Readonly<Partial<Record<keyof ImpairmentOptions, readonly (keyof ImpairmentOptions)[]>>> = {
  delayCorrelation: ['jitter'],
  distribution: ['jitter'],
  lossCorrelation: ['loss'],
  ecn: LOSSES,
  duplicateCorrelation: ['duplicate'],
  corruptCorrelation: ['corrupt'],
  reorderCorrelation: ['reorder'],
  packetOverhead: ['rate'],
  cellSize: ['rate'],
  cellOverhead: ['cellSize'],
};

/** Values that are as good as none. */
const NOTHING: readonly unknown[] = [undefined, 0, false, 'uniform'];

/** Refuses what would do nothing. */
function checkNeeds(options: ImpairmentOptions): void {
  for (const [name, needs] of Object.entries(NEEDS)) {
    const isGiven = (one: string) => !NOTHING.includes(options[one as keyof ImpairmentOptions]);
    if (isGiven(name) && !needs.some(isGiven)) {
      const words = needs.map((one) => `'${one}'`);
      throw new TypeError(`${name}: it does nothing without ${inWords(words, 'or')}`);
    }
  }
}

const KIND = 'netem';

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
 * @throws RangeError or TypeError for a value out of range, and for what does nothing without another option: `reorder` without `delay`,
 * `lossCorrelation` without `loss`, and others.
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
  await setImpairmentAt(netns, device, 'root', options);
}

/** @internal Refuses what {@link setImpairment} refuses before it asks the kernel. */
export function checkImpairment(options: ImpairmentOptions, path?: string, whole = 'options'): void {
  checkOptions(options, OPTIONS, path === undefined ? { whole } : { path });
  netem.check?.(options);
  checkNeeds(options);
  const data = netem.toData(filled(options));
  if (data !== undefined) written(netem.codec, data);
}

/** @internal The same below a class: '1:10'. */
export async function setImpairmentAt(
  netns: Netns,
  device: Device,
  parent: string,
  options: ImpairmentOptions,
): Promise<void> {
  checkImpairment(options);
  const own = filled(options);
  const asked = { kind: KIND, own: { ...own }, data: netem.toData(own) };
  const where = { parent: parseParent(parent), handle: TC_H.unspec, kind: KIND } as const;
  const attempt = { operation: 'set impairment of', device, words: WORDS };
  const index = await indexOf(netns, device, attempt);
  await inTurn(netns, index, attempt, async () => {
    const found = await addedAt(netns, index, where.parent, attempt);
    if (found === undefined) return addNew(netns, index, where, asked, attempt);
    if (found.kind !== KIND) throw inTheWay(attempt, netns, found);
    requireReported(asked, KINDS[KIND], found.netem ?? {}, attempt, netns);
    // a table of delays stays where no other takes its place, and so does the mark
    const { distribution = 'uniform', ecn = false } = own;
    const whole = netem.toData({ ...own, distribution, ecn });
    const place = { ...where, all: defined({ sizeTable: found.sizeTable }) };
    return netns.request(qdisc.add(message(index, place, KIND, whole), 0, attempt));
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
    const parent = TC_H.root;
    const found = await addedAt(netns, index, parent, attempt);
    if (found === undefined) throw notThere(attempt, netns);
    if (found.kind !== KIND) throw inTheWay(attempt, netns, found);
    const handle = parseHandle(found.handle);
    await netns.request(qdisc.remove({ index, parent, kind: KIND, handle }, attempt));
  }).catch(onMissing(ifMissing, 'ENOENT'));
}
