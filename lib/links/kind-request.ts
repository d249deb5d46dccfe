import { checkObject, checkOptions, type OptionCheck, optionTable } from '../common/options';
import { didYouMean, misspelt } from '../common/similar-name';
import { shown } from '../common/shown';
import { written } from '../netlink/codec';
import type { Attempt, Words } from '../netlink/error';
import {
  type AnyLinkKind,
  findKind,
  kinds,
  type LinkKindName,
  type LinkKindOptions,
} from '../netlink/rtnetlink/kinds';
import { link, type LinkMessage } from '../netlink/rtnetlink/link';
import { checkDevice, checkNewDeviceName } from '../common/check';
import { changeDevice, type Device, deviceRef, type DeviceRef, NO_DEVICE } from '../netns/device';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { FOREIGN_KINDS } from './foreign-kinds';
import { requireSupport } from './supported';
import { LINK_OPTIONS, type LinkOptions } from './link-request';

type KindData = NonNullable<NonNullable<LinkMessage['info']>['data']>;
type Own = Readonly<Record<string, unknown>>;

/** Options of all links, and those of the link's own kind. */
export interface SplitOptions {
  shared: LinkOptions;
  own: Own;
}

type Table = Parameters<typeof checkOptions>[1];

/** The options of a new link, by its kind: those of all links, and the kind's own. */
const TABLES = new Map<string, Table>(
  Object.entries(kinds).map(([kind, { options, required }]) => [kind, newLinkTable(options, required)]),
);

/** Of a kind that has no file. */
const DATA = { data: true } as const;
const RAW_TABLE = newLinkTable(DATA);

function newLinkTable(own: object, required?: readonly string[]): Table {
  const name: OptionCheck = (value, path) => checkNewDeviceName(value, path, { pattern: true });
  return optionTable<Own>({ ...own, kind: true, name, link: checkDevice, ...LINK_OPTIONS }, required);
}

/** Checks the options of a new link. One that neither all links nor those of its kind have is refused. */
export function checkNewLink(options: { kind: string; data?: unknown }): void {
  checkObject(options, 'options');
  const { kind, data } = options;
  const table = TABLES.get(kind);
  if (table === undefined && !(data instanceof Uint8Array)) refuseKind(options);
  checkOptions(options, table ?? RAW_TABLE);
}

/** Refuses a kind that has no file here, and no data beside it. */
function refuseKind({ kind, ...others }: { kind: unknown }): never {
  const names = Object.keys(kinds);
  const rule = `expected ${names.join(', ')}, or another one with its bytes in 'data'`;
  const instead = Object.keys(others).find((name) => !(name in RAW_TABLE) && didYouMean(name, ['kind']));
  if (kind === undefined && instead !== undefined) {
    throw new TypeError(`${instead}: there is no such option${didYouMean(instead, ['kind'])}`);
  }
  const meant = typeof kind === 'string' ? misspelt(kind, names) : undefined;
  const hint = meant === undefined ? '' : `; did you mean '${meant}'?`;
  const foreign = '; the kernel may have this kind, but the library knows none of its options';
  throw new TypeError(`kind: ${rule}, got ${shown(kind)}${FOREIGN_KINDS.has(kind) ? foreign : hint}`);
}

/** Splits options that have been checked, by whose they are. */
export function splitByKind(kind: string, options: object): SplitOptions {
  const own = findKind(kind)?.options ?? DATA;
  const isOwn = ([name]: [string, unknown]) => Object.hasOwn(own, name);
  const entries = Object.entries(options) as [string, unknown][];
  return {
    shared: Object.fromEntries(entries.filter((entry) => !isOwn(entry))),
    own: Object.fromEntries(entries.filter(isOwn)),
  };
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
  checkNetns(netns);
  checkDevice(device);
  const known: AnyLinkKind = kinds[kind];
  checkOptions(options, known.options, { whole: 'settings' });
  const own: Own = options;
  for (const name of known.creationOnly ?? []) {
    if (own[name] !== undefined) throw new TypeError(`${name}: it can be given at creation only`);
  }
  const data = kindData(kind, options);
  const info = { kind, data };
  const attempt = { operation: `set ${kind}`, device, words: { ...NO_DEVICE, ...words } };
  const build = (ref: DeviceRef) => [link.add({ ...ref, info }, 0, attempt)];
  build(deviceRef(device)); // refused before any system call
  await requireKindSupport(netns, device, info, attempt);
  await changeDevice(netns, device, build);
}

/** Refuses options that this kernel would ignore, where kernels do so with options of this kind. */
export async function requireKindSupport(
  netns: Netns,
  device: Device,
  { kind, data }: { kind: string; data: KindData },
  attempt: Attempt,
): Promise<void> {
  const ignored = findKind(kind)?.ignoresUnknown ?? [];
  const settings = Object.entries(data).filter(([name]) => ignored === true || ignored.includes(name));
  if (settings.length === 0) return;
  const reportedOf = (found: object) => (found as Readonly<Record<string, object | undefined>>)[kind];
  await requireSupport(netns, device, Object.fromEntries(settings), reportedOf, attempt);
}
