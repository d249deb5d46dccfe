import { randomUUID } from 'node:crypto';
import { constants } from 'node:os';
import { netfilterBatch } from '../netfilter/requests';
import type { Batch, BatchFailure, BatchItem, BatchResult } from '../netlink/batch';
import { batchFrame } from '../netlink/nfnetlink/batch';
import type { Netns } from '../netns/netns';
import type { NftItem } from './objects/batch-item';
import { encodeOperations } from './objects/encode';
import { deleteTable } from './language/operations';

// Deletion of what need not be there: NFT_MSG_DESTROY*, since Linux 6.3, and how earlier kernels do the same.

const { EINVAL, ENOENT } = constants.errno;

/** Whether the kernel has NFT_MSG_DESTROY*. The first transaction that has one of them finds out. */
let known: boolean | undefined;

/** Asks the kernel by a table that nobody has. Where it refuses for another reason, it will refuse the transaction, too. */
export async function hasDestroy(netns: Netns, operation: string): Promise<boolean> {
  if (known !== undefined) return known;
  const nobodys = deleteTable({ family: 'inet', name: randomUUID() }, { ifMissing: 'ignore' });
  const items = encodeOperations([nobodys]).flat();
  const { failures } = await netfilterBatch(netns, operation, { ...batchFrame(), items });
  const [failure] = failures;
  if (failure === undefined) known = true;
  else if (failure.index === 0 && failure.errno === EINVAL) known = false;
  return known ?? true;
}

export interface NftBatch extends Batch {
  readonly items: readonly NftItem[];
}

/**
 * Carries out a batch with plain deletions. Where the kernel reports that some of the things are missing, it has changed nothing,
 * and the batch is sent again without these deletions. The batch has to be for one generation of the ruleset, so that what
 * is missing is missing still.
 */
export async function batchWithoutDestroy(
  netns: Netns,
  operation: string,
  { items, ...frame }: NftBatch,
): Promise<BatchResult> {
  let left = items.flatMap((item, index) => {
    const deletions: readonly BatchItem[] | undefined = item.deletions?.();
    return (deletions ?? [item]).map((sent) => ({ sent, index, optional: deletions !== undefined }));
  });
  for (;;) {
    const batch = { ...frame, items: left.map(({ sent }) => sent) };
    const { failures, echoes } = await netfilterBatch(netns, operation, batch);
    const missing = new Set(
      failures
        .filter((failure) => left[failure.index]?.optional && isMissing(failure))
        .map(({ index }) => index),
    );
    if (missing.size === 0) {
      const indexOf = (at: number) => left[at]?.index ?? -1;
      return {
        failures: failures.map((failure) => ({ ...failure, index: indexOf(failure.index) })),
        echoes: new Map([...echoes].map(([at, message]) => [indexOf(at), message])),
      };
    }
    left = left.filter((_, at) => !missing.has(at));
  }
}

/** Whether the thing itself is missing. That of which it is a part has to be there with NFT_MSG_DESTROY*, too (6.18). */
function isMissing({ errno, error: { option } }: BatchFailure): boolean {
  return errno === ENOENT && option !== 'table' && option !== 'set';
}
