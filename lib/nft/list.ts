import { ignoring } from '../netlink/error';
import { defined } from '../common/objects';
import { netfilterRequest } from '../netfilter/requests';
import { checkOptions, isText, oneOf, optionTable, trueOrFalse } from '../common/options';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { chain } from '../netlink/nfnetlink/chain';
import { elements, type ElementsMessage } from '../netlink/nfnetlink/element';
import { FAMILIES } from '../netlink/nfnetlink/message';
import { object } from '../netlink/nfnetlink/object';
import { rule } from '../netlink/nfnetlink/rule';
import { set } from '../netlink/nfnetlink/set';
import { table } from '../netlink/nfnetlink/table';
import { toChain } from './objects/chain';
import { keyMessages, toElements } from './objects/element';
import { atOneGeneration, isWithoutNftables, NO_NFTABLES } from './generation';
import type {
  Key,
  NamedReference,
  NftElement,
  NftFamily,
  SetReference,
  Table,
  TableReference,
} from './language/model';
import { SET } from './language/tables';
import { toObject } from './objects/object';
import { type ListedSet, toSet } from './objects/set';
import { isReadable, type ListedSetWithElements, type Ruleset, toRule, toTable } from './objects/ruleset';

/** Which part of the ruleset is read; all by default. */
export interface ListRulesetOptions {
  /** List this family only. */
  family?: NftFamily;
  /** List tables of this name only. */
  table?: string;
  /** Whether to read the elements of sets as well; true by default. */
  elements?: boolean;
}

const OPTIONS = optionTable<ListRulesetOptions>({
  family: oneOf(Object.keys(FAMILIES)),
  table: isText,
  elements: trueOrFalse,
});

/**
 * Reads the ruleset of a namespace as of one moment: the reading is repeated, up to 100 times, where the ruleset changes
 * meanwhile.
 *
 * @throws {@link DumpInterruptedError} where the ruleset changed each time; {@link NetlinkError} EPERM.
 * @see nft(8), `nft list ruleset`
 * @example
 * ```ts
 * const { tables, chains, rules } = await nft.listRuleset(red, { family: 'inet' });
 * console.log(tables.length, chains.length, rules.length); // 1 1 0
 * ```
 */
export async function listRuleset(netns: Netns, options: ListRulesetOptions = {}): Promise<Ruleset> {
  checkNetns(netns);
  checkOptions(options, OPTIONS);
  return netns.lend(attempt, async () => {
    const { generation, found } = await atOneGeneration(netns, OPERATION, async () =>
      readOnce(netns, options),
    );
    return { generation, ...found };
  });
}

const OPERATION = 'list ruleset';
const attempt = { operation: OPERATION, words: { EINVAL: NO_NFTABLES } };

async function readOnce(
  netns: Netns,
  { family, table: only, elements: withElements = true }: ListRulesetOptions,
): Promise<Omit<Ruleset, 'generation'>> {
  // The name of a table is sent only with a family, because the kernel (6.18) takes it for the first table of that name.
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

/**
 * The elements of one set or map: `nft list set`.
 *
 * @example
 * ```ts
 * const blocked = { table, name: 'blocked', key: 'ipv4_addr' } as const;
 * await nft.apply(red, [nft.addSet(blocked), nft.addElements(blocked, [{ key: '192.0.2.9' }])]);
 * console.log((await nft.listElements(red, blocked)).map(({ key }) => key)); // [ '192.0.2.9' ]
 * ```
 */
export async function listElements(netns: Netns, of: SetReference): Promise<NftElement[]> {
  checkNetns(netns);
  checkOptions(of, SET, { whole: 'of' });
  return toElements(of, await dumpElements(netns, of));
}

const NO_SET = { ENOENT: 'there is no such set, or no such table' };

/** @internal One element by its key; undefined where there is none. */
export async function findElement(netns: Netns, of: SetReference, key: Key): Promise<NftElement | undefined> {
  const {
    table: { family, name },
    name: called,
  } = of;
  const operation = `get element of set ${family} ${name} ${called}`;
  const value = { family, table: name, set: called, elements: keyMessages(of, [key]).flat() };
  const found = await netfilterRequest(netns, elements.get(value, { operation })).catch(ignoring('ENOENT'));
  return toElements(of, found?.elements ?? [])[0];
}

/** @internal One table by its name; undefined where there is none, as on kernels without nf_tables. */
export async function findTable(netns: Netns, { family, name }: TableReference): Promise<Table | undefined> {
  const asked = { operation: `get table ${family} ${name}`, words: { EINVAL: NO_NFTABLES } };
  const found = await netfilterRequest(netns, table.get({ family, name }, asked))
    .catch(ignoring('ENOENT'))
    .catch((error: unknown): undefined => {
      if (!isWithoutNftables(error)) throw error;
    });
  return found && toTable(found);
}

/** @internal The elements of one set as the kernel lists them. */
export async function dumpElements(netns: Netns, { table: { family, name }, name: of }: NamedReference) {
  const request = elements.dump(
    { family, table: name, set: of },
    { operation: `list elements of set ${family} ${name} ${of}`, words: NO_SET },
  );
  const messages = await netfilterRequest(netns, request);
  return messages.flatMap((message: ElementsMessage) => message.elements ?? []);
}
