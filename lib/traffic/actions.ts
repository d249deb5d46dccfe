import { checkObject, checkOptions, type OptionCheck, optionTable } from '../common/options';
import { refuse } from '../common/refuse';
import { didYouMean } from '../common/similar-name';
import type { Attempt } from '../netlink/error';
import {
  type ActionKindName,
  actionKinds,
  type ActionKindOptions,
  type ActionKindViews,
  type actions as actionsCodec,
  type AnyAction,
} from '../netlink/rtnetlink/actions';
import type { ValueOf } from '../netlink/codec';
import { indexOf } from '../netns/device';
import type { Netns } from '../netns/netns';
import { findIn } from './kind-request';
import { toStatistics, type TrafficStatistics } from './statistics';

/** What the kernel says of an action that a filter has. */
export interface ActionUse {
  /** Its number among those of its kind, in the namespace. */
  index: number;
  /** How many filters and other things hold it. */
  references: number;
  /** How many filters have it. */
  bindings: number;
  /** Seconds since it was made. */
  installed: number;
  /** Seconds since a packet came to it. */
  lastUsed: number;
  /** What came to it. */
  statistics: TrafficStatistics;
}

/** What is done with a packet that a filter finds, by a kind of action that this library knows. */
export type KnownAction = {
  [K in ActionKindName]: {
    kind: K;
    /** What `listFilters` says of it; it is not written. */
    use?: ActionUse;
  } & ActionKindOptions[K];
}[ActionKindName];

/** An action of another kind. */
export interface RawAction {
  /** The kernel's name for the kind: 'csum', 'nat'. */
  kind: string;
  /** TCA_ACT_OPTIONS in bytes. */
  data: Uint8Array;
  /** What `listFilters` says of it; it is not written. */
  use?: ActionUse;
}

/** What is done with a packet that a filter finds. */
export type Action = KnownAction | RawAction;

/** An action as it is listed. */
export type ListedAction = { use: ActionUse } & (
  { [K in ActionKindName]: { kind: K } & ActionKindViews[K] }[ActionKindName] | RawAction
);

const KINDS = actionKinds as unknown as Readonly<Record<string, AnyAction>>;
const NAMES = Object.keys(KINDS);

const ALL = { kind: true, use: true } as const;
const TABLES = new Map(
  Object.entries(KINDS).map(([name, { options, required, readOnly = [] }]) => {
    const listed = Object.fromEntries(readOnly.map((one) => [one, true as const]));
    return [
      name,
      optionTable<Readonly<Record<string, unknown>>>({ ...options, ...listed, ...ALL }, required),
    ];
  }),
);
const RAW = optionTable<RawAction>({ ...ALL, data: true });

/** A check for a table: one action. */
export const isAction: OptionCheck = (value, path) => {
  checkObject(value, path);
  const { kind, data } = value as { kind?: unknown; data?: unknown };
  const known = typeof kind === 'string' ? TABLES.get(kind) : undefined;
  if (typeof kind !== 'string' || (known === undefined && !(data instanceof Uint8Array))) {
    const rule = `expected ${NAMES.join(', ')}, or another one with its bytes in 'data'`;
    return refuse(`${path}.kind`, rule, kind, didYouMean(String(kind), NAMES));
  }
  checkOptions(value, known ?? RAW, { path });
  findIn(KINDS, kind)?.check?.(value, path);
};

/** The actions with the indexes of their devices, which are looked up. */
export async function withIndexes(
  netns: Netns,
  actions: readonly Action[],
  attempt: Attempt,
): Promise<Action[]> {
  return Promise.all(
    actions.map(async (action, i) => {
      if (!('device' in action)) return action;
      const device = await indexOf(netns, action.device, attempt, `actions[${i}].device`);
      return { ...action, device };
    }),
  );
}

type Message = ValueOf<typeof actionsCodec>[number];

/** An action whose device is given by its index. */
export function actionMessage({ kind, use: _, ...own }: Action): Message {
  const known = findIn(KINDS, kind);
  const options = known === undefined ? (own as { data: Uint8Array }).data : known.toData(own);
  return { kind, options: options as NonNullable<Message['options']> };
}

/** The kernel counts in hundredths of a second. */
const seconds = (ticks: number | undefined) => Math.floor((ticks ?? 0) / 100);

export function toAction({ kind = '', index = 0, options, statistics }: Message): ListedAction {
  const known = findIn(KINDS, kind);
  const head =
    known === undefined || options === undefined ? {} : (options as ReturnType<AnyAction['toData']>);
  const users = head.parms ?? head.oldParms;
  const use: ActionUse = {
    index: users?.index ?? index,
    references: users?.references ?? 0,
    bindings: users?.bindings ?? 0,
    installed: seconds(head.times?.installed),
    lastUsed: seconds(head.times?.lastUsed),
    statistics: toStatistics(statistics),
  };
  const own = known === undefined || options === undefined ? { data: options } : known.toView(head);
  return { kind, ...own, use } as ListedAction;
}
