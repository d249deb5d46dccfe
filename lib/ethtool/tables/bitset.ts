import { attributes, list, NLA_F_NESTED } from '../../netlink/attributes';
import { flag, text, u32, type ValueOf } from '../../netlink/codec';

const ETH_GSTRING_LEN = 32;

const BIT = 1; // ETHTOOL_A_BITSET_BITS_BIT

/** Bits by their names. One without a value is off; with `noMask`, one that is not named is off, too. */
export const bitset = attributes({
  noMask: [1, flag], // ETHTOOL_A_BITSET_NOMASK
  size: [2, u32], // ETHTOOL_A_BITSET_SIZE
  bits: [
    3 | NLA_F_NESTED, // ETHTOOL_A_BITSET_BITS
    list(
      BIT | NLA_F_NESTED,
      attributes({
        index: [1, u32], // ETHTOOL_A_BITSET_BIT_INDEX
        name: [2, text(ETH_GSTRING_LEN - 1)], // ETHTOOL_A_BITSET_BIT_NAME
        value: [3, flag], // ETHTOOL_A_BITSET_BIT_VALUE
      }),
    ),
  ],
});

export type Bitset = ValueOf<typeof bitset>;

/** The bits that a bitset names, in the kernel's order. Bits that are out of use have no names. */
export function namedBits({ bits = [], noMask }: Bitset = {}): Map<string, boolean> {
  const named = bits.flatMap(({ name = '', value }) =>
    name === '' ? [] : [[name, noMask ?? value ?? false] as const],
  );
  return new Map(named);
}

/** The bitset that names these bits, and no others. */
export function toBitset(bits: Iterable<readonly [name: string, on: boolean]>): Bitset {
  return { bits: Array.from(bits, ([name, on]) => (on ? { name, value: on } : { name })) };
}
