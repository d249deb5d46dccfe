import { shown } from '../common/shown';

/** linux/rtnetlink.h, RT_TABLE_* */
const TABLES = { default: 253, main: 254, local: 255 } as const;

const TABLE_NAMES = new Map<number, TableName>();
for (const name of Object.keys(TABLES) as (keyof typeof TABLES)[]) TABLE_NAMES.set(TABLES[name], name);

/**
 * One of the three tables that have names, or a number from 1 to 4294967295.
 *
 * @useDeclaredType
 */
export type TableName = keyof typeof TABLES | number;

/** @internal */
export function tableNumber(table: TableName): number {
  const number = typeof table === 'number' ? table : TABLES[table];
  if (!Number.isInteger(number) || number < 1 || number > 0xffffffff) {
    throw new RangeError(
      `table: expected ${Object.keys(TABLES).join(', ')} or a number from 1 to 4294967295, got ${shown(table)}`,
    );
  }
  return number;
}

/** @internal */
export function tableName(number: number): TableName {
  return TABLE_NAMES.get(number) ?? number;
}
