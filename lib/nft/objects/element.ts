import { shown } from '../../common/shown';
import { defined } from '../../common/objects';
import { commented, readComment } from './comment';
import {
  checkVerdict,
  type ElementMessage,
  exactKey,
  keyElements,
  lastBefore,
  readKey,
  readScalars,
  toVerdict,
  verdictMessage,
} from '../language/key';
import type { AnonymousSet } from '../language/match';
import type { Expression, Key, NftElement, SetReference } from '../language/model';
import {
  type Cause,
  type Interval,
  intervalElements,
  intervalKeys,
  isCatchall,
  listedIntervals,
} from './intervals';
import { type DataLayout, layoutOf } from './set';

type Stateful = NonNullable<ElementMessage['expression']>;

/** The option that a message was made of. One element may be several messages, and messages are sorted and split. */
const options = new WeakMap<ElementMessage, string>();

function placed(messages: ElementMessage[], option: string): ElementMessage[] {
  for (const message of messages) options.set(message, option);
  return messages;
}

/** @internal The interval of one element, as `elementMessages` and `keyMessages` return the elements. */
export function toInterval(
  [start = {}, end]: readonly ElementMessage[],
  asked: Omit<Cause, 'option'>,
): Interval {
  const from = Buffer.from(start.key?.value ?? []);
  const to = lastBefore(end && Buffer.from(end.key?.value ?? []), from.length);
  return { from, to, start, cause: { ...asked, option: options.get(start) ?? '' } };
}

/** @internal The messages of an interval, or of its keys alone, each with the option that it is for. */
export function intervalMessages(interval: Interval, { keysOnly }: { keysOnly: boolean }): ElementMessage[] {
  const messages = keysOnly ? intervalKeys(interval) : intervalElements(interval);
  return placed(messages, interval.cause?.option ?? '');
}

/** @internal Names the option that an attribute of a list of elements was made of: 'elements[2]'. */
export function elementOption(list: readonly ElementMessage[], path: readonly string[]): string {
  const [first, index] = path;
  const message = first === 'elements' ? list[Number(index)] : undefined;
  return (message && options.get(message)) ?? path.join('.');
}

/** @internal Each element as the kernel takes it: two messages for an interval. */
export function elementMessages(
  set: SetReference,
  elements: readonly NftElement[],
  called: AnonymousSet['called'] | 'elements' = 'elements',
): ElementMessage[][] {
  const layout = layoutOf(set);
  return elements.map((element, i) => {
    const option = `${called}[${i}]`;
    const key = called === 'value' ? option : `${option}.key`;
    const [first, ...rest] = keyElements(layout, element.key, key);
    const { flags, ...keys } = first ?? {};
    const { timeout, comment, expressions = [] } = element;
    const full: ElementMessage = {
      ...defined({ flags }),
      ...(timeout !== undefined && { timeout }),
      ...keys,
      ...valueMessage(layout.data, element.value, `${option}.value`),
      ...commented('element', comment),
      ...(expressions.length === 1 && { expression: expressions[0] as Stateful }),
      ...(expressions.length > 1 && { expressions: expressions }),
    };
    return placed([full, ...rest], option);
  });
}

/** @internal The keys of elements that are to be deleted. */
export function keyMessages(set: SetReference, keys: readonly Key[]): ElementMessage[][] {
  const layout = layoutOf(set);
  return keys.map((key, i) => placed(keyElements(layout, key, `keys[${i}]`), `keys[${i}]`));
}

type Value = NftElement['value'];
type ValueWriters = {
  [K in DataLayout['kind']]: (
    value: Value,
    option: string,
    data: Extract<DataLayout, { kind: K }>,
  ) => ElementMessage;
};

const VALUE_WRITERS: ValueWriters = {
  none(value, option) {
    if (value !== undefined) throw new TypeError(`${option}: a set has no values, got ${shown(value)}`);
    return {};
  },
  verdict: (value, option) => ({ data: { verdict: verdictMessage(checkVerdict(value, option)) } }),
  object(value, option) {
    if (typeof value === 'string') return { object: value };
    throw new TypeError(`${option}: expected an object's name, got ${shown(value)}`);
  },
  types(value, option, { types }) {
    if (value === undefined) throw new TypeError(`${option}: a map has a value for each key`);
    return { data: { value: exactKey(types, value as Key, option) } };
  },
};

function valueMessage(data: DataLayout, value: Value, option: string): ElementMessage {
  const write = VALUE_WRITERS[data.kind] as (
    value: Value,
    option: string,
    data: DataLayout,
  ) => ElementMessage;
  return write(value, option, data);
}

/** @internal The elements of a set that the kernel has listed. */
export function toElements(set: SetReference, messages: readonly ElementMessage[]): NftElement[] {
  const { types, interval, data } = layoutOf(set);
  const [type] = types;
  if (!interval || types.length > 1 || type === undefined) {
    return messages.map((message) => {
      const from = Buffer.from(message.key?.value ?? []);
      const to = message.keyEnd?.value === undefined ? from : Buffer.from(message.keyEnd.value);
      return toElement(isCatchall(message) ? '*' : readKey(types, from, to), data, message);
    });
  }
  return [
    ...listedIntervals(messages).map(({ from, to, start }) =>
      toElement(readKey(types, from, to), data, start),
    ),
    ...messages.filter(isCatchall).map((message) => toElement('*', data, message)),
  ];
}

function toElement(key: Key, data: DataLayout, message: ElementMessage): NftElement {
  const expressions = message.expressions ?? (message.expression === undefined ? [] : [message.expression]);
  return {
    key,
    ...defined({
      value: toValue(data, message),
      timeout: message.timeout,
      expires: message.expiration,
      comment: readComment('element', message.userdata),
    }),
    ...(expressions.length > 0 && { expressions: expressions as readonly Expression[] }),
  };
}

function toValue(data: DataLayout, { data: held, object }: ElementMessage): NftElement['value'] {
  if (data.kind === 'object') return object;
  if (held?.verdict !== undefined) return toVerdict(held.verdict);
  if (held?.value === undefined || data.kind !== 'types') return undefined;
  return readScalars(data.types, Buffer.from(held.value));
}
