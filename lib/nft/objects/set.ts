import { defined } from '../../common/objects';
import { OBJECT_TYPES } from '../../netlink/nfnetlink/object';
import { DATA_VERDICT, type set, SET_F, type SetMessage } from '../../netlink/nfnetlink/set';
import { readUserdata, u32Data, type Userdata } from './userdata';
import { commented, readComment } from './comment';
import { type KeyLayout, keyLength } from '../language/key';
import type { Expression, NftFamily, NftSet, ObjectKind, SetReference } from '../language/model';
import { checkTypes, DATATYPES, type TypeName, typeNumber, typesOf } from '../language/types';

type SetValue = Parameters<typeof set.add>[0];

// NFTNL_UDATA_SET_*: entries by which nft splits and prints keys and data.
const UDATA = {
  keyByteorder: 0,
  dataByteorder: 1,
  merge: 2,
  keyTypeof: 3,
  dataTypeof: 4,
  dataInterval: 6,
} as const;
/** enum byteorder of nft; 0 for a value that is not a single number. */
const BYTEORDER = { none: 0, host: 1, big: 2 } as const;
/** EXPR_CONCAT of nft, without further details. */
const CONCAT = Buffer.concat([Buffer.from([0, 4]), u32Data(13), Buffer.from([1, 0])]);

export type DataLayout =
  | { kind: 'none' }
  | { kind: 'verdict' }
  | { kind: 'types'; types: readonly TypeName[] }
  | { kind: 'object'; object: ObjectKind };

/** The layout of a set's keys and data. Throws a RangeError for an unknown type. */
export function layoutOf({
  key,
  value,
  flags,
  autoMerge = false,
}: SetReference): KeyLayout & { data: DataLayout } {
  const types = checkTypes(key, 'key');
  const interval = flags?.includes('interval') ?? false;
  const wrong = interval ? withoutOrder(types) : undefined;
  if (wrong !== undefined) {
    throw new RangeError(`flags: 'interval' takes addresses, protocols and ports, not ${wrong}`);
  }
  if (autoMerge && !canMerge(types, interval, value)) {
    throw new RangeError(
      "autoMerge: expected a set with the flag 'interval', one data type as key, and no value",
    );
  }
  return { types, interval, data: dataLayout(value) };
}

/** Of a concatenation, nft stores the flag without merging anything, and a map it gives no such flag. */
function canMerge(types: readonly TypeName[], interval: boolean, value: SetReference['value']): boolean {
  return interval && types.length === 1 && value === undefined;
}

/**
 * @internal The first type whose values cannot be intervals. The kernel compares the ends of intervals byte by byte, which is
 * wrong for numbers in the byte order of the machine. A device's name is no number, and may be part of a concatenation whose
 * other parts are intervals.
 */
export function withoutOrder(types: readonly TypeName[]): TypeName | undefined {
  const numbers = types.length === 1 ? types : types.filter((type) => type !== 'ifname');
  return numbers.find((type) => DATATYPES[type].order === 'host' && DATATYPES[type].size > 1);
}

function dataLayout(value: SetReference['value']): DataLayout {
  if (value === undefined) return { kind: 'none' };
  if (value === 'verdict') return { kind: 'verdict' };
  if (typeof value === 'object' && 'object' in value) return { kind: 'object', object: value.object };
  return { kind: 'types', types: checkTypes(value, 'value') };
}

const FLAG_NAMES = ['constant', 'interval', 'timeout', 'dynamic'] as const;

/** @internal The message of a set. `id` is unique in the transaction; `anonymous` is given for the set of a rule. */
export function setMessage(definition: NftSet, id: number, anonymous?: { count: number }): SetValue {
  const { types, interval, data } = layoutOf(definition);
  const { table, name, flags = [], timeout, gcInterval, size, policy, expressions = [] } = definition;
  const concat = types.length > 1;
  const bits =
    flags.reduce((sum, flag) => sum | SET_F[flag], 0) |
    (data.kind === 'types' || data.kind === 'verdict' ? SET_F.map : 0) |
    (data.kind === 'object' ? SET_F.object : 0) |
    (interval && concat ? SET_F.concat : 0) |
    (timeout === undefined ? 0 : SET_F.timeout) |
    (anonymous === undefined ? 0 : SET_F.anonymous | SET_F.constant) |
    (expressions.length > 1 ? SET_F.expression : 0);
  const room = anonymous?.count ?? size;
  const description = {
    ...(room !== undefined && { size: room }),
    ...(concat && interval && { fields: types.map((type) => ({ length: DATATYPES[type].size })) }),
  };
  return {
    family: table.family,
    table: table.name,
    name,
    flags: bits,
    keyType: typeNumber(types),
    keyLength: keyLength(types),
    ...(data.kind === 'verdict' && { dataType: DATA_VERDICT, dataLength: 0 }),
    ...(data.kind === 'types' && { dataType: typeNumber(data.types), dataLength: keyLength(data.types) }),
    ...(data.kind === 'object' && { objectType: OBJECT_TYPES[data.object] }),
    id,
    ...defined({ policy }),
    ...(Object.keys(description).length > 0 && { description }),
    ...(timeout !== undefined && { timeout }),
    ...defined({ gcInterval }),
    ...commented('set', definition.comment, typeUserdata(types, data, definition.autoMerge)),
    ...(expressions.length === 1 && { expression: expressions[0] as StatefulMessage }),
    ...(expressions.length > 1 && { expressions: expressions }),
  };
}

type StatefulMessage = NonNullable<SetValue['expression']>;

function typeUserdata(types: readonly TypeName[], data: DataLayout, autoMerge = false): Userdata {
  const order = (list: readonly TypeName[]) => {
    const only = list.length === 1 ? list[0] : undefined;
    return u32Data(BYTEORDER[only === undefined ? 'none' : DATATYPES[only].order]);
  };
  const isMap = data.kind === 'types' || data.kind === 'verdict';
  const values = data.kind === 'types' ? data.types : [];
  return [
    [UDATA.keyByteorder, order(types)],
    ...(isMap ? [[UDATA.dataByteorder, order(values)] as const] : []),
    ...(autoMerge ? [[UDATA.merge, u32Data(1)] as const] : []),
    ...(types.length > 1 ? [[UDATA.keyTypeof, CONCAT] as const] : []),
    ...(values.length > 1 ? [[UDATA.dataTypeof, CONCAT] as const] : []),
    ...(data.kind !== 'none' ? [[UDATA.dataInterval, u32Data(0)] as const] : []),
  ];
}

const OBJECT_KINDS = new Map<number, string>(
  Object.entries(OBJECT_TYPES).map(([kind, number]) => [number, kind]),
);

/** A set that was listed. Its key or value is undefined where the type is not known here. */
export type ListedSet = Omit<NftSet, 'key'> & {
  key?: readonly TypeName[];
  /** Whether the set is part of a rule, and is deleted with the rule: tcp dport { 80, 443 }. */
  anonymous: boolean;
};

/** @internal */
export function toSet(message: SetMessage): ListedSet {
  const bits = message.flags ?? 0;
  const key = knownTypes(message.keyType ?? 0, message.keyLength);
  const value = toValue(message);
  const expressions = message.expressions ?? (message.expression === undefined ? [] : [message.expression]);
  return {
    table: { family: message.family as NftFamily, name: message.table ?? '' },
    name: message.name ?? '',
    ...defined({ key, value }),
    flags: FLAG_NAMES.filter((flag) => (bits & SET_F[flag]) !== 0),
    ...(canMerge(key ?? [], (bits & SET_F.interval) !== 0, value) &&
      isMerged(message) && { autoMerge: true }),
    anonymous: (bits & SET_F.anonymous) !== 0,
    ...defined({
      timeout: message.timeout,
      gcInterval: message.gcInterval,
      size: message.description?.size,
      policy: message.policy as NftSet['policy'],
      comment: readComment('set', message.userdata),
      handle: message.handle,
    }),
    ...(expressions.length > 0 && { expressions: expressions as readonly Expression[] }),
  };
}

function isMerged({ userdata = new Uint8Array() }: SetMessage): boolean {
  const entry = readUserdata(userdata).find(([type]) => type === UDATA.merge);
  return entry?.[1].some((byte) => byte !== 0) ?? false;
}

function toValue({ flags = 0, dataType = 0, dataLength, objectType }: SetMessage): NftSet['value'] {
  if ((flags & SET_F.object) !== 0) return { object: OBJECT_KINDS.get(objectType ?? 0) as ObjectKind };
  if ((flags & SET_F.map) === 0) return undefined;
  return dataType === DATA_VERDICT ? 'verdict' : knownTypes(dataType, dataLength);
}

/** The types of a number. Undefined where their length is another one, because other programs store any number. */
function knownTypes(number: number, length: number | undefined): readonly TypeName[] | undefined {
  const types = typesOf(number);
  return types !== undefined && keyLength(types) === length ? types : undefined;
}
