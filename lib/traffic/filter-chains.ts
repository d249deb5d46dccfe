import { checkDevice } from '../common/check';
import { assignDefined } from '../common/objects';
import { checkOptions, type OptionCheck, optionTable } from '../common/options';
import { located } from '../netlink/codec';
import { NetlinkError } from '../netlink/error';
import {
  addFlags,
  IF_EXISTS,
  IF_MISSING,
  type IfExists,
  type IfMissing,
  onExisting,
  onMissing,
} from '../netlink/existence';
import { flower, type FlowerOptions } from '../netlink/rtnetlink/filters/flower';
import { chain as filterChain } from '../netlink/rtnetlink/traffic';
import { checkNetns } from '../netns/check-netns';
import { type Device, NO_DEVICE, requestFor } from '../netns/device';
import type { Netns } from '../netns/netns';
import { dumpPlaces } from './filter-places';
import { NO_PLACE, PLACE } from './filter-request';
import { filterParentText, parseFilterParent } from './handle';
import { notThere } from './refusals';

// A chain is there with its first filter, and goes with the last one. One that was added by itself stays, and may have a template.

/** Which chain. */
interface ChainPlace {
  /** Where it stands, as of a filter: 'ingress', 'egress', '1:', … */
  parent: string;
  /** Its number; an action leads there: `{ chain: 5 }`. */
  chain: number;
}

/** A chain of filters. */
export interface FilterChain extends ChainPlace {
  /** Index of the device. */
  index: number;
  /** By what its filters find packets, all of which are of the kind flower. */
  template?: FlowerOptions;
}

/** A new chain. */
export interface AddFilterChainOptions extends ChainPlace {
  /** What was listed has it; it is not written. */
  index?: number;
  /**
   * By what its filters find packets: a filter that looks at anything else is refused, so that a device may be told before which keys
   * there will be. Of a value that has a mask, the mask counts: '0.0.0.0/8'. Addresses and what is above IP take `etherType`, which
   * filters have as their `protocol`.
   */
  template?: FlowerOptions;
  /** Where there is one of the number: 'fail' (default) with EEXIST, or 'ignore'. One that its filters have made is another one. */
  ifExists?: IfExists;
}

const TEMPLATE = optionTable<FlowerOptions>(flower.options);

const isTemplate: OptionCheck = (value, path) => {
  checkOptions(value, TEMPLATE, { path });
  try {
    flower.check?.(value as FlowerOptions);
  } catch (error) {
    throw located(error, path);
  }
};

const ADD_OPTIONS = optionTable<AddFilterChainOptions>(
  { index: true, parent: PLACE.parent, chain: PLACE.chain, template: isTemplate, ifExists: IF_EXISTS },
  ['parent', 'chain'],
);

const WORDS = {
  ...NO_DEVICE,
  EEXIST: 'there is a chain of this number already',
  ENOENT: 'this kernel has no filters of the kind flower (modprobe cls_flower)',
} as const;

/**
 * Adds a chain of filters, which is there also without any, and which may say by what they find packets. A chain without a template needs no
 * call: it is there with its first filter. The options may be one as `listFilterChains` returns it.
 *
 * @throws {@link NetlinkError} EEXIST where there is one; EINVAL where there is no such queueing discipline; ENODEV.
 * @see tc(8), `tc chain add`; rtnetlink(7) RTM_NEWCHAIN
 * @example
 * ```ts
 * await addQdisc(red, 'eth0', { kind: 'clsact' });
 * await addFilterChain(red, 'eth0', { parent: 'ingress', chain: 5 });
 * const template = { etherType: 'ip', destination: '0.0.0.0/8' } as const;
 * await addFilterChain(red, 'eth0', { parent: 'ingress', chain: 6, template }).catch(() => console.log('needs cls_flower'));
 * ```
 */
export async function addFilterChain(
  netns: Netns,
  device: Device,
  options: AddFilterChainOptions,
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkOptions(options, ADD_OPTIONS);
  const { parent, chain, template, ifExists = 'fail' } = options;
  const attempt = {
    operation: `add chain ${chain} of filters to`,
    device,
    words: WORDS,
    sentences: NO_PLACE,
  };
  const value = {
    ...{ parent: parseFilterParent(parent), chain },
    ...(template !== undefined && { kind: 'flower', options: flower.toData(template) ?? {} }),
  };
  await requestFor(netns, device, (index) =>
    filterChain.add({ ...value, index }, addFlags(ifExists), attempt),
  ).catch(onExisting(ifExists));
}

/** Which chain is removed; one that was listed is one, too. */
export interface RemoveFilterChainOptions extends ChainPlace {
  /** What was listed has it. */
  index?: number;
  /** What was listed has it. */
  template?: FlowerOptions;
  /** Where there is none: 'fail' (default) with ENOENT, or 'ignore'. */
  ifMissing?: IfMissing;
}

const REMOVE_OPTIONS = optionTable<RemoveFilterChainOptions>(
  { index: true, parent: PLACE.parent, chain: PLACE.chain, template: true, ifMissing: IF_MISSING },
  ['parent', 'chain'],
);

/**
 * Removes a chain with all of its filters. The options may be one as `listFilterChains` returns it.
 *
 * @throws {@link NetlinkError} ENOENT where there is none, or no such queueing discipline; ENODEV.
 * @see tc(8), `tc chain delete`
 * @example
 * ```ts
 * await addQdisc(red, 'eth0', { kind: 'clsact' });
 * await addFilterChain(red, 'eth0', { parent: 'ingress', chain: 5 });
 * await removeFilterChain(red, 'eth0', { parent: 'ingress', chain: 5 });
 * ```
 */
export async function removeFilterChain(
  netns: Netns,
  device: Device,
  options: RemoveFilterChainOptions,
): Promise<void> {
  checkNetns(netns);
  checkDevice(device);
  checkOptions(options, REMOVE_OPTIONS);
  const { parent, chain, ifMissing = 'fail' } = options;
  const attempt = {
    operation: `remove chain ${chain} of filters from`,
    device,
    words: { ...WORDS, ENOENT: 'there is none, or no such place' },
    sentences: NO_PLACE,
  };
  const place = { parent: parseFilterParent(parent), chain };
  // the kernel has EINVAL for one that is not there
  await requestFor(netns, device, (index) => filterChain.remove({ ...place, index }, attempt))
    .catch((error: unknown) => {
      throw error instanceof NetlinkError && error.code === 'EINVAL' ? notThere(attempt, netns) : error;
    })
    .catch(onMissing(ifMissing, 'ENOENT'));
}

/** Which chains are listed. */
export interface ListFilterChainsOptions {
  /** Only those that stand there. */
  parent?: string;
}

const LIST_OPTIONS = optionTable<ListFilterChainsOptions>({ parent: PLACE.parent });

const shownChain = filterChain.reading('kind', 'options', 'chain');

/**
 * The chains of filters of a device, also those that their filters have made: of all its queueing disciplines, or of one place.
 *
 * @throws {@link NetlinkError} ENODEV.
 * @see tc(8), `tc chain show`; rtnetlink(7) RTM_GETCHAIN
 * @example
 * ```ts
 * await addQdisc(red, 'eth0', { kind: 'clsact' });
 * await addFilterChain(red, 'eth0', { parent: 'ingress', chain: 5 });
 * for (const { parent, chain } of await listFilterChains(red, 'eth0')) {
 *   console.log(parent, chain); // ingress 5
 * }
 * ```
 */
export async function listFilterChains(
  netns: Netns,
  device: Device,
  options: ListFilterChainsOptions = {},
): Promise<FilterChain[]> {
  checkNetns(netns);
  checkDevice(device);
  checkOptions(options, LIST_OPTIONS);
  const attempt = { operation: 'list chains of filters of', device, words: NO_DEVICE };
  const listed = await dumpPlaces(netns, device, options.parent, attempt, (from) =>
    shownChain.dump(from, attempt),
  );
  return listed.flatMap(({ place, found }) => found.map((one) => toChain(place, one)));
}

/** The kernel reports the queueing discipline, and not the side of the device that was asked for (6.18). */
function toChain(place: string, message: ReturnType<typeof shownChain.read>): FilterChain {
  const { index, parent, kind, options, chain = 0 } = message;
  const known = kind === 'flower' && options !== undefined;
  return assignDefined(
    { index, parent: place === 'root' ? filterParentText(parent) : place, chain },
    { template: known ? flower.toView(options as Parameters<typeof flower.toView>[0]) : undefined },
  );
}
