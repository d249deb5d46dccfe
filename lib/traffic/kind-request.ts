import { checkObject, checkOptions, type OptionCheck, optionTable } from '../common/options';
import { misspelt } from '../common/similar-name';
import { shown } from '../common/shown';
import { written } from '../netlink/codec';
import type { TrafficKind } from '../netlink/rtnetlink/qdiscs/qdisc-kind';

/** @internal A kind whose options and data are of no known type. */
export type AnyKind = TrafficKind<object, unknown, object>;

/** Kinds by their names: of queueing disciplines, or of classes. */
type Kinds = Readonly<Record<string, AnyKind>>;
type Own = Readonly<Record<string, unknown>>;
type Table = Parameters<typeof checkOptions>[1];

/** Of a kind that has no file. */
const DATA = { data: true } as const;

/** @internal */
export function findIn<T>(kinds: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(kinds, name) ? kinds[name] : undefined;
}

/** What is asked for: the kind, and the options of its own. */
export interface Asked {
  kind: string;
  own: Own;
}

/** The checks of options whose names depend on the kind. */
export interface KindRequests {
  /** Checks the options of a new one, and splits them. */
  checkNew(options: object): Asked;
  /** Checks the options of a change, which may lack what a new one has to be given. What was listed may have what no change takes. */
  checkChange(options: object, listed?: boolean): Asked;
  /** TCA_OPTIONS of options that were checked. A value that does not fit is refused by the name of its option. */
  data(asked: Asked): unknown;
  /** Those of a change: what is not given stays as it is `now`, as the kind reports it. */
  changed(asked: Asked, now: object | undefined): unknown;
}

/** Of these kinds, where `shared` are the options that all of them have; `fixed` are those of a new one that a change may repeat. */
export function kindRequests(
  kinds: Kinds,
  shared: {
    new: Readonly<Record<string, OptionCheck | true>>;
    change: Readonly<Record<string, OptionCheck | true>>;
    fixed?: Readonly<Record<string, OptionCheck | true>>;
  },
): KindRequests {
  const names = Object.keys(kinds);
  const tablesOf = (of: (kind: AnyKind, name: string) => Table) =>
    new Map(Object.entries(kinds).map(([name, kind]) => [name, of(kind, name)]));
  const table = (own: object, all: object, required?: readonly string[]): Table =>
    optionTable<Own>({ ...own, kind: true, ...all }, required);
  // what was listed has its options under the name of its kind
  const whenNew = tablesOf(({ options, required }, name) =>
    table({ [name]: true, ...options }, shared.new, required),
  );
  const whenChanged = tablesOf(({ options }) => table(options, shared.change));
  const orFixed = { ...shared.change, ...shared.fixed };
  const whenListed = tablesOf(({ options }, name) => table({ [name]: true, ...options }, orFixed));
  const rawTables = {
    ...{ new: table(DATA, shared.new), change: table(DATA, shared.change) },
    listed: table(DATA, orFixed),
  };

  const checked = (options: object, tables: ReadonlyMap<string, Table>, raw: Table): Asked => {
    checkObject(options, 'options');
    const { kind, data, ...others } = options as { kind?: unknown; data?: unknown };
    const table = typeof kind === 'string' ? tables.get(kind) : undefined;
    if (typeof kind !== 'string' || (table === undefined && !(data instanceof Uint8Array))) {
      return refuseKind(kind, others, names, raw);
    }
    checkOptions(options, table ?? raw);
    const known = findIn(kinds, kind);
    const given = Object.entries(options).filter(
      ([name, value]) => Object.hasOwn(known?.options ?? DATA, name) && value !== undefined,
    );
    const own = Object.fromEntries(given) as Own;
    return { kind, own: { ...(known?.filled?.(own) ?? own) } };
  };

  const data = ({ kind, own }: Asked): unknown => {
    const known = findIn(kinds, kind);
    if (known === undefined) return own['data'];
    known.check?.(own);
    const value = known.toData(own);
    if (value !== undefined) written(known.codec, value);
    return value;
  };

  return {
    checkNew(options) {
      const asked = checked(options, whenNew, rawTables.new);
      const [name] = (findIn(kinds, asked.kind)?.changeOnly ?? []).filter((one) => one in asked.own);
      if (name !== undefined) throw new TypeError(`${name}: it can be given in a change only`);
      return asked;
    },
    checkChange(options, listed = false) {
      if (listed) return checked(options, whenListed, rawTables.listed);
      const asked = checked(options, whenChanged, rawTables.change);
      const fixed = findIn(kinds, asked.kind)?.creationOnly ?? [];
      const [name] = fixed.filter((one) => asked.own[one] !== undefined);
      if (name !== undefined) throw new TypeError(`${name}: it can be given at creation only`);
      return asked;
    },
    data,
    changed({ kind, own }, now) {
      const known = findIn(kinds, kind);
      if (known === undefined || now === undefined) return data({ kind, own });
      const replaced = Object.keys(own).flatMap((name) => known.alternatives?.[name] ?? []);
      const left = new Set([...replaced, ...(known.creationOnly ?? [])]);
      const kept = Object.entries(now).filter(([name]) => !left.has(name));
      return data({ kind, own: { ...Object.fromEntries(kept), ...own } });
    },
  };
}

/** Refuses a kind that has no file here, and no data beside it. */
function refuseKind(kind: unknown, others: object, names: readonly string[], raw: Table): never {
  const [instead] = Object.keys(others).filter((name) => !(name in raw) && misspelt(name, ['kind']));
  if (kind === undefined && instead !== undefined) {
    throw new TypeError(`${instead}: there is no such option; did you mean 'kind'?`);
  }
  const meant = typeof kind === 'string' ? misspelt(kind, names) : undefined;
  const hint = meant === undefined ? '' : `; did you mean '${meant}'?`;
  const rule = `expected ${names.join(', ')}, or another one with its bytes in 'data'`;
  throw new TypeError(`kind: ${rule}, got ${shown(kind)}${hint}`);
}
