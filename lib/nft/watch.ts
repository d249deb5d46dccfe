import type { EventIterator } from '../common/event-queue';
import { defined } from '../common/objects';
import { netfilterEvents } from '../netfilter/events';
import { checkOptions, isSignal, optionTable } from '../common/options';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import type { Message } from '../netlink/message';
import { chain } from '../netlink/nfnetlink/chain';
import { elements } from '../netlink/nfnetlink/element';
import { generation } from '../netlink/nfnetlink/generation';
import { object } from '../netlink/nfnetlink/object';
import { rule } from '../netlink/nfnetlink/rule';
import { set } from '../netlink/nfnetlink/set';
import { table } from '../netlink/nfnetlink/table';
import { toChain } from './objects/chain';
import { toElements } from './objects/element';
import { isReadable, type Ruleset, toRule, toTable } from './objects/ruleset';
import { listRuleset } from './list';
import type { Chain, NamedReference, NftElement, NftFamily, NftObject, Rule, Table } from './language/model';
import { toObject } from './objects/object';
import { type ListedSet, toSet } from './objects/set';
import { NFNLGRP_NFTABLES } from '../netlink/nfnetlink/groups';

/** One object that a transaction added, changed or deleted. A rule that was replaced is reported as deleted and added. */
export type RulesetChange = { change: 'added' | 'deleted' } & (
  | { table: Table }
  | { chain: Chain }
  | { rule: Rule }
  | { set: ListedSet }
  /** Elements of a set; undefined where the set has a type that only nft knows. */
  | { elements: readonly NftElement[] | undefined; of: NamedReference }
  | { object: NftObject }
);

/** What `nft.watchRuleset` reports. */
export type RulesetEvent =
  /** The whole ruleset: when the watch begins, and again after events were lost (`recovered`). */
  | { kind: 'ruleset'; ruleset: Ruleset; recovered?: true }
  /** The changes of one transaction, with the number and the name of the thread that sent it. */
  | { kind: 'transaction'; generation: number; pid?: number; process?: string; changes: RulesetChange[] };

/** How long the ruleset is watched. */
export interface WatchRulesetOptions {
  /** Ends the watch: the loop throws the signal's reason. */
  signal?: AbortSignal;
}

const OPTIONS = optionTable<WatchRulesetOptions>({ signal: isSignal });

/**
 * Reports the ruleset of a namespace, and then each transaction of any program that changes it: none is left out, and none
 * is reported twice. The watch begins with the first `next()`, so with a loop. It ends when the loop is left, when the
 * signal is aborted or when the handle is closed. Where more happens than fits the socket's buffer, the ruleset is read
 * again, and reported with `recovered: true`.
 *
 * @throws {@link NetlinkError} what the kernel refuses; {@link NetnsError} ERR_NETNS_CLOSED; the signal's reason.
 * @see nft(8), `nft monitor`
 * @example
 * ```ts
 * for await (const event of nft.watchRuleset(red)) {
 *   if (event.kind === 'transaction') break;
 *   console.log(event.ruleset.chains.length); // 1
 *   await nft.apply(red, [nft.addRule(chain, [nft.accept()])]);
 * }
 * ```
 */
export function watchRuleset(netns: Netns, options: WatchRulesetOptions = {}): EventIterator<RulesetEvent> {
  checkNetns(netns);
  checkOptions(options, OPTIONS);
  const source = { operation: 'watch ruleset', groups: [NFNLGRP_NFTABLES], signal: options.signal };
  return netfilterEvents<RulesetEvent>(netns, source, (push) => {
    const sets = new Map<string, ListedSet>();
    let changes: RulesetChange[] = [];
    let last: number | undefined;
    let round = 0;
    /** Transactions that come while the ruleset is read, which contains the changes of some of them. */
    let waiting: (RulesetEvent & { kind: 'transaction' })[] | undefined;

    async function read(recovered: boolean): Promise<void> {
      const mine = ++round;
      waiting = [];
      const ruleset = await listRuleset(netns);
      if (mine !== round) return;
      sets.clear();
      for (const listed of ruleset.sets) sets.set(path(listed), listed);
      push({ kind: 'ruleset', ruleset, ...(recovered && { recovered: true }) });
      // The difference is signed, because generations wrap around after four billion.
      const later = waiting.filter((one) => ((one.generation - ruleset.generation) | 0) > 0);
      waiting = undefined;
      for (const one of later) push(one);
    }

    async function lost(): Promise<void> {
      changes = [];
      await read(true);
    }

    return {
      opened: async () => read(false),
      lost,
      async message(message) {
        if (message.type !== generation.verbs.add) {
          const change = toChange(message, sets);
          if (change !== undefined) changes.push(change);
          return;
        }
        const { id = 0, pid, process } = generation.read(message);
        const event = { kind: 'transaction', generation: id, ...defined({ pid, process }), changes } as const;
        changes = [];
        // A missing number means that the end of a transaction was lost, and its changes are mixed with this one's.
        const gap = last !== undefined && id !== following(last);
        last = id;
        if (gap) await lost();
        else if (waiting === undefined) push(event);
        else waiting.push(event);
      },
    };
  });
}

/** The generation after another one. The kernel skips 0. */
function following(id: number): number {
  return id === 0xffffffff ? 1 : id + 1;
}

function path({ table: of, name }: NamedReference): string {
  return `${of.family} ${of.name} ${name}`;
}

type Reader = (message: Message, sets: Map<string, ListedSet>, deleted: boolean) => object | undefined;

function readSet(message: Message, sets: Map<string, ListedSet>, deleted: boolean) {
  const listed = toSet(set.read(message));
  if (deleted) sets.delete(path(listed));
  else sets.set(path(listed), listed);
  return { set: listed };
}

function readElements(message: Message, sets: Map<string, ListedSet>) {
  const found = elements.read(message);
  const of = {
    table: { family: found.family as NftFamily, name: found.table ?? '' },
    name: found.set ?? '',
  };
  const listed = sets.get(path(of));
  const readable = listed !== undefined && isReadable(listed);
  return { elements: readable ? toElements(listed, found.elements ?? []) : undefined, of };
}

function readObject(message: Message) {
  const found = toObject(object.read(message));
  return found === undefined ? undefined : { object: found };
}

const READERS = new Map<number, { change: 'added' | 'deleted'; read: Reader }>();
for (const [kind, read] of [
  [table, (message) => ({ table: toTable(table.read(message)) })],
  [chain, (message) => ({ chain: toChain(chain.read(message)) })],
  [rule, (message) => ({ rule: toRule(rule.read(message)) })],
  [set, readSet],
  [elements, readElements],
  [object, readObject],
] as const satisfies readonly (readonly [{ verbs: { add: number; remove: number } }, Reader])[]) {
  READERS.set(kind.verbs.add, { change: 'added', read });
  READERS.set(kind.verbs.remove, { change: 'deleted', read });
}

function toChange(message: Message, sets: Map<string, ListedSet>): RulesetChange | undefined {
  const reader = READERS.get(message.type);
  const read = reader?.read(message, sets, reader.change === 'deleted');
  return read === undefined ? undefined : ({ change: reader?.change, ...read } as RulesetChange);
}
