import { type AnyKind, findIn } from './kind-request';

/** What the kernel alone says of what is listed. */
const READ_ONLY: ReadonlySet<string> = new Set(['index', 'statistics', 'leaf', 'inHardware']);

/** What was listed, which has the index of its device. */
interface Listed {
  index: number;
}

/** The options that add again what was listed: those of its kind stand beside the others. Other options stay as they are. */
export function asOptions<T extends object>(
  options: T | Listed,
  kinds: Readonly<Record<string, AnyKind>>,
): T {
  if (typeof options !== 'object' || (options as unknown) === null || !('index' in options))
    return options as T;
  const given = options as unknown as Readonly<Record<string, unknown>>;
  const kind = String(given['kind']);
  const known = findIn(kinds, kind);
  const names = Object.keys(given).filter((name) => !READ_ONLY.has(name) && name !== kind);
  // a kind that is not known has its options, and the actions of a filter, in its bytes, if it has any
  const own = known === undefined ? { data: new Uint8Array() } : (given[kind] ?? {});
  const left = new Set([...(known?.readOnly ?? []), ...(known === undefined ? ['actions'] : [])]);
  const all = Object.entries({ ...own, ...Object.fromEntries(names.map((name) => [name, given[name]])) });
  return Object.fromEntries(all.filter(([name]) => !left.has(name))) as T;
}
