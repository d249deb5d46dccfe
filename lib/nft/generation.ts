import { constants } from 'node:os';
import { netfilterRequest, NO_NFNETLINK } from '../netfilter/requests';
import { DumpInterruptedError } from '../netlink/error';
import type { Netns } from '../netns/netns';
import { generation } from '../netlink/nfnetlink/generation';

/** Words for EINVAL, with which nfnetlink answers requests to a subsystem that the kernel lacks. */
export const NO_NFTABLES = 'this kernel has no nf_tables: CONFIG_NF_TABLES, module nf_tables';

/** Whether an error says that the kernel has no nf_tables, and so no rules of them. */
export function isWithoutNftables(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return [NO_NFTABLES, NO_NFNETLINK].some((words) => error.message.includes(words));
}

/** @internal Reads the generation of the ruleset: a number that each transaction changes. */
export async function getGeneration(netns: Netns): Promise<number> {
  const attempt = { operation: 'get generation of nf_tables', words: { EINVAL: NO_NFTABLES } };
  const reply = await netfilterRequest(netns, generation.get({}, attempt));
  return reply?.id ?? 0;
}

/** How often something is read where transactions come between. */
const ATTEMPTS = 100;

/**
 * @internal Does several reads as of one moment: they are repeated where a transaction came between them, up to 100 times in
 * all.
 *
 * @throws {@link DumpInterruptedError} with what was read last.
 */
export async function atOneGeneration<T>(
  netns: Netns,
  operation: string,
  read: () => Promise<T>,
): Promise<{ generation: number; found: T }> {
  let before = await getGeneration(netns);
  for (let attempt = 1; ; attempt++) {
    const found = await read();
    const after = await getGeneration(netns);
    if (after === before) return { generation: after, found };
    if (attempt === ATTEMPTS) {
      const details = { operation, errno: constants.errno.EINTR, netns: netns.toString() };
      throw new DumpInterruptedError(details, [found]);
    }
    before = after;
  }
}
