import { integerFrom, oneOf, type OptionTable, optionTable } from '../../../common/options';
import { attributes } from '../../attributes';
import { bytes, s32, u16, u32, u8, type ValueOf } from '../../codec';
import { struct } from '../../struct';
import { LINK_LAYERS, type LinkLayer } from './units';

// What each packet counts, for a queueing discipline of any kind: tc(8) hands the kernel a table of it, and so does this file.

/** struct tc_sizespec */
const base = struct([
  ['cellLog', u8, 1],
  ['sizeLog', u8, 1],
  ['cellAlign', u16, 2],
  ['overhead', s32, 4],
  ['linkLayer', u32, 4],
  ['mpu', u32, 4],
  ['mtu', u32, 4],
  ['size', u32, 4],
]);

/** TCA_STAB */
export const sizeTable = attributes({
  base: [1, base], // TCA_STAB_BASE
  data: [2, bytes], // TCA_STAB_DATA
});

type Data = ValueOf<typeof sizeTable>;

/** What each packet counts, whatever its queueing discipline does with that. */
export interface SizeTable {
  /** Bytes that each packet counts more, or below 0, less; 0 by default. */
  overhead?: number;
  /** What carries the packets: 'ethernet' (default), or 'atm', where each takes whole cells of 53 bytes, with 48 of it in each. */
  linkLayer?: LinkLayer;
  /** Bytes that each packet counts at least; 0 by default. */
  mpu?: number;
  /** Bytes of the largest packet that the table has, with `mpu` or 'atm'; 2047 by default. */
  mtu?: number;
  /** How many sizes the table tells apart; 512 by default. */
  size?: number;
}

export const SIZE_TABLE: OptionTable<SizeTable> = optionTable<SizeTable>({
  overhead: integerFrom(-0x80000000, 0x7fffffff),
  linkLayer: oneOf(Object.keys(LINK_LAYERS)),
  mpu: integerFrom(0, 0xffff),
  mtu: integerFrom(1, 0xffffff),
  size: integerFrom(2, 16_384),
});

const ATM_CELL = 53;
const ATM_PAYLOAD = 48;
const LARGEST = 0xffff;

/** The kernel looks a packet up by its length, less one, shifted by this. */
const cellLogOf = (mtu: number, size: number) => {
  let log = 0;
  while (mtu >> log > size - 1) log++;
  return log;
};

export function toSizeTable({ overhead = 0, linkLayer = 'ethernet', mpu = 0, ...rest }: SizeTable): Data {
  const common = { overhead, linkLayer: LINK_LAYERS[linkLayer], mpu };
  // without a table the kernel adds the overhead only
  if (linkLayer === 'ethernet' && mpu === 0) {
    return { base: { ...common, cellLog: 0, sizeLog: 0, cellAlign: 0, mtu: 0, size: 0 } };
  }
  const { mtu = 2047, size = 512 } = rest;
  const cellLog = cellLogOf(mtu, size);
  const sizes = Array.from({ length: size }, (_, i) => {
    const bytes = Math.max((i + 1) << cellLog, mpu);
    return linkLayer === 'atm' ? Math.ceil(bytes / ATM_PAYLOAD) * ATM_CELL : bytes;
  });
  let sizeLog = 0;
  while (Math.max(...sizes) >> sizeLog > LARGEST) sizeLog++;
  const data = new Uint8Array(Uint16Array.from(sizes, (one) => one >> sizeLog).buffer);
  return { base: { ...common, cellLog, sizeLog, cellAlign: 0xffff, mtu, size }, data };
}

/** The kernel reports no table, and what makes it. */
export function fromSizeTable({ base: found }: Data): SizeTable | undefined {
  if (found === undefined) return undefined;
  const { overhead, linkLayer, mpu, mtu, size } = found;
  return {
    ...{ overhead, linkLayer: linkLayer === LINK_LAYERS.atm ? 'atm' : 'ethernet', mpu },
    ...(size > 0 && { mtu, size }),
  };
}
