import { defined, flagNames } from '../../common/objects';
import type { RuleMessage } from '../../netlink/nfnetlink/rule';
import { TABLE_F, type TableMessage } from '../../netlink/nfnetlink/table';
import { readComment } from './comment';
import type {
  Chain,
  Expression,
  NftElement,
  NftFamily,
  NftObject,
  Rule,
  SetReference,
  Table,
} from '../language/model';
import { type ListedSet, withoutOrder } from './set';

/** All objects of a ruleset as of one moment. */
export interface Ruleset {
  /** The generation, a number that grows with each transaction of any program. */
  generation: number;
  tables: Table[];
  chains: Chain[];
  /** The rules of one chain follow each other in their order. */
  rules: Rule[];
  sets: ListedSetWithElements[];
  objects: NftObject[];
}

/** A set that was listed, with its elements. */
export type ListedSetWithElements = ListedSet & {
  /** Undefined where elements were not asked for, or the set has a type that only nft knows. */
  elements?: readonly NftElement[];
};

/**
 * @internal Whether the elements of a set can be read: its types are known, and nft has not turned the byte order for
 * intervals.
 */
export function isReadable(listed: ListedSet): listed is ListedSet & SetReference {
  const { key, flags } = listed;
  return key !== undefined && !(flags?.includes('interval') === true && withoutOrder(key) !== undefined);
}

/** @internal */
export function toTable(message: TableMessage): Table {
  const flags = flagNames(TABLE_F, message.flags ?? 0) as NonNullable<Table['flags']>;
  return {
    family: message.family as NftFamily,
    name: message.name ?? '',
    ...(flags.length > 0 && { flags }),
    ...defined({
      comment: readComment('table', message.userdata),
      handle: message.handle,
    }),
  };
}

/** @internal */
export function toRule(message: RuleMessage): Rule {
  const inTable = { family: message.family as NftFamily, name: message.table ?? '' };
  return {
    chain: { table: inTable, name: message.chain ?? '' },
    handle: message.handle ?? 0,
    expressions: (message.expressions ?? []) as readonly Expression[],
    ...defined({ comment: readComment('rule', message.userdata) }),
  };
}
