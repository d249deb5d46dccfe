import { constants } from 'node:os';
import { checkOptions, optionTable, trueOrFalse } from '../common/options';
import { shownArgument } from '../common/shown';
import { Turns } from '../common/turns';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { netfilterBatch } from '../netfilter/requests';
import { ignoring, NetlinkError } from '../netlink/error';
import { type Message, NLM_F_ECHO, setFlags } from '../netlink/message';
import { batchFrame } from '../netlink/nfnetlink/batch';
import { checkOperation, encodeOperations } from './objects/encode';
import { ElementRefusal } from './objects/element-items';
import type { Content } from './objects/held';
import { listedIntervals } from './objects/intervals';
import { checkMerging, mergedSets } from './objects/merged-sets';
import { batchWithoutDestroy, hasDestroy } from './destroy';
import { hasSeveralStatements, ONE_STATEMENT, takesSeveralStatements } from './element-statements';
import { explainFailure, HELD } from './failure';
import type { SetReference } from './language/model';
import { dumpElements } from './list';
import type { Operation } from './language/operations';
import { getGeneration } from './generation';
import { chain } from '../netlink/nfnetlink/chain';
import { object } from '../netlink/nfnetlink/object';
import { rule } from '../netlink/nfnetlink/rule';
import { set } from '../netlink/nfnetlink/set';
import { table } from '../netlink/nfnetlink/table';

// asm-generic/errno.h; node has no name for it
const ERESTART = 85;

/** How often a transaction is computed, where transactions of others come between. */
const ATTEMPTS = 20;

const OPERATION = 'apply nf_tables transaction';

/** The kernel refused a transaction, and changed nothing. The error is that of the first operation at fault. */
export class NftError extends NetlinkError {
  override readonly name = 'NftError';

  /** Index of the operation at fault; -1 where no single operation is. */
  readonly index: number;

  readonly #failures: readonly { index: number; error: NetlinkError }[];

  /** @internal */
  constructor(
    details: ConstructorParameters<typeof NetlinkError>[0],
    explanation: string | undefined,
    index: number,
    failures: NftError['failures'],
  ) {
    super(details, explanation, { cause: failures[0]?.error });
    this.index = index;
    this.#failures = failures;
  }

  /** All errors of the transaction, in order. The errors after the first one often only follow from it. */
  get failures(): readonly { index: number; error: NetlinkError }[] {
    return this.#failures;
  }
}

/** The operations, or a function that reads the ruleset and returns the operations. */
export type Transaction = readonly Operation[] | (() => readonly Operation[] | Promise<readonly Operation[]>);

/** What is returned. */
export interface ApplyOptions {
  /**
   * Whether to return the handles of what is added. The kernel then echoes each object, some hundred bytes. False by
   * default.
   */
  handles?: boolean;
}

const OPTIONS = optionTable<ApplyOptions>({ handles: trueOrFalse });

/**
 * Changes the ruleset of a namespace in one transaction: all of the operations, or none. Packets see the ruleset of
 * before or of after, nothing between.
 *
 * A function is called for the operations. It is called again, up to 20 times in all, where somebody else changed the
 * ruleset between the call and the transaction (ERESTART: another generation). So the operations are computed from the
 * ruleset that they change, which the function reads by `listRuleset`, for instance. In the same way `applyNft` reads the sets
 * with `autoMerge` whose elements are added or deleted.
 *
 * @returns for each operation the handle of what it added, with `handles`; otherwise undefined.
 * @throws {@link NftError} with the index of the first operation at fault in `index`, the kernel's complaint in `code`
 * and the option in `option`: 'hook.priority', 'expressions.3'. ENOENT and EOPNOTSUPP name the kernel's module where one
 * is missing; ERESTART where the ruleset never kept still.
 * @see nft(8), linux/netfilter/nf_tables.h
 * @example
 * ```ts
 * const filter = { family: 'inet', name: 'web' } as const;
 * const input = { table: filter, name: 'input', hook: 'input' } as const;
 * const rule = nft.addRule(input, [nft.match(nft.tcp.dport, [80, 443]), nft.accept()]);
 * await nft.apply(red, [nft.addTable(filter), nft.addChain(input), rule]);
 * ```
 */
export async function applyNft(
  netns: Netns,
  operations: Transaction,
  options: ApplyOptions = {},
): Promise<(number | undefined)[]> {
  checkNetns(netns);
  checkOptions(options, OPTIONS);
  const { handles = false } = options;
  if (typeof operations !== 'function') checkOperations(operations, 'operations');
  return netns.lend({ operation: OPERATION }, async () => carryOut(netns, operations, handles));
}

async function carryOut(
  netns: Netns,
  transaction: Transaction,
  handles: boolean,
): Promise<(number | undefined)[]> {
  if (typeof transaction === 'function') return sendComputed(netns, transaction, handles);
  if (mergedSets(transaction).length === 0) return send(netns, transaction, { handles });
  // Transactions of this process would make each other read the sets again.
  return merging.take(netns.toString(), async () => sendComputed(netns, () => transaction, handles));
}

function checkOperations(operations: unknown, option: string): void {
  if (!Array.isArray(operations)) {
    throw new TypeError(`${option}: expected a list of operations, got ${shownArgument(operations)}`);
  }
  for (const [i, one] of operations.entries()) checkOperation(one, `operations[${i}]`);
  checkMerging(operations as readonly Operation[]);
}

const merging = new Turns();

/** Sends operations that hold for one generation of the ruleset only, until no other transaction comes between. */
async function sendComputed(
  netns: Netns,
  compute: Extract<Transaction, () => unknown>,
  handles: boolean,
): Promise<(number | undefined)[]> {
  for (let attempt = 1; ; attempt++) {
    const generation = await getGeneration(netns);
    let contents: Content[] = [];
    try {
      const operations = await compute();
      checkOperations(operations, 'operations that the function returned');
      contents = await Promise.all(mergedSets(operations).map(async (set) => readContent(netns, set)));
      return await send(netns, operations, { handles, generation, contents });
    } catch (error) {
      const isLast = attempt === ATTEMPTS;
      if (isLast || !(await isOutdated(netns, error, generation, contents))) throw inWords(netns, error);
    }
  }
}

/** Whether the transaction may succeed if it is computed again. */
async function isOutdated(
  netns: Netns,
  error: unknown,
  generation: number,
  contents: readonly Content[],
): Promise<boolean> {
  if (error instanceof ElementRefusal) return (await getGeneration(netns)) !== generation;
  if (!(error instanceof NftError)) return false;
  // An element whose time runs out disappears, and the generation stays the same.
  const expires = ({ intervals }: Content) => intervals.some(({ start }) => start.expiration !== undefined);
  return error.errno === ERESTART || (error.code === 'ENOENT' && contents.some(expires));
}

/** The error of what the elements of a set with `autoMerge` do not allow; another error as it is. */
function inWords(netns: Netns, error: unknown): unknown {
  if (!(error instanceof ElementRefusal)) return error;
  const { operation, option, index } = error.asked;
  const explanation = HELD[error.code];
  const details = { operation, errno: constants.errno[error.code], netns: netns.toString(), option };
  return refusal([{ index, error: new NetlinkError(details, explanation), explanation }]);
}

/** The intervals of a set; none where the transaction is to create the set. */
async function readContent(netns: Netns, set: SetReference): Promise<Content> {
  const listed = await dumpElements(netns, set).catch(ignoring('ENOENT'));
  return { set, intervals: listedIntervals(listed ?? []) };
}

interface Sending {
  handles: boolean;
  /** The generation that the operations are computed from; by default they hold for any. */
  generation?: number;
  contents?: readonly Content[];
}

async function send(
  netns: Netns,
  operations: readonly Operation[],
  { handles, generation, contents }: Sending,
): Promise<(number | undefined)[]> {
  const encoded = encodeOperations(operations, contents);
  const items = encoded.flat();
  if (items.length === 0) return operations.map(() => undefined);
  const several = operations.findIndex(hasSeveralStatements);
  if (several !== -1 && !(await takesSeveralStatements(netns, OPERATION))) {
    const { operation } = encoded[several]?.[0]?.attempt ?? { operation: OPERATION };
    const details = { operation, errno: constants.errno.EOPNOTSUPP, netns: netns.toString() };
    throw refusal([{ index: several, error: new NetlinkError(details), explanation: ONE_STATEMENT }]);
  }
  if (handles) {
    for (const { bytes, codec } of items) if (HANDLES.has(codec)) setFlags(bytes, NLM_F_ECHO);
  }
  const older =
    items.some(({ deletions }) => deletions !== undefined) && !(await hasDestroy(netns, OPERATION));
  if (older && generation === undefined) return sendComputed(netns, () => operations, handles);
  const sendItems = older ? batchWithoutDestroy : netfilterBatch;
  const { failures, echoes } = await sendItems(netns, OPERATION, { ...batchFrame(generation), items });
  const owners = encoded.flatMap((own, operation) => own.map(({ owner = operation }) => owner));
  const [first, ...rest] = failures.map((failure): Refused => {
    const explanation = explainFailure(items[failure.index], failure);
    const error = explanation === undefined ? failure.error : failure.error.explained(explanation);
    return { index: owners[failure.index] ?? -1, error, explanation };
  });
  if (first !== undefined) throw refusal([first, ...rest]);

  const added = operations.map((): number | undefined => undefined);
  // The last message of an operation is the object itself, because the sets of a rule are sent before the rule.
  echoes.forEach((message, i) => {
    const handle = HANDLES.get(items[i]?.codec)?.(message);
    const owner = owners[i];
    if (handle !== undefined && owner !== undefined) added[owner] = handle;
  });
  return added;
}

type ReadHandle = (message: Message) => number | undefined;

/** The kinds of messages whose echo has a handle. */
const HANDLES = new Map<unknown, ReadHandle>(
  [table, chain, rule, set, object].map((kind) => [kind.codec, (message) => kind.read(message).handle]),
);

/** What the kernel has against one operation, and the words for it. */
interface Refused {
  index: number;
  error: NetlinkError;
  explanation: string | undefined;
}

// The kernel checks all operations, and those after a fault often fail because of the fault. So the first failure is the
// error; a changed generation is always the first failure.
function refusal(all: readonly [Refused, ...Refused[]]): NftError {
  const [{ index: at, error, explanation }] = all;
  const { errno, netns, extack: sentence, option } = error;
  const operation = at === -1 ? error.operation : `${error.operation} (operations[${at}])`;
  const failures = all.map(({ index, error: one }) => ({ index, error: one }));
  return new NftError({ operation, errno, netns, sentence, option }, explanation, at, failures);
}
