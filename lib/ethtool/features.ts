import { constants } from 'node:os';
import { checkDevice } from '../common/check';
import { inWords } from '../common/in-words';
import {
  checkObject,
  checkOptions,
  isText,
  listOf,
  type OptionCheck,
  optionTable,
  trueOrFalse,
} from '../common/options';
import { didYouMean } from '../common/similar-name';
import { takingBack } from '../common/take-back';
import { type Attempt, NetlinkError } from '../netlink/error';
import { checkNetns } from '../netns/check-netns';
import type { Device } from '../netns/device';
import type { Netns } from '../netns/netns';
import { FEATURE_GROUPS, type FeatureSettings, featuresOf } from './feature-groups';
import { attemptTo, ethtoolRequest, headerOf } from './requests';
import { namedBits, toBitset } from './tables/bitset';
import { features } from './tables/features';

const { EOPNOTSUPP } = constants.errno;

/** The offloads of a device, by the names that the kernel has for them. */
export interface Features {
  /** What the device does. */
  active: Record<string, boolean>;
  /**
   * The same as it was asked for. A feature that was asked for is not active while what it depends on is switched off, such as
   * 'tx-tcp-segmentation' without a checksum.
   */
  wanted: Record<string, boolean>;
  /** The names of those that cannot be changed. */
  fixed: string[];
}

/**
 * The offloads of a device: which are on, and which can be changed.
 *
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP where the kernel has no netlink for ethtool.
 * @see ethtool(8), `ethtool -k`
 * @example
 * ```ts
 * const { active, fixed } = await getFeatures(red, 'eth0');
 * console.log(active['tx-checksum-ip-generic']); // true
 * console.log(fixed.includes('rx-lro')); // true
 * ```
 */
export async function getFeatures(netns: Netns, device: Device): Promise<Features> {
  checkNetns(netns);
  checkDevice(device);
  return readFeatures(netns, device, attemptTo('get features of', device));
}

async function readFeatures(netns: Netns, device: Device, attempt: Attempt): Promise<Features> {
  const request = features.ask('getFeatures', { header: headerOf(device) }, attempt);
  const { hw, wanted, active, noChange } = (await ethtoolRequest(netns, request, 'features')) ?? {};
  // these two name all features, the others those that are on
  const [changeable, never, isActive, isWanted] = [hw, noChange, active, wanted].map(namedBits);
  const names = [...(changeable?.keys() ?? [])];
  const isFixed = (name: string) => changeable?.get(name) !== true || never?.get(name) === true;
  const record = (isOn: (name: string) => boolean) =>
    Object.fromEntries(names.map((name) => [name, isOn(name)]));
  const nowOn = (name: string) => isActive?.get(name) === true;
  return {
    active: record(nowOn),
    // nobody asks for what is fixed
    wanted: record((name) => (isFixed(name) ? nowOn(name) : isWanted?.get(name) === true)),
    fixed: names.filter(isFixed),
  };
}

/**
 * Switches offloads of a device on or off, in one request. What depends on a feature that is switched off is switched off by the
 * kernel, and comes back with it: TCP segmentation with the checksum. What {@link getFeatures} has returned can be given back: as a
 * whole, what is `wanted` counts, though what it depends on may be off; of `active` by itself, all has to become so.
 *
 * @throws {@link NetlinkError} ENODEV; EOPNOTSUPP with the `option` for a feature that this kernel does not have, that the device
 * cannot change, or that stays off because another one is off: then nothing is changed.
 * @see ethtool(8), `ethtool -K`
 * @example
 * ```ts
 * await setFeatures(red, 'eth0', { txChecksum: false });
 * await setFeatures(red, 'eth0', { gro: true, 'tx-gso-list': false });
 * ```
 */
export async function setFeatures(
  netns: Netns,
  device: Device,
  settings: FeatureSettings | Features,
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkObject(settings, 'settings');
  const read = isRead(settings) ? settings : undefined;
  if (read === undefined) checkSettings(settings as FeatureSettings);
  else checkOptions(read, READ, { whole: 'settings' });
  const attempt = attemptTo('set features of', device);
  const before = await readFeatures(netns, device, attempt);
  const wishes = toWishes(isRead(settings) ? otherThan(before, settings) : settings, before);
  const refuse = (option: string, reason: string): never => {
    throw new NetlinkError({ ...attempt, errno: EOPNOTSUPP, netns: netns.toString(), option }, reason);
  };
  for (const wish of wishes) checkWish(wish, before, refuse);
  const asked = new Map(wishes.flatMap(({ names, on }) => names.map((name) => [name, on] as const)));
  if (asked.size === 0) return;
  const missed = await change(netns, device, asked, attempt);
  // of what was read, a feature that was wanted need not have been active
  const isMissed = (name: string) => missed.has(name) && read?.active[name] === read?.wanted[name];
  const failed = wishes.find(({ names }) => names.some(isMissed));
  if (failed === undefined) return;
  const { option, names } = failed;
  const still = inWords(names.filter(isMissed));
  try {
    refuse(option, `the device left ${still} unchanged, because of another feature`);
  } catch (error) {
    const previous = [...asked.keys()].map((name) => [name, before.wanted[name] === true] as const);
    await takingBack(error, async () => change(netns, device, previous, attempt));
  }
}

const isRecord: OptionCheck = (value, path) => {
  checkObject(value, path);
  for (const [name, on] of Object.entries(value)) trueOrFalse(on, `${path}.${name}`);
};
const READ = optionTable<Features>({ active: isRecord, wanted: isRecord, fixed: listOf(isText) }, [
  'active',
  'wanted',
]);

function isRead(settings: FeatureSettings | Features): settings is Features {
  return 'wanted' in settings;
}

/** The features that are to be wanted otherwise than they are. */
function otherThan(before: Features, { wanted }: Features): FeatureSettings {
  return Object.fromEntries(Object.entries(wanted).filter(([name, on]) => before.wanted[name] !== on));
}

/** The names that have no '-' are known. Of the others, the kernel decides. */
function checkSettings(settings: FeatureSettings): void {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  const byName = ([name]: [string, unknown]) => name.includes('-');
  for (const [name, value] of given.filter(byName)) trueOrFalse(value, name);
  const groups = given.filter((entry) => !byName(entry));
  checkOptions(Object.fromEntries(groups), FEATURE_GROUPS, { whole: 'settings' });
}

/** What an option asks for. */
interface Wish {
  option: string;
  on: boolean;
  /** The features that the option means. */
  all: readonly string[];
  /** Those that the device can change. */
  names: readonly string[];
}

function toWishes(settings: FeatureSettings, { active, fixed }: Features): Wish[] {
  const given = Object.entries(settings).filter(
    (entry): entry is [string, boolean] => entry[1] !== undefined,
  );
  const own = new Set(given.map(([option]) => option));
  const known = Object.keys(active);
  const isFixed = new Set(fixed);
  return given.map(([option, on]) => {
    const all = featuresOf(option, known).filter((name) => name === option || !own.has(name));
    return { option, on, all, names: all.filter((name) => !isFixed.has(name)) };
  });
}

function checkWish(
  { option, on, all, names }: Wish,
  { active }: Features,
  refuse: (option: string, reason: string) => never,
): void {
  const known = [...Object.keys(active), ...Object.keys(FEATURE_GROUPS)];
  if (all.length === 0) refuse(option, `this kernel has no such feature${didYouMean(option, known)}`);
  const stuck = all.filter((name) => !names.includes(name) && active[name] !== on);
  const isRefused = on ? stuck.length === all.length : stuck.length > 0;
  if (isRefused) refuse(option, `the device cannot change ${inWords(stuck)}`);
}

/** The features that have not become as they were to be. The kernel says so, and does not fail. */
async function change(
  netns: Netns,
  device: Device,
  wanted: Iterable<readonly [string, boolean]>,
  attempt: Attempt,
): Promise<Map<string, boolean>> {
  const value = { header: headerOf(device), wanted: toBitset(wanted) };
  const answer = await ethtoolRequest(netns, features.ask('setFeatures', value, attempt), 'features');
  return namedBits(answer?.wanted);
}
