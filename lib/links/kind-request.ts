import { checkObject, checkOptions, type OptionCheck, optionsOf, optionTable } from '../common/options';
import { mapLazily } from '../common/objects';
import { didYouMean, misspelt } from '../common/similar-name';
import { shown } from '../common/shown';
import { type Shape, written } from '../netlink/codec';
import type { Attempt } from '../netlink/error';
import { type AnyLinkKind, findKind, kinds } from '../netlink/rtnetlink/kinds';
import type { LinkMessage } from '../netlink/rtnetlink/link';
import { checkDevice, checkNewDeviceName } from '../common/check';
import { type Device, indexOf } from '../netns/device';
import type { Netns } from '../netns/netns';
import { FOREIGN_KINDS } from './foreign-kinds';
import { furtherOf } from './further-options';
import { requireSupport } from './supported';
import { BOND_PORT_SETTINGS } from './bond-port';
import {
  ALL_LINK_OPTIONS,
  type AllLinkOptions,
  NEW_DEVICE_OPTIONS,
  type NewDeviceOptions,
} from './link-request';

export type KindData = NonNullable<NonNullable<LinkMessage['info']>['data']>;
export type Own = Readonly<Record<string, unknown>>;

/** Options of all links, and those of the link's own kind. */
export interface SplitOptions {
  shared: AllLinkOptions & NewDeviceOptions & { link?: Device };
  own: Own;
}

type Table = Parameters<typeof checkOptions>[1];

/** The options of a link by its kind, and those of a link whose kind has no file. */
interface Tables {
  known: Readonly<Record<string, Table>>;
  raw: Table;
}

const DATA = { data: true } as const;

/** Of a new link: those of all links, and the kind's own. */
const NEW = tables((kind) => newLinkTable(ownTable(kind), kind.required), newLinkTable(DATA));

/** Of a link that is there. */
const CHANGES = tables((kind) => changeTable(ownTable(kind), kind.devices), changeTable(DATA));

/** What is changed without a kind. */
const CHANGES_OF_ALL = changeTable({});

function tables(build: (kind: AnyLinkKind) => Table, raw: Table): Tables {
  return { known: mapLazily<AnyLinkKind, Table>(kinds, build), raw };
}

/** What was listed is taken, too. */
function ownTable(kind: AnyLinkKind): Record<string, OptionCheck | true> {
  return { ...kind.options, ...reportedTable(kind) };
}

/** Of each name that is reported and no option: any value. */
export function reportedTable({ reported = [] }: AnyLinkKind): Record<string, true> {
  return Object.fromEntries([...reported, 'unknown'].map((name) => [name, true]));
}

/** Refuses what neither the settings of a kind nor its listed view have. */
export function checkKindSettings(settings: object, kind: AnyLinkKind): void {
  checkOptions(settings, optionTable<Own>(ownTable(kind)), { whole: 'settings' });
}

function newLinkTable(own: object, required?: readonly string[]): Table {
  const name: OptionCheck = (value, path) => checkNewDeviceName(value, path, { pattern: true });
  const ofAll = { ...NEW_DEVICE_OPTIONS, ...ALL_LINK_OPTIONS, kind: true, name, link: checkDevice } as const;
  return optionTable<Own>({ ...own, ...ofAll }, required);
}

function changeTable(own: object, devices: readonly string[] = []): Table {
  const link = devices.includes('link') ? { link: checkDevice } : {};
  const bondPort = optionsOf(BOND_PORT_SETTINGS);
  return optionTable<Own>({ ...own, ...link, kind: true, bondPort, ...ALL_LINK_OPTIONS });
}

/** Checks the options of a new link. One that neither all links nor those of its kind have is refused. */
export function checkNewLink(options: { kind: string; data?: unknown }): void {
  checkObject(options, 'options');
  const table = tableOf(NEW, options);
  const further = furtherOf(options.kind).table?.();
  checkOptions(options, further === undefined ? table : optionTable<Own>({ ...table, ...further }));
  const [option, other] = findKind(options.kind)?.requiredUnless ?? [];
  const given = options as Own;
  if (option !== undefined && other !== undefined && given[option] === undefined && given[other] !== true) {
    throw new TypeError(`${option}: it has to be given, unless ${other} is true`);
  }
}

/** Checks what is to be changed of a link, and refuses what can be given at creation only, because the kernel ignores it later. */
export function checkSetLink(options: { kind?: unknown; data?: unknown }): void {
  checkObject(options, 'options');
  const { kind } = options;
  checkOptions(options, kind === undefined ? CHANGES_OF_ALL : tableOf(CHANGES, options));
  for (const name of findKind(kind as string)?.creationOnly ?? []) {
    if ((options as Own)[name] !== undefined)
      throw new TypeError(`${name}: it can be given at creation only`);
  }
}

function tableOf({ known, raw }: Tables, options: { kind?: unknown; data?: unknown }): Table {
  const { kind } = options;
  const table = typeof kind === 'string' && Object.hasOwn(known, kind) ? known[kind] : undefined;
  if (table === undefined && !(options.data instanceof Uint8Array)) refuseKind(options, raw);
  return table ?? raw;
}

/** Refuses a kind that has no file here, and no data beside it. */
function refuseKind({ kind, ...others }: { kind?: unknown }, raw: Table): never {
  const names = Object.keys(kinds);
  const rule = `expected ${names.join(', ')}, or another one with its bytes in 'data'`;
  const instead = Object.keys(others).find((name) => !(name in raw) && didYouMean(name, ['kind']));
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
  const { options: own = DATA, devices = [], reported = [] } = findKind(kind) ?? {};
  const isOwn = ([name]: [string, unknown]) => Object.hasOwn(own, name) || devices.includes(name);
  const isListed = (name: string) => name === 'unknown' || reported.includes(name);
  // one that is undefined is as good as left out, also where it would hide what a link has
  const entries = (Object.entries(options) as [string, unknown][]).filter(
    ([name, value]) => value !== undefined && !isListed(name),
  );
  return {
    shared: Object.fromEntries(entries.filter((entry) => !isOwn(entry))),
    own: Object.fromEntries(entries.filter(isOwn)),
  };
}

/** What is sent of options, where a link has these `now`: some are sent only where they change. */
export function changedOf(kind: string, own: Own, now: Own): Own {
  const { onlyChanged = [] } = findKind(kind) ?? {};
  const isSame = (name: string) => onlyChanged.includes(name) && own[name] === now[name];
  return Object.fromEntries(Object.entries(own).filter(([name]) => !isSame(name)));
}

/** Of options, what the kernel refuses in each change. */
export function fixedOf(kind: string, own: Own, now: Own): readonly string[] {
  const { fixed = {} } = findKind(kind) ?? {};
  return Object.keys(own).filter(
    (name) => fixed[name] === true || [own[name], now[name]].includes(fixed[name] ?? NOTHING),
  );
}

/** No value of an option. */
const NOTHING = Symbol('nothing');

/** What is sent of options of a new link, which has all of its switches off. */
export function newOf(kind: string, own: Own): Own {
  return changedOf(kind, own, Object.fromEntries(Object.keys(own).map((name) => [name, false])));
}

/** IFLA_INFO_DATA of a kind's own options. A value that does not fit is refused by the name of its option. */
export function kindData(kind: string, own: Own): KindData {
  const known = findKind(kind);
  if (known === undefined) return own['data'] as Uint8Array;
  const data = known.toData(own);
  written(known.table, data);
  return data;
}

/** The same options, with the index of each device that they name. */
export async function withIndexes(netns: Netns, kind: string, own: Own, attempt: Attempt): Promise<Own> {
  const devices = (findKind(kind)?.devices ?? []).filter((option) => own[option] !== undefined);
  const found = devices.map(async (option) => [
    option,
    await indexOf(netns, own[option] as Device, attempt, option),
  ]);
  return { ...own, ...(Object.fromEntries(await Promise.all(found)) as Own) };
}

/** Refuses what does not fit, before any system call: by the options with some index in the place of each device. */
export function checkKindData(kind: string, own: Own): KindData {
  const devices = (findKind(kind)?.devices ?? []).filter((option) => own[option] !== undefined);
  return kindData(kind, { ...own, ...Object.fromEntries(devices.map((option) => [option, 1])) });
}

/** Refuses options that this kernel would ignore, where kernels do so with options of this kind. */
export async function requireKindSupport(
  netns: Netns,
  device: Device,
  { kind, own }: { kind: string; own: Own },
  attempt: Attempt,
): Promise<void> {
  const { ignoresUnknown: ignored = [], table } = findKind(kind) ?? {};
  // one whose attribute has no content is off without it
  const isOff = (name: string, value: unknown) =>
    value === false && (table?.rows[name]?.[1] as { shape?: Shape } | undefined)?.shape?.kind === 'flag';
  const settings = Object.entries(own).filter(
    ([name, value]) => (ignored === true || ignored.includes(name)) && !isOff(name, value),
  );
  if (settings.length === 0) return;
  const reportedOf = (found: object) => (found as Readonly<Record<string, object | undefined>>)[kind];
  await requireSupport(netns, device, Object.fromEntries(settings), reportedOf, attempt);
}
