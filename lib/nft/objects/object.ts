import { defined } from '../../common/objects';
import { shown } from '../../common/shown';
import type { object, ObjectMessage } from '../../netlink/nfnetlink/object';
import { commented, readComment } from './comment';
import {
  type NftFamily,
  type NftObject,
  type ObjectKind,
  TIME_UNITS,
  type TimeUnit,
} from '../language/model';
import { PROTOCOLS } from '../../netlink/nfnetlink/names';
import { limitData } from '../language/statements';

type ObjectValue = Parameters<typeof object.add>[0];
type Data = NonNullable<ObjectValue['data']>;
type Of<K extends ObjectKind> = Extract<NftObject, { type: K }>;

const OVER = 1; // NFT_LIMIT_F_INV, NFT_QUOTA_F_INV, NFT_CONNLIMIT_F_INV
const L3PROTOS = { ip: 2, ip6: 10, inet: 1 } as const; // NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_INET

const writers: { readonly [K in ObjectKind]: (object: Of<K>) => Data } = {
  counter: ({ packets = 0, bytes = 0 }) => ({ bytes, packets }),
  quota: ({ bytes, consumed = 0, over = false }) => ({ bytes, consumed, flags: over ? OVER : 0 }),
  limit: limitData,
  'ct count': ({ count, over = false }) => ({ count, flags: over ? OVER : 0 }),
  'ct helper': ({ helper, protocol, l3proto }) => ({
    type: helper,
    ...(l3proto !== undefined && { l3proto: L3PROTOS[l3proto] }),
    l4proto: PROTOCOLS[protocol],
  }),
};

/** @internal */
export function objectMessage(definition: NftObject): ObjectValue {
  const { table, name, type, comment } = definition;
  if (!Object.hasOwn(writers, type)) {
    throw new RangeError(`type: expected one of ${Object.keys(writers).join(', ')}, got ${shown(type)}`);
  }
  const write = writers[type] as (object: NftObject) => Data;
  return {
    family: table.family,
    table: table.name,
    name,
    type,
    ...commented('object', comment),
    data: write(definition),
  };
}

interface Fields {
  bytes?: number;
  packets?: number;
  consumed?: number;
  rate?: number;
  unit?: number;
  burst?: number;
  type?: string | number;
  count?: number;
  flags?: number;
  l3proto?: number;
  l4proto?: number;
}

const nameOf = <T extends string>(names: Readonly<Record<T, number>>, number: number | undefined) =>
  (Object.keys(names) as T[]).find((name) => names[name] === number);

const readers: Readonly<Record<ObjectKind, (data: Fields) => object>> = {
  counter: ({ packets, bytes }) => ({ packets, bytes }),
  quota: ({ bytes, consumed, flags = 0 }) => ({ bytes, consumed, over: (flags & OVER) !== 0 }),
  limit: ({ rate, unit, burst, type, flags = 0 }) => ({
    rate,
    per: nameOf<TimeUnit>(TIME_UNITS, unit),
    burst,
    unit: type,
    over: (flags & OVER) !== 0,
  }),
  'ct count': ({ count, flags = 0 }) => ({ count, over: (flags & OVER) !== 0 }),
  'ct helper': ({ type, l3proto, l4proto }) => ({
    helper: type,
    protocol: nameOf(PROTOCOLS, l4proto),
    l3proto: nameOf(L3PROTOS, l3proto),
  }),
};

/** @internal Undefined for a kind of object that is not known here. */
export function toObject(message: ObjectMessage): NftObject | undefined {
  const { type } = message;
  if (typeof type !== 'string' || !Object.hasOwn(readers, type)) return undefined;
  const read = readers[type as ObjectKind];
  return {
    table: { family: message.family as NftFamily, name: message.table ?? '' },
    name: message.name ?? '',
    type,
    // The message of a deletion has no data.
    ...(message.data !== undefined && defined(read(message.data as Fields))),
    ...defined({
      comment: readComment('object', message.userdata),
      handle: message.handle,
    }),
  } as NftObject;
}
