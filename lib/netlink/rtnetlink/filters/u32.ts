import { checkInteger } from '../../../common/check';
import { listOf, type OptionCheck, optionsOf, optionTable, trueOrFalse } from '../../../common/options';
import { attributes } from '../../attributes';
import { bytes, text, u32 as integer, type ValueOf } from '../../codec';
import { actions } from '../actions';
import type { FilterKind } from './filter-kind';
import { selector } from './u32-selector';

const IFNAMSIZ = 16;

const TERMINAL = 1; // TC_U32_TERMINAL

const codec = attributes({
  classId: [1, integer], // TCA_U32_CLASSID
  table: [2, integer], // TCA_U32_HASH
  link: [3, integer], // TCA_U32_LINK
  divisor: [4, integer], // TCA_U32_DIVISOR
  selector: [5, selector], // TCA_U32_SEL
  police: [6, bytes], // TCA_U32_POLICE
  actions: [7, actions], // TCA_U32_ACT
  device: [8, text(IFNAMSIZ - 1)], // TCA_U32_INDEV
  hits: [9, bytes], // TCA_U32_PCNT
  mark: [10, bytes], // TCA_U32_MARK
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

/** Packets with certain bytes at certain places. */
export interface U32Options {
  /** What all of a packet has to be; none is every packet. `u32Keys` makes some of them. */
  keys: readonly U32Key[];
}

/** What the kernel reports of it. */
export interface U32Info extends U32Options {
  /** The hash table that it is in, where that is not the first of its priority. */
  table: number;
  /** The hash table whose filters are asked next. */
  link?: number;
}

const isWord: OptionCheck = (value, path) => checkInteger(path, value, 0, 0xffffffff);
const isOffset: OptionCheck = (value, path) => {
  checkInteger(path, value, -0x80000000, 0x7fffffff);
  if (value % 4 !== 0) throw new RangeError(`${path}: expected a multiple of 4, got ${value}`);
};
const KEY = optionTable<U32Key>({ value: isWord, mask: isWord, offset: isOffset, behindIp: trueOrFalse }, [
  'value',
  'mask',
  'offset',
]);

const MOST_KEYS = 128;

export const u32: FilterKind<U32Options, ValueOf<typeof codec>, U32Info> = {
  codec,
  options: {
    keys: (value, path) => {
      listOf(optionsOf(KEY))(value, path);
      const { length } = value as readonly unknown[];
      if (length > MOST_KEYS)
        throw new RangeError(`${path}: expected at most ${MOST_KEYS} keys, got ${length}`);
    },
  },
  required: ['keys'],
  toData: ({ keys }) => ({
    selector: {
      flags: TERMINAL,
      keys: keys.map(({ value, mask, offset, behindIp = false }) => ({
        value: (value & mask) >>> 0,
        mask,
        offset,
        offsetMask: behindIp ? -1 : 0,
      })),
    },
  }),
  toView: ({ selector: found, table = 0, link }) => ({
    keys: (found?.keys ?? []).map(({ value, mask, offset, offsetMask }) => ({
      ...{ value, mask, offset },
      ...(offsetMask !== 0 && { behindIp: true }),
    })),
    table,
    ...(link !== undefined && { link }),
  }),
};
