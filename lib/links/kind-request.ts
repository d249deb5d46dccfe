import { checkOptionNames, didYouMean } from '../common/option-names';
import { shown } from '../common/shown';
import { written } from '../netlink/codec';
import type { Words } from '../netlink/error';
import { findKind, kinds, type LinkKindName, type LinkKindOptions } from '../netlink/rtnetlink/kinds';
import { link, type LinkMessage } from '../netlink/rtnetlink/link';
import { checkDevice } from '../common/check';
import { type Device, deviceRef, NO_DEVICE } from '../netns/device';
import type { Netns } from '../netns/netns';
import { requireSupport } from './supported';
import { LINK_OPTION_NAMES, type LinkOptions } from './link-request';

type KindData = NonNullable<NonNullable<LinkMessage['info']>['data']>;
type Own = Readonly<Record<string, unknown>>;

/** Options of all links, and those of the link's own kind. */
export interface SplitOptions {
  shared: LinkOptions;
  own: Own;
}

/** Splits options by whose they are. One that neither all links nor those of this kind have is refused. */
export function splitByKind(kind: string, options: object): SplitOptions {
  const own = ownNames(kind, options);
  checkOptionNames(options, [...own, ...LINK_OPTION_NAMES]);
  const isOwn = ([name]: [string, unknown]) => own.includes(name);
  const entries = Object.entries(options) as [string, unknown][];
  return {
    shared: Object.fromEntries(entries.filter((entry) => !isOwn(entry))),
    own: Object.fromEntries(entries.filter(isOwn)),
  };
}

/** A kind that has no file has one option, `data`. Without `data` the kind is taken for a misspelt one. */
function ownNames(kind: string, options: { data?: unknown }): readonly string[] {
  const known = findKind(kind);
  if (known !== undefined) return Object.keys(known.options);
  if (options.data instanceof Uint8Array) return ['data'];
  const names = Object.keys(kinds);
  throw new TypeError(
    `kind: expected ${names.join(', ')}, or another one with its bytes in 'data', ` +
      `got ${shown(kind)}${didYouMean(kind, names)}`,
  );
}

/** IFLA_INFO_DATA of a kind's own options. A value that does not fit is refused by the name of its option. */
export function kindData(kind: string, own: Own): KindData {
  const known = findKind(kind);
  if (known === undefined) return own['data'] as Uint8Array;
  const data = known.toData(own);
  written(known.table, data);
  return data;
}

/**
 * Changes options of a link's own kind. An option for creation only is refused, because the kernel ignores it later.
 * `words` say what refusals mean with this kind.
 */
export async function setLinkKind<K extends LinkKindName>(
  netns: Netns,
  device: Device,
  kind: K,
  options: Partial<LinkKindOptions[K]>,
  words: Words = { EOPNOTSUPP: `it is no ${kind}` },
): Promise<void> {
  checkDevice(device);
  const times: Readonly<Record<string, string>> = kinds[kind].options;
  checkOptionNames(options, Object.keys(times));
  for (const name of Object.keys(options)) {
    if (times[name] === 'creation') throw new TypeError(`${name}: it can be given at creation only`);
  }
  const data = kindData(kind, options);
  const value = { ...deviceRef(device), info: { kind, data } };
  const attempt = { operation: `set ${kind}`, device, words: { ...NO_DEVICE, ...words } };
  const request = link.add(value, 0, attempt);
  if (kind === 'bridge') await requireSupport(netns, device, data, ({ bridge }) => bridge, attempt);
  await netns.request(request);
}
