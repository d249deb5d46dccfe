import { NEWER, NOT_IN_HEADERS, OLDEST } from './exceptions';
import { askHeaders, headersVersion, type Known, type Layout } from './headers';
import type { KernelNumber, KernelStruct, Scan } from './scan';

// What is wrong with the numbers of lib/, each as a sentence for whoever has written the number.

export interface Faults {
  readonly nameless: string[];
  readonly different: string[];
  readonly unknown: string[];
  readonly structs: string[];
  readonly lists: string[];
}

const NLA_F_NESTED = 0x8000;
const NEWER_BY_NAME = new Map(
  Object.entries(NEWER).flatMap(([version, names]) => names.map((name) => [name, version] as const)),
);

type Version = readonly [major: number, minor: number];

const isAfter = (a: Version, b: Version) => (a[0] - b[0] || a[1] - b[1]) > 0;
const parseVersion = (text: string) => text.split('.').map(Number) as unknown as Version;

function exception({ declared, key }: { declared: string; key?: string }): string | undefined {
  return [declared, `${declared}.${key ?? ''}`].find((name) => Object.hasOwn(NOT_IN_HEADERS, name));
}

export function compareWithHeaders({ numbers, structs }: Scan): Faults {
  const headers = headersVersion();
  const ours = numbers.filter((number) => exception(number) === undefined);
  const named = ours.flatMap(({ names }) => names);
  const known = askHeaders(
    [...named, ...NEWER_BY_NAME.keys()],
    structs.flatMap(({ name }) => name ?? []),
  );
  const prefixes = new Set(named.filter((name) => known.constants.has(name)).map(prefixOf));
  const unknown = ours.filter(
    (number) => number.names.length > 0 && !number.names.some((name) => known.constants.has(name)),
  );
  return {
    nameless: withCure(
      ours.filter(({ kind, names }) => kind !== 'constant' && names.length === 0).map(sayNameless),
      NAME_IT,
    ),
    different: ours.flatMap((number) => sayDifference(number, known)),
    unknown: withCure(
      unknown
        .filter((number) => isOfKernel(number, prefixes) && !isNewer(number, headers))
        .map((number) => sayUnknown(number, headers)),
      LIST_IT,
    ),
    structs: structs.filter((one) => exception(one) === undefined).flatMap((one) => sayStruct(one, known)),
    lists: [...sayNewer(known, headers, new Set(named)), ...sayUnused(numbers, structs)],
  };
}

const prefixOf = (name: string) => name.split('_', 1)[0]! + (name.includes('_') ? '_' : '');

/** A constant of ours has a name whose first word begins no constant of the kernel. */
function isOfKernel({ kind, names }: KernelNumber, prefixes: ReadonlySet<string>): boolean {
  return kind !== 'constant' || names.some((name) => name.includes('_') && prefixes.has(prefixOf(name)));
}

const isNewer = ({ names }: KernelNumber, headers: Version) =>
  names.some((name) => isAfter(parseVersion(NEWER_BY_NAME.get(name) ?? '0.0'), headers));

const NAME_IT =
  "Write the kernel's name for each into a comment at the end of its line: mtu: [4, u32], // IFLA_MTU. For an enumeration whose " +
  'keys are the names in small letters, their prefix in the comment above it is enough: linux/neighbour.h, NUD_*. What the kernel ' +
  'does not have belongs into NOT_IN_HEADERS in test/support/kernel-constants/exceptions.ts.';

const LIST_IT =
  'Is the name right? One that is newer than these headers belongs into NEWER in test/support/kernel-constants/exceptions.ts, one ' +
  'that no header has into NOT_IN_HEADERS there. If a key of an enumeration has another name, write that behind the entry.';

const withCure = (said: string[], cure: string) => (said.length === 0 ? said : [...said, cure]);

const sayNameless = ({ place, text }: KernelNumber) => `${place}: ${text} has no constant`;

function sayDifference({ place, names, value, text, kind }: KernelNumber, { constants }: Known): string[] {
  const name = names.find((one) => constants.has(one));
  const right = name === undefined ? undefined : constants.get(name);
  if (name === undefined || right === undefined) return [];
  // -1 is 0xffffffff in 32 bits
  if ((value - right) % 2 ** 32 === 0 || (kind === 'row' && value === right + NLA_F_NESTED)) return [];
  return [`${place}: ${text}, but ${name} is ${right}`];
}

const sayUnknown = ({ place, text, names }: KernelNumber, [major, minor]: Version) =>
  `${place}: ${text}: the headers of Linux ${major}.${minor} have no ${names.join(' or ')}`;

function sayStruct({ place, name, size, fields }: KernelStruct, { structs }: Known): string[] {
  if (name === undefined) return [`${place}: name the struct in the comment above it: struct ndmsg`];
  const layout = structs.get(name);
  if (layout === undefined) return [`${place}: the headers have no struct ${name}`];
  const wrong =
    size === layout.size ? [] : [`${place}: ${size} bytes, but struct ${name} has ${layout.size}`];
  const misplaced = fields.filter((field) => !hasRoom(layout, field));
  return [
    ...wrong,
    ...misplaced.map((field) => {
      const where = `${field.size} bytes at ${field.offset}`;
      const members = layout.members.map((one) => `${one.name} (${one.size} at ${one.offset})`).join(', ');
      return `${place}: ${field.name} has ${where}, but struct ${name} has ${members}`;
    }),
  ];
}

/** Whether a field is a member, or lies within one that has parts. */
function hasRoom({ members }: Layout, { offset, size }: { offset: number; size: number }): boolean {
  if (members.length === 0) return true;
  return members.some((one) =>
    one.hasParts
      ? offset >= one.offset && offset + size <= one.offset + one.size
      : offset === one.offset && size === one.size,
  );
}

/** Whether each of the constants that are listed as newer is just that, and is used. */
function sayNewer({ constants }: Known, headers: Version, used: ReadonlySet<string>): string[] {
  const said: string[] = [];
  for (const [name, version] of NEWER_BY_NAME) {
    const isLater = isAfter(parseVersion(version), headers);
    const shown = `Linux ${headers.join('.')}`;
    if (!isAfter(parseVersion(version), parseVersion(OLDEST))) {
      said.push(`${name}: remove it from NEWER, because all headers since ${OLDEST} have it`);
    } else if (!used.has(name)) said.push(`${name}: remove it from NEWER, because no number has this name`);
    else if (isLater && constants.has(name)) {
      said.push(`${name}: the headers of ${shown} have it, so it is not since ${version} in NEWER`);
    } else if (!isLater && !constants.has(name)) {
      said.push(`${name}: the headers of ${shown} have none, so it is not since ${version} in NEWER`);
    }
  }
  return said;
}

function sayUnused(numbers: readonly KernelNumber[], structs: readonly KernelStruct[]): string[] {
  const used = new Set([...numbers, ...structs].map(exception));
  return Object.keys(NOT_IN_HEADERS)
    .filter((name) => !used.has(name))
    .map((name) => `${name}: remove it from NOT_IN_HEADERS, because there is no such number`);
}
