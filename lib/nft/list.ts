import { ignoring } from '../catching';
import { defined, flagNames } from '../links/link-view';
import { netfilterRequest } from '../netfilter/requests';
import type { Netns } from '../netns/netns';
import { shown } from '../netlink/codec';
import { chain } from '../netlink/nfnetlink/chain';
import { elements, type ElementsMessage } from '../netlink/nfnetlink/element';
import { FAMILIES } from '../netlink/nfnetlink/message';
import { object } from '../netlink/nfnetlink/object';
import { rule, type RuleMessage } from '../netlink/nfnetlink/rule';
import { set } from '../netlink/nfnetlink/set';
import { table, TABLE_F, type TableMessage } from '../netlink/nfnetlink/table';
import { toChain } from './objects/chain';
import { readComment } from './objects/comment';
import { toElements } from './objects/element';
import { atOneGeneration, NO_NFTABLES } from './generation';
import type {
  Chain,
  Expression,
  NftElement,
  NftFamily,
  NftObject,
  Rule,
  SetReference,
  Table,
} from './language/model';
import { toObject } from './objects/object';
import { type ListedSet, toSet, withoutOrder } from './objects/set';

export interface ListRulesetOptions {
  /** Of one family only. */
  family?: NftFamily;
  /** Of tables of this name only. */
  table?: string;
  /** Read the elements of sets as well: true by default. */
  elements?: boolean;
}

export type ListedSetWithElements = ListedSet & {
  /** Undefined where they were not asked for, or are of a type that only nft knows. */
  elements?: readonly NftElement[];
};

/** All that there was at one time: nothing changed between the first and the last. */
export interface Ruleset {
  /** Goes up with each transaction of anybody. */
  generation: number;
  tables: Table[];
  chains: Chain[];
  /** Those of one chain follow each other in their order. */
  rules: Rule[];
  sets: ListedSetWithElements[];
  objects: NftObject[];
}

/**
 * Reads the ruleset of a namespace, as of one moment: what changes while it is read is read again, up to 100 times.
 *
 * @throws {@link DumpInterruptedError} where it never kept still; {@link NetlinkError} EPERM.
 * @see nft(8), `nft list ruleset`
 */
export async function listRuleset(netns: Netns, options: ListRulesetOptions = {}): Promise<Ruleset> {
  const { family } = options;
  if (family !== undefined && !Object.hasOwn(FAMILIES, family)) {
    throw new RangeError(`family: expected one of ${Object.keys(FAMILIES).join(', ')}, got ${shown(family)}`);
  }
  const { generation, found } = await atOneGeneration(netns, OPERATION, async () => readOnce(netns, options));
  return { generation, ...found };
}

const OPERATION = 'list ruleset';
const attempt = { operation: OPERATION, words: { EINVAL: NO_NFTABLES } };

async function readOnce(
  netns: Netns,
  { family, table: only, elements: withElements = true }: ListRulesetOptions,
): Promise<Omit<Ruleset, 'generation'>> {
  // a table by its name alone is the kernel's (6.18) first of that name
  const ask = family === undefined ? {} : { family, ...defined({ table: only }) };
  const [tables, chains, rules, sets, objects] = await Promise.all([
    netfilterRequest(netns, table.dump(defined({ family }), attempt)),
    netfilterRequest(netns, chain.dump(defined({ family }), attempt)),
    netfilterRequest(netns, rule.dump(ask, attempt)),
    netfilterRequest(netns, set.dump(ask, attempt)).catch(ignoring('ENOENT')),
    netfilterRequest(netns, object.dump(ask, attempt)),
  ]);
  const of = <T extends { table?: string | undefined }>(list: readonly T[]) =>
    only === undefined ? list : list.filter((one) => one.table === only);
  const listed = of(sets ?? []).map(toSet);
  return {
    tables: tables.filter(({ name }) => only === undefined || name === only).map(toTable),
    chains: of(chains).map(toChain),
    rules: of(rules).map(toRule),
    sets: withElements ? await Promise.all(listed.map(async (one) => elementsOf(netns, one))) : listed,
    objects: of(objects).flatMap((one) => toObject(one) ?? []),
  };
}

async function elementsOf(netns: Netns, listed: ListedSet): Promise<ListedSetWithElements> {
  if (!isReadable(listed)) return listed;
  const found = await listElements(netns, listed).catch(ignoring('ENOENT'));
  return { ...listed, elements: found ?? [] };
}

/** @internal Whether its keys and data have types that we know: nft turns numbers around for intervals. */
export function isReadable(listed: ListedSet): listed is ListedSet & SetReference {
  const { key, flags } = listed;
  return key !== undefined && !(flags?.includes('interval') === true && withoutOrder(key) !== undefined);
}

/** The elements of one set or map: `nft list set`. */
export async function listElements(netns: Netns, of: SetReference): Promise<NftElement[]> {
  const { family, name } = of.table;
  const request = elements.dump(
    { family, table: name, set: of.name },
    { operation: `list elements of set ${family} ${name} ${of.name}` },
  );
  const messages = await netfilterRequest(netns, request);
  return toElements(
    of,
    messages.flatMap((message: ElementsMessage) => message.elements ?? []),
  );
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
      handle: message.handle === undefined ? undefined : Number(message.handle),
    }),
  };
}

/** @internal */
export function toRule(message: RuleMessage): Rule {
  const inTable = { family: message.family as NftFamily, name: message.table ?? '' };
  return {
    chain: { table: inTable, name: message.chain ?? '' },
    handle: Number(message.handle),
    expressions: (message.expressions ?? []) as readonly Expression[],
    ...defined({ comment: readComment('rule', message.userdata) }),
  };
}
