import { checkInteger, checkU32 } from '../../common/check';
import {
  isText,
  listOf,
  oneOf,
  type OptionCheck,
  optionsOf,
  optionTable,
  trueOrFalse,
} from '../../common/options';
import { shown } from '../../common/shown';
import { FAMILIES } from '../../netlink/nfnetlink/message';
import {
  type Chain,
  type Expression,
  type NftElement,
  type NftObject,
  type NftSet,
  type ObjectKind,
  type Rule,
  type Table,
  TIME_UNITS,
} from './model';

// What the objects of a ruleset may have. An object may be passed wherever it is referred to, so references have the same
// names, and fewer that have to be given.

/** @internal A number of 64 bits, as far as a number of JavaScript is exact. */
export const isCount: OptionCheck = (value, path) => checkInteger(path, value, 0, Number.MAX_SAFE_INTEGER);

export const isFamily = oneOf(Object.keys(FAMILIES).filter((family) => family !== 'unspec'));

/** @internal */
export const TABLE = optionTable<Table>(
  {
    family: isFamily,
    name: isText,
    flags: listOf(oneOf(['dormant', 'owner', 'persist'])),
    comment: isText,
    handle: true,
  },
  ['family', 'name'],
);

/** @internal */
export const CHAIN = optionTable<Chain>(
  {
    table: optionsOf(TABLE),
    name: isText,
    type: oneOf(['filter', 'nat', 'route']),
    hook: true,
    priority: true,
    policy: oneOf(['accept', 'drop']),
    devices: listOf(isText),
    comment: isText,
    handle: true,
  },
  ['table', 'name'],
);

const EXPRESSION = optionTable<Expression>({ name: isText, data: true }, ['name']);

/** @internal */
export const isExpressions = listOf(optionsOf(EXPRESSION));

/** @internal */
export const RULE = optionTable<Rule>(
  { chain: optionsOf(CHAIN), handle: true, expressions: isExpressions, comment: isText },
  ['chain', 'handle'],
);

/** @internal */
export const ELEMENT = optionTable<NftElement>(
  { key: true, value: true, timeout: isCount, expires: isCount, comment: isText, expressions: isExpressions },
  ['key'],
);

const isElement = optionsOf(ELEMENT);

/** @internal A key alone, as keys to be deleted are given, is refused with the form that an element has. */
export const isElements = listOf((value, path) => {
  if (['string', 'number'].includes(typeof value) || Array.isArray(value)) {
    throw new TypeError(
      `${path}: expected an element with its key, { key: … }, got the key alone: ${shown(value)}`,
    );
  }
  isElement(value, path);
});

/** What a listed set has besides what defines it. */
interface Listed {
  anonymous?: boolean;
  elements?: readonly NftElement[];
}

/** @internal */
export const SET = optionTable<NftSet & Listed>(
  {
    table: optionsOf(TABLE),
    name: isText,
    key: true,
    value: true,
    flags: listOf(oneOf(['constant', 'interval', 'timeout', 'dynamic'])),
    autoMerge: trueOrFalse,
    timeout: isCount,
    gcInterval: checkU32,
    size: checkU32,
    policy: oneOf(['performance', 'memory']),
    expressions: isExpressions,
    comment: isText,
    handle: true,
    anonymous: true,
    elements: true,
  },
  ['table', 'name', 'key'],
);

/** @internal The map of a translation: one that is referred to, or one of the rule's own. */
export const ANY_MAP = optionTable<NftSet & Listed>({ ...SET, elements: isElements }, ['value']);

/** @internal A set by its name alone. */
export const SET_NAME = optionTable<NftSet & Listed>(SET, ['table', 'name']);

type Of<K extends ObjectKind> = Extract<NftObject, { type: K }>;

const OBJECT = {
  table: optionsOf(TABLE),
  name: isText,
  type: true,
  comment: isText,
  handle: true,
} as const;
const NAMED = ['table', 'name'] as const;

/** @internal What a limit has, as a statement and as an object. The function that makes its data checks the rate. */
export const LIMIT_OPTIONS = {
  rate: true,
  per: oneOf(Object.keys(TIME_UNITS)),
  burst: checkU32,
  unit: oneOf(['packets', 'bytes']),
  over: trueOrFalse,
} as const;

/** @internal By their types. */
export const OBJECTS: { readonly [K in ObjectKind]: ReturnType<typeof optionTable<Of<K>>> } = {
  counter: optionTable<Of<'counter'>>({ ...OBJECT, packets: isCount, bytes: isCount }, NAMED),
  quota: optionTable<Of<'quota'>>({ ...OBJECT, bytes: isCount, consumed: isCount, over: trueOrFalse }, NAMED),
  limit: optionTable<Of<'limit'>>({ ...OBJECT, ...LIMIT_OPTIONS }, NAMED),
  'ct helper': optionTable<Of<'ct helper'>>(
    {
      ...OBJECT,
      helper: isText,
      protocol: oneOf(['tcp', 'udp']),
      l3proto: oneOf(['ip', 'ip6', 'inet']),
    },
    NAMED,
  ),
  'ct count': optionTable<Of<'ct count'>>({ ...OBJECT, count: checkU32, over: trueOrFalse }, NAMED),
};

/** @internal The state that a counter begins with. */
export const COUNTER = optionTable<{ packets?: number; bytes?: number }>({
  packets: isCount,
  bytes: isCount,
});
