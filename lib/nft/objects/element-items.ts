import { NLM_F_CREATE } from '../../netlink/message';
import type { BatchItem } from '../../netlink/batch';
import { elements } from '../../netlink/nfnetlink/element';
import type { ElementMessage } from '../language/key';
import type { NamedReference, SetReference } from '../language/model';
import type { Operation } from '../language/operations';
import { type Course, creating, message, type NftItem, path, removal } from './batch-item';
import { elementMessages, elementOption, intervalMessages, keyMessages, toInterval } from './element';
import { splitElements } from './element-lists';
import { type Cause, type Interval, isCatchall } from './intervals';

/** @internal What an operation asks of a set with `autoMerge`, and the set's elements do not allow. */
export class ElementRefusal extends Error {
  constructor(
    readonly code: 'ENOENT' | 'EEXIST',
    readonly asked: Cause,
  ) {
    super(`${code}: ${asked.operation}: ${asked.option}`);
  }
}

type Of<K extends Operation['op']> = Extract<Operation, { op: K }>;

/** @internal The elements that the kernel takes as they are. The others come with `changedElements`. */
export function addElements(
  { set, elements: list, options }: Of<'addElements'>,
  { numbers, held, index }: Course,
): BatchItem[] {
  const operation = `add elements to set ${path(set)}`;
  const { whole, intervals } = divided(set, elementMessages(set, list), { index, operation });
  if (options.ifExists === 'fail') refuse('EEXIST', held.taken(set, intervals));
  held.add(set, intervals, index);
  return elementItems(set, whole, numbers.of(set), elements.verbs.add, creating(options), operation);
}

/** @internal As `addElements`. */
export function deleteElements(
  { set, keys, options }: Of<'deleteElements'>,
  { held, index }: Course,
): NftItem[] {
  const operation = `delete elements of set ${path(set)}`;
  const { whole, intervals } = divided(set, keyMessages(set, keys), { index, operation });
  if (options.ifMissing !== 'ignore') refuse('ENOENT', held.missing(set, intervals));
  held.remove(set, intervals, index);
  const { remove } = elements.verbs;
  const type = removal(elements, options);
  const items = elementItems(set, whole, undefined, type, 0, operation);
  if (type === remove) return items;
  // of the elements of one message, the kernel deletes all or none, and reports the first that is missing
  const deletions = () => whole.flatMap((one) => elementItems(set, [one], undefined, remove, 0, operation));
  return items.map((item, i) => ({ ...item, deletions: i === 0 ? deletions : () => [] }));
}

function refuse(code: ElementRefusal['code'], interval: Interval | undefined): void {
  if (interval?.cause !== undefined) throw new ElementRefusal(code, interval.cause);
}

/** What is merged, and what the kernel takes as it is: the element '*', and all elements of a set without `autoMerge`. */
function divided(
  { autoMerge = false }: SetReference,
  messages: readonly ElementMessage[][],
  asked: Omit<Cause, 'option'>,
) {
  const isMerged = (of: readonly ElementMessage[]) => autoMerge && !of.some(isCatchall);
  return {
    intervals: messages.filter(isMerged).map((of) => toInterval(of, asked)),
    whole: messages.filter((of) => !isMerged(of)).flat(),
  };
}

/** @internal What the sets with `autoMerge` lose and get in the transaction, behind the last operation on their elements. */
export function changedElements({
  numbers,
  held,
}: Omit<Course, 'index'>): { last: number; items: NftItem[] }[] {
  const { add, remove } = elements.verbs;
  return held.sets.map(({ set, removed, intervals, last }) => ({
    last,
    items: [
      ...owned(removed, ({ operation }, list) => {
        const messages = list.flatMap((one) => intervalMessages(one, { keysOnly: true }));
        return elementItems(set, messages, undefined, remove, 0, operation);
      }),
      ...owned(intervals, ({ operation }, list) => {
        const messages = list.flatMap((one) => intervalMessages(one, { keysOnly: false }));
        return elementItems(set, messages, numbers.of(set), add, NLM_F_CREATE, operation);
      }),
    ],
  }));
}

/** The messages of the intervals that have a cause, by the operations that caused them. */
function owned(
  intervals: readonly Interval[],
  encode: (cause: Cause, intervals: readonly Interval[]) => BatchItem[],
): NftItem[] {
  const groups = new Map<number, { cause: Cause; list: Interval[] }>();
  for (const interval of intervals) {
    const { cause } = interval;
    if (cause === undefined) continue;
    const group = groups.get(cause.index) ?? { cause, list: [] };
    groups.set(cause.index, group);
    group.list.push(interval);
  }
  return [...groups].flatMap(([owner, { cause, list }]) =>
    encode(cause, list).map((item) => ({ ...item, owner })),
  );
}

/** @internal Splits elements into as many messages as they need. */
export function elementItems(
  { table: of, name }: NamedReference,
  list: readonly ElementMessage[],
  setId: number | undefined,
  type: number,
  flags: number,
  what: string,
): BatchItem[] {
  return splitElements(list).map((part) => {
    const value = {
      family: of.family,
      table: of.name,
      set: name,
      ...(setId !== undefined && { setId }),
      elements: part,
    };
    const optionAt = (place: readonly string[]) => elementOption(part, place);
    return { ...message(elements, type, flags, value, what), optionAt };
  });
}
