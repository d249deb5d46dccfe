import { constants } from 'node:os';
import { netfilterRequest } from '../netfilter/requests';
import { DumpInterruptedError } from '../netlink/error';
import type { Netns } from '../netns/netns';
import { generation } from '../netlink/nfnetlink/generation';

/** nfnetlink answers a request to a subsystem that it does not have with EINVAL. */
export const NO_NFTABLES = 'this kernel has no nf_tables: CONFIG_NF_TABLES, module nf_tables';

/** @internal The number that the next transaction will change. */
export async function getGeneration(netns: Netns): Promise<number> {
  const attempt = { operation: 'get generation of nf_tables', words: { EINVAL: NO_NFTABLES } };
  const reply = await netfilterRequest(netns, generation.get({}, attempt));
  return reply?.id ?? 0;
}

/** How often something is read again that changed while it was read. */
const ATTEMPTS = 100;

/**
 * @internal What several reads tell as of one moment: they are done again where a transaction came between them, up to
 * 100 times.
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
