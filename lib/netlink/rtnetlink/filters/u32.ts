import { checkInteger } from '../../../common/check';
import { flagValues, maskedFlags } from '../../../common/flags';
import { defined } from '../../../common/objects';
import {
  integerFrom,
  listOf,
  type OptionCheck,
  optionsOf,
  optionTable,
  trueOrFalse,
} from '../../../common/options';
import { IFNAMSIZ } from '../../../common/limits';
import { attributes } from '../../attributes';
import { bytes, text, u32 as integer, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import { actions } from '../actions';
import { police } from '../actions/police';
import type { FilterKind } from './filter-kind';
import { INPUT, type InputOptions, OFFLOAD, offloadFlags, offloadOf, type OffloadOptions } from './shared';
import { type Selector, selector } from './u32-selector';

/** linux/pkt_cls.h, TC_U32_* */
const FLAGS = {
  terminal: 1, // TC_U32_TERMINAL
  offset: 2, // TC_U32_OFFSET
  varOffset: 4, // TC_U32_VAROFFSET
  eat: 8, // TC_U32_EAT
} as const;

/** struct tc_u32_mark, whose last field counts. */
const markStruct = struct([['value', integer, 4], ['mask', integer, 4], 4]);

const codec = attributes({
  classId: [1, integer], // TCA_U32_CLASSID
  table: [2, integer], // TCA_U32_HASH
  link: [3, integer], // TCA_U32_LINK
  divisor: [4, integer], // TCA_U32_DIVISOR
  selector: [5, selector], // TCA_U32_SEL
  police: [6, police.codec], // TCA_U32_POLICE
  actions: [7, actions], // TCA_U32_ACT
  device: [8, text(IFNAMSIZ - 1)], // TCA_U32_INDEV
  hits: [9, bytes], // TCA_U32_PCNT
  mark: [10, markStruct], // TCA_U32_MARK
  flags: [11, integer], // TCA_U32_FLAGS
});

/** Four bytes of a packet. */
export interface U32Key {
  /** What they are, where the mask has a bit; the first byte is the highest. */
  value: number;
  /** The bits that are looked at. */
  mask: number;
  /** Where they begin, a multiple of 4, from the header of IP or of what else the protocol is; it may be negative. */
  offset: number;
  /** Whether the offset counts from the header behind that of IP, as a filter before has found it; off by default. */
  behindIp?: boolean;
}

/** A packet's mark. */
export interface U32Mark {
  /** What it is, where the mask has a bit. */
  value: number;
  /** The bits that are looked at; all by default. */
  mask?: number;
}

/** Four bytes of a packet by which a bucket is chosen. */
export interface U32HashKey {
  /** The bits of them that choose it: those from the lowest of the mask on, up to eight. */
  mask: number;
  /** Where they begin, a multiple of 4. */
  offset: number;
}

/** Where the offsets of the filters of a linked table begin: behind a header, whose length the packet says. */
export interface U32NextHeader {
  /** Bytes that are added in any case. */
  plus?: number;
  /** The two bytes of the packet that say how many more. */
  at?: number;
  /** The bits of the two bytes that say it; none by default. */
  mask?: number;
  /** By how many bits those are shifted to the right. */
  shift?: number;
  /** Whether the offsets of all filters from then on begin there, and not only those of keys that are `behindIp`; off by default. */
  eat?: boolean;
}

/**
 * Packets with certain bytes at certain places; or, with `divisor`, a hash table of such filters, of which a packet is asked by
 * those of one bucket. 0x00100000 is the table that `tc` calls 1:, 0x00105000 its bucket 1:5:.
 */
export interface U32Options extends InputOptions, OffloadOptions {
  /** What all of a packet has to be; none is every packet. `u32Keys` makes some of them. A table has none. */
  keys?: readonly U32Key[];
  /** Makes a table of so many buckets, a power of 2 up to 256, whose number is `handle`; with one bucket `handle` has to be given. */
  divisor?: number;
  /** The bucket that it is in: of the first table of its priority by default. */
  table?: number;
  /** The table whose filters are asked next; what is found there counts, and a class or actions here only if nothing is. */
  link?: number;
  /** What chooses the bucket of that table. */
  hashKey?: U32HashKey;
  /** Where the offsets of the filters of that table begin. */
  nextHeader?: U32NextHeader;
  /** The mark of the packet. A kernel that does not look at it (CONFIG_CLS_U32_MARK) would ignore it, and is refused. */
  mark?: U32Mark;
}

/** What the kernel reports of it. */
export interface U32Info extends U32Options {
  keys: readonly U32Key[];
  /** The bucket that it is in; of a table 0. */
  table: number;
}

const isWord: OptionCheck = (value, path) => checkInteger(path, value, 0, 0xffffffff);
const isOffset: OptionCheck = (value, path) => {
  checkInteger(path, value, -0x80000000, 0x7fffffff);
  if (value % 4 !== 0) throw new RangeError(`${path}: expected a multiple of 4, got ${value}`);
};
const isShortOffset: OptionCheck = (value, path) => {
  checkInteger(path, value, -0x8000, 0x7fff);
  isOffset(value, path);
};
const KEY = optionTable<U32Key>({ value: isWord, mask: isWord, offset: isOffset, behindIp: trueOrFalse }, [
  'value',
  'mask',
  'offset',
]);

const MARK = optionTable<U32Mark>({ value: isWord, mask: isWord }, ['value']);

const MOST_KEYS = 128;

const HASH_KEY = optionTable<U32HashKey>({ mask: isWord, offset: isShortOffset }, ['mask', 'offset']);
const NEXT_HEADER = optionTable<U32NextHeader>({
  plus: integerFrom(0, 0xffff),
  at: integerFrom(-0x8000, 0x7fff),
  mask: integerFrom(0, 0xffff),
  shift: integerFrom(0, 15),
  eat: trueOrFalse,
});

/** What stands beside the options of its own: whether the filter has a class or actions, and its number. */
type WithEnd = U32Options & { ends?: boolean; handle?: number };

/** From this number on the kernel numbers the hash tables itself: the first one of each priority has one bucket. */
export const FIRST_OWN_TABLE = 0x80000000;

function check(options: WithEnd): void {
  const { keys, divisor, table, link, hashKey, nextHeader, ends, mark, inputDevice, handle } = options;
  if (divisor === undefined && keys === undefined) throw new TypeError('keys: it has to be given');
  const [name] = Object.keys(defined({ hashKey, nextHeader }));
  if (name !== undefined && link === undefined) throw new TypeError(`${name}: it takes 'link'`);
  if (divisor === undefined) return;
  if (divisor === 1 && (handle === undefined || handle >= FIRST_OWN_TABLE)) {
    const reason = 'as of one bucket are those that the kernel makes for itself, and which are not listed';
    throw new RangeError(`handle: a table of one bucket takes a number below 0x80000000, ${reason}`);
  }
  const some = (keys ?? []).length > 0 || undefined;
  const elsewhere = table === 0 ? undefined : table;
  const [other] = Object.keys(
    defined({ keys: some, table: elsewhere, link, actions: ends === true || undefined, mark, inputDevice }),
  );
  if (other !== undefined) throw new TypeError(`${other}: a table, which 'divisor' makes, has none`);
}

/** The part of the selector that says where to go on. */
function nextOf({ link, hashKey, nextHeader, ends }: WithEnd): Omit<Selector, 'keys'> {
  const { plus, at, mask, shift, eat } = nextHeader ?? {};
  const given = {
    // with a link, only what has a class or actions ends there
    terminal: link === undefined || ends === true,
    offset: plus !== undefined,
    varOffset: at !== undefined || mask !== undefined,
    eat: eat === true,
  };
  return defined({
    flags: maskedFlags(FLAGS, given).flags,
    ...{ offset: plus, offsetAt: at, offsetMask: mask, offsetShift: shift },
    ...{ hashMask: hashKey?.mask, hashOffset: hashKey?.offset },
  });
}

function toNextHeader({
  flags = 0,
  offset,
  offsetAt,
  offsetMask,
  offsetShift,
}: Selector): U32NextHeader | undefined {
  const set = flagValues(FLAGS, flags);
  const found = defined({
    plus: set.offset ? offset : undefined,
    ...(set.varOffset && { at: offsetAt, mask: offsetMask, shift: offsetShift }),
    eat: set.eat || undefined,
  });
  return Object.keys(found).length === 0 ? undefined : found;
}

export const u32: FilterKind<U32Options, ValueOf<typeof codec>, U32Info> = {
  codec,
  options: {
    keys: (value, path) => {
      listOf(optionsOf(KEY))(value, path);
      const { length } = value as readonly unknown[];
      if (length > MOST_KEYS)
        throw new RangeError(`${path}: expected at most ${MOST_KEYS} keys, got ${length}`);
    },
    divisor: (value, path) => {
      checkInteger(path, value, 1, 256);
      if ((value & (value - 1)) !== 0) throw new RangeError(`${path}: expected a power of 2, got ${value}`);
    },
    table: isWord,
    link: integerFrom(1, 0xffffffff),
    hashKey: optionsOf(HASH_KEY),
    nextHeader: optionsOf(NEXT_HEADER),
    mark: optionsOf(MARK),
    ...INPUT,
    ...OFFLOAD,
  },
  // a kernel without CONFIG_CLS_U32_MARK
  ignored: ['mark'],
  check,
  toData(options: WithEnd) {
    const { keys = [], divisor, table, link, mark, inputDevice, offload } = options;
    if (divisor !== undefined) return { divisor };
    const selected = keys.map(({ value, mask, offset, behindIp = false }) => ({
      ...{ value: (value & mask) >>> 0, mask, offset },
      offsetMask: behindIp ? -1 : 0,
    }));
    return {
      ...defined({
        ...{
          table: table === 0 ? undefined : table,
          link,
          device: inputDevice,
          flags: offloadFlags(offload),
        },
        mark: mark && { value: mark.value, mask: mark.mask ?? 0xffffffff },
      }),
      selector: { ...nextOf(options), keys: selected },
    };
  },
  toView({ selector: found, divisor, table = 0, link, mark, device, flags }) {
    const { hashMask = 0, hashOffset = 0 } = found ?? {};
    return {
      keys: (found?.keys ?? []).map(({ value, mask, offset, offsetMask }) => ({
        ...{ value, mask, offset },
        ...(offsetMask !== 0 && { behindIp: true }),
      })),
      table,
      ...defined({
        ...{ divisor, link, mark, inputDevice: device, offload: offloadOf(flags) },
        hashKey: link === undefined || hashMask === 0 ? undefined : { mask: hashMask, offset: hashOffset },
        nextHeader: found && toNextHeader(found),
      }),
    };
  },
};
