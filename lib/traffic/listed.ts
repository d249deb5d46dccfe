import { constants } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { checkObject } from '../common/options';
import { type Attempt, NetlinkError } from '../netlink/error';
import type { Netns } from '../netns/netns';
import { type AnyKind, findIn } from './kind-request';

/** What the kernel alone says of what is listed, for tables of options. */
const INDEX = { index: true } as const;
export const READ_ONLY = {
  qdisc: { ...INDEX, statistics: true },
  class: { ...INDEX, statistics: true, leaf: true },
  filter: { ...INDEX, inHardware: true },
} as const;

const NAMES: ReadonlySet<string> = new Set(Object.values(READ_ONLY).flatMap((table) => Object.keys(table)));

/** @internal What was listed, which has the index of its device. */
export const isListed = (options: object) => 'index' in options;

/**
 * The options that add again what was listed, or change it: those under the name of the kind stand beside the others. What is left out
 * are its device, which the caller names, and what the kernel alone says.
 */
export function asOptions<T extends object>(
  options: T | { index: number },
  kinds: Readonly<Record<string, AnyKind>>,
): T {
  checkObject(options, 'options');
  const given = options as unknown as Readonly<Record<string, unknown>>;
  const kind = String(given['kind']);
  const known = findIn(kinds, kind);
  const names = Object.keys(given).filter(
    (name) => !NAMES.has(name) && (known === undefined || name !== kind),
  );
  const own = known && given[kind];
  if (own !== undefined) checkObject(own, kind);
  // a kind that is not known has its options, and the actions of a filter, in its bytes, if it has any
  const raw = known === undefined && isListed(options);
  const left = new Set(raw ? ['actions'] : known?.readOnly);
  const rest = Object.fromEntries(names.map((name) => [name, given[name]]));
  const all = Object.entries({ ...(raw && { data: new Uint8Array() }), ...own, ...rest });
  return Object.fromEntries(all.filter(([name]) => !left.has(name))) as T;
}

type Own = Readonly<Record<string, unknown>>;

/**
 * Of what was listed, and is to be set, what is other than it is `now`.
 *
 * @throws NetlinkError EOPNOTSUPP for what is other, and can be given at creation only.
 */
export function changesOf(
  options: Own,
  now: object,
  { kind, fixed }: { kind: AnyKind | undefined; fixed: readonly string[] },
  attempt: Attempt,
  netns: Netns,
): Own {
  const there = (kind?.filled?.(now) ?? now) as Own;
  const changes = Object.entries(options).filter(([name, value]) => !isDeepStrictEqual(value, there[name]));
  const atCreation = new Set([...fixed, ...(kind?.creationOnly ?? [])]);
  const option = changes.find(([name]) => atCreation.has(name))?.[0];
  if (option !== undefined) {
    const details = { ...attempt, errno: constants.errno.EOPNOTSUPP, netns: netns.toString(), option };
    throw new NetlinkError(details, 'it can be given at creation only');
  }
  return Object.fromEntries(changes);
}
