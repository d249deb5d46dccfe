import { checkObject } from '../common/options';
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

/** The options that add again what was listed: those under the name of the kind stand beside the others. */
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
