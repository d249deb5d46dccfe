import { checkOptions, optionTable, trueOrFalse } from '../common/options';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { netfilterBatch } from '../netfilter/requests';
import type { BatchFailure, BatchItem } from '../netlink/batch';
import { NetlinkError } from '../netlink/error';
import { type Message, NLM_F_ECHO, setFlags } from '../netlink/message';
import { batchFrame } from '../netlink/nfnetlink/batch';
import { encodeOperations } from './objects/encode';
import { batchWithoutDestroy, hasDestroy } from './destroy';
import { explainFailure } from './failure';
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
 * ruleset that they change, which the function reads by `listRuleset`, for instance.
 *
 * @returns for each operation the handle of what it added, with `handles`; otherwise undefined.
 * @throws {@link NftError} with the index of the first operation at fault in `index`, the kernel's complaint in `code`
 * and the option in `option`: 'hook.priority', 'expressions.3'. ENOENT and EOPNOTSUPP name the kernel's module where one
 * is missing; ERESTART where the ruleset never kept still.
 * @see nft(8), linux/netfilter/nf_tables.h
 */
export async function applyNft(
  netns: Netns,
  transaction: Transaction,
  options: ApplyOptions = {},
): Promise<(number | undefined)[]> {
  checkNetns(netns);
  checkOptions(options, OPTIONS);
  const { handles = false } = options;
  if (typeof transaction !== 'function') return send(netns, transaction, handles);
  for (let attempt = 1; ; attempt++) {
    const generation = await getGeneration(netns);
    try {
      return await send(netns, await transaction(), handles, generation);
    } catch (error) {
      const moved = error instanceof NftError && error.errno === ERESTART;
      if (!moved || attempt === ATTEMPTS) throw error;
    }
  }
}

async function send(
  netns: Netns,
  operations: readonly Operation[],
  handles: boolean,
  generation?: number,
): Promise<(number | undefined)[]> {
  const encoded = encodeOperations(operations);
  const items = encoded.flat();
  if (items.length === 0) return operations.map(() => undefined);
  if (handles) {
    for (const { bytes, codec } of items) if (HANDLES.has(codec)) setFlags(bytes, NLM_F_ECHO);
  }
  const older =
    items.some(({ deletions }) => deletions !== undefined) && !(await hasDestroy(netns, OPERATION));
  if (older && generation === undefined) return applyNft(netns, () => operations, { handles });
  const carryOut = older ? batchWithoutDestroy : netfilterBatch;
  const { failures, echoes } = await carryOut(netns, OPERATION, { ...batchFrame(generation), items });
  const owners = encoded.flatMap((own, operation) => own.map(() => operation));
  if (failures.length > 0) throw refusal(netns, failures, owners, items);

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

function refusal(
  netns: Netns,
  failures: readonly BatchFailure[],
  owners: readonly number[],
  items: readonly BatchItem[],
): NftError {
  const all = failures.map((failure) => {
    const explanation = explainFailure(items[failure.index], failure);
    const error = explanation === undefined ? failure.error : failure.error.explained(explanation);
    return { index: owners[failure.index] ?? -1, error, explanation };
  });
  // The kernel checks all operations, and those after a fault often fail because of the fault. So the first failure is the
  // error; a changed generation is always the first failure.
  const [first] = all;
  if (first === undefined) throw new TypeError('no failure to report');
  const { operation, errno, extack: sentence, option } = first.error;
  const at = first.index === -1 ? '' : ` (operations[${first.index}])`;
  const details = { operation: `${operation}${at}`, errno, netns: netns.toString(), sentence, option };
  return new NftError(
    details,
    first.explanation,
    first.index,
    all.map(({ index, error }) => ({ index, error })),
  );
}
