import { defined } from '../common/objects';
import { integerFrom, listOf, wordOrInteger } from '../common/options';
import { written } from '../netlink/codec';
import type { Attempt } from '../netlink/error';
import { IF_EXISTS_OR_REPLACE } from '../netlink/existence';
import { type filter, filterInfo } from '../netlink/rtnetlink/traffic';
import { NO_DEVICE } from '../netns/device';
import { type Action, actionMessage, isAction } from './actions';
import { FILTER_KINDS, type FilterProtocol, PROTOCOL_NAMES, protocolNumber } from './filter-view';
import { parseClassHandle, parseFilterParent } from './handle';
import { type Asked, findIn, kindRequests } from './kind-request';
import { READ_ONLY } from './listed';

/** Where a filter is found again. */
export const PLACE = {
  parent: (value: unknown, path: string) => void parseFilterParent(value, path),
  protocol: wordOrInteger(PROTOCOL_NAMES, 1, 0xffff),
  priority: integerFrom(1, 0xffff),
  handle: integerFrom(1, 0xffffffff),
  chain: integerFrom(0, 0xfffffff),
} as const;

const requests = kindRequests(FILTER_KINDS, {
  new: {
    ...READ_ONLY.filter,
    ...PLACE,
    classId: (value: unknown, path: string) => void parseClassHandle(value, path),
    actions: listOf(isAction),
    ifExists: IF_EXISTS_OR_REPLACE,
  },
  change: {},
});

/** linux/pkt_cls.h, TCA_ACT_*: more than this the kernel does not take. */
const MOST_ACTIONS = 32; // TCA_ACT_MAX_PRIO

/** What options of all kinds the caller may give. */
export interface Given {
  parent: string;
  protocol?: FilterProtocol;
  priority?: number;
  handle?: number;
  chain?: number;
  classId?: string;
  actions?: readonly Action[];
}

type Message = Parameters<typeof filter.add>[0];

/** The kind, and the options of its own. */
export function checkNew(options: Partial<Given>): Asked {
  const asked = requests.checkNew(options);
  if (options.parent === undefined) throw new TypeError('parent: it has to be given');
  const known = findIn(FILTER_KINDS, asked.kind);
  const { classId, actions, handle } = options;
  const [name] = Object.keys(defined({ classId, actions }));
  if (known === undefined && name !== undefined) {
    throw new TypeError(`${name}: of a kind that is given in bytes it is in 'data'`);
  }
  if (known?.handle !== undefined && handle !== undefined && handle !== asked.own[known.handle]) {
    throw new TypeError(`handle: of the kind ${asked.kind} it is '${known.handle}'`);
  }
  if (actions !== undefined && actions.length > MOST_ACTIONS) {
    throw new RangeError(`actions: expected at most ${MOST_ACTIONS}, got ${actions.length}`);
  }
  return asked;
}

/** Where a filter is found. */
export function placeMessage(options: Partial<Given>) {
  const { parent, protocol, priority = 0, handle = 0, chain } = options;
  return {
    parent: parseFilterParent(parent),
    handle,
    info: filterInfo(priority, protocol === undefined ? 0 : protocolNumber(protocol)),
    ...defined({ chain }),
  };
}

/** The message of a new one; the devices of its actions are given by their indexes, or stand for those. */
export function message({ kind, own }: Asked, options: Given, actions: readonly Action[]): Message {
  const { protocol = 'all', classId, handle } = options;
  const known = findIn(FILTER_KINDS, kind);
  const number = known?.handle === undefined ? handle : (own[known.handle] as number);
  const place = placeMessage({ ...options, protocol, ...(number !== undefined && { handle: number }) });
  return {
    kind,
    ...place,
    options: data({ kind, own }, { protocol, ...defined({ classId, handle: number }) }, actions),
  };
}

function data(
  { kind, own }: Asked,
  { protocol = 'all', classId, handle }: Pick<Given, 'protocol' | 'classId' | 'handle'>,
  actions: readonly Action[],
): NonNullable<Message['options']> {
  const known = findIn(FILTER_KINDS, kind);
  if (known === undefined) return own['data'] as Uint8Array;
  const all = { ...own, protocol, ...defined({ handle }), ends: classId !== undefined || actions.length > 0 };
  known.check?.(all);
  const value = {
    ...known.toData(all),
    ...(classId !== undefined && { classId: parseClassHandle(classId) }),
    ...(actions.length > 0 && { actions: actions.map(actionMessage) }),
  };
  written(known.codec, value);
  return value;
}

/** What a place that is not there means, by the kernel's sentences. */
export const NO_PLACE = {
  'Parent Qdisc doesn':
    "there is no such place: 'ingress' and 'egress' need a queueing discipline of the kind clsact",
  'Specified class doesn': 'there is no such class',
} as const;

/** What stands at the priority already, by the kernel's sentences. */
const OTHERS_THERE = {
  'Filter with specified priority/protocol not found':
    'the filters of this priority are of another protocol, and those of one priority have one protocol',
  'Specified filter kind does not match existing one':
    'the filters of this priority are of another kind, and those of one priority have one kind',
} as const;

/** What refusals mean. */
export const meaningsOf = (kind: string) =>
  ({
    words: {
      ...NO_DEVICE,
      EBADF: 'no program has this descriptor',
      EEXIST: 'there is a filter of this priority and handle already',
      ENOENT: `this kernel has no filters of the kind ${kind} (modprobe cls_${kind}), or lacks one of the actions (modprobe act_…)`,
      ENOSPC: 'the priorities that the kernel chooses are taken',
    },
    sentences: { ...NO_PLACE, ...OTHERS_THERE },
    guesses: { EINVAL: 'what is given does not fit the place, or the kind' },
    called: { device: 'inputDevice' },
  }) satisfies Partial<Attempt>;
