import type { BatchItem } from '../netlink/batch';
import { Bytes } from '../netlink/bytes';
import { messages, NLM_F_EXCL } from '../netlink/message';
import { chain } from '../netlink/nfnetlink/chain';
import { object } from '../netlink/nfnetlink/object';
import { set } from '../netlink/nfnetlink/set';
import { table } from '../netlink/nfnetlink/table';

// Which object a refusal is about: what is missing, what is there already, and what is in use. The kernel sends a number, and
// the attribute by which it looked for the object.

const NOUNS = new Map<unknown, string>([
  [table.codec, 'table'],
  [chain.codec, 'chain'],
  [set.codec, 'set'],
  [object.codec, 'object'],
]);

/** The names in a message, whatever its kind. */
interface Named {
  family?: string | number;
  table?: string;
  chain?: string;
  set?: string;
  name?: string;
  handle?: number;
  position?: number;
}

/** A message that was refused. */
interface Refused extends Named {
  /** What `name` is the name of; undefined for a rule, and for elements. */
  noun: string | undefined;
  /** Whether it was to fail where the object is there. */
  isExclusive: boolean;
}

const inFamily = (noun: string, ...names: (string | number | undefined)[]) =>
  `there is no ${[noun, ...names].filter((name) => name !== undefined).join(' ')}`;

const noRule = (handle: number | undefined) => `the chain has no rule with the handle ${handle}`;

/** What is missing, by the option that names it. */
const MISSING: Readonly<Record<string, (refused: Refused) => string | undefined>> = {
  table: ({ family, table }) => inFamily('table', family, table),
  chain: ({ family, table, chain }) => inFamily('chain', family, table, chain),
  set: ({ family, table, set }) => inFamily('set', family, table, set),
  name: ({ noun, family, table, name }) => noun && inFamily(noun, family, table, name),
  handle: ({ handle }) => noRule(handle),
  before: ({ position }) => noRule(position),
  after: ({ position }) => noRule(position),
  keys: () =>
    'there is no such element: an interval is deleted as it was added, and a part of an interval only with autoMerge',
  elements: () => 'there is no such chain, or no such object, as the value of the element names',
};

const IN_USE: Readonly<Record<string, string>> = {
  chain: 'a rule, or an element of a map, jumps to the chain',
  object: 'a rule, or an element of a map, uses the object',
  set: 'a rule refers to the set',
};

const TAKEN: Readonly<Record<string, (refused: Refused) => string | undefined>> = {
  name: ({ noun, isExclusive }) =>
    noun && `there is one of this name already${isExclusive ? '' : ', which is another one than this'}`,
  elements: ({ isExclusive }) =>
    isExclusive
      ? 'the set has this element already, or an interval that overlaps it'
      : 'the set has an interval that overlaps this one, or the map has another value for this key',
};

const OWNED = "the table has the flag 'owner', so only the program that made it may change it";

const NO_ELEMENT =
  "the set takes no such element: a timeout needs the set's flag 'timeout', a range 'interval', the key '*' Linux 5.13, and only a map has values";

const SENTENCES: Readonly<Record<string, (option: string, refused: Refused) => string | undefined>> = {
  ENOENT: (option, refused) => MISSING[option]?.(refused),
  EBUSY: (_, { noun = '' }) => IN_USE[noun],
  EEXIST: (option, refused) => TAKEN[option]?.(refused),
  EPERM: (option, { noun }) => (option === 'table' || noun === 'table' ? OWNED : undefined),
  // 5.10 does not point at the element
  EINVAL: (option, { set }) =>
    option === 'elements' || (option === '' && set !== undefined) ? NO_ELEMENT : undefined,
  ENFILE: (option) =>
    option === 'elements' ? 'the set is full: its option size is the most it takes' : undefined,
};

/** @internal What a refusal says about an object; undefined where there is nothing to add to the code. */
export function explainObject({ bytes, codec }: BatchItem, code: string, option = ''): string | undefined {
  for (const { flags, from, start, end } of messages(new Bytes(bytes))) {
    const named = codec.read(from, start, end) as Named;
    const refused = { ...named, noun: NOUNS.get(codec), isExclusive: (flags & NLM_F_EXCL) !== 0 };
    // 'elements[2]' is one of the elements
    return SENTENCES[code]?.(option.replace(/\[.*/, ''), refused);
  }
  return undefined;
}
