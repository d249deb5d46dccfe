import { randomInt } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { withDeadline } from '../../common/abort';
import { exchange } from '../../sockets/dns/dns-exchange';
import { rcodeOf } from '../../sockets/dns/dns-message';
import type { Netns } from '../../netns/netns';
import { readEtc } from '../../sockets/dns/etc-file';
import { parseResolvConf } from '../../sockets/dns/resolv-conf';
import type { DnsPlan } from '../dns-options';
import { RCODE } from './wire';

export interface Forwarder {
  /** Another server's answer to a query, under an identifier of its own; undefined where there is none. */
  ask(query: Buffer, by: { tcp: boolean }): Promise<Buffer | undefined>;
}

/** How many queries are passed on at a time. Each has a descriptor, and no member is to use up those of the process. */
const MOST_UNDER_WAY = 512;
/** Codes by which a server reports that another server has to be asked. */
const UNWILLING: readonly number[] = [RCODE.SERVFAIL, RCODE.NOTIMP, RCODE.REFUSED];

/** Passes queries on, from the host's namespace, until the signal is aborted. */
export function createForwarder(
  host: Netns,
  { forward, timeout }: Pick<DnsPlan, 'timeout'> & { forward: readonly string[] | undefined },
  signal: AbortSignal,
): Forwarder {
  let underWay = 0;
  // Each query that is under way listens to the signal.
  setMaxListeners(MOST_UNDER_WAY, signal);
  const expired = () => new Error('no answer in time');

  async function askAll(query: Buffer, { tcp }: { tcp: boolean }): Promise<Buffer | undefined> {
    const servers =
      forward ??
      parseResolvConf(await readEtc(host, 'resolv.conf', 'read the name servers of namespace')).servers;
    let refused: Buffer | undefined;
    for (const server of servers) {
      // Each server gets its share of the time, so that a first one that is silent leaves time for the last one.
      const limits = { timeout: timeout / servers.length, signal };
      const attempt = withDeadline(limits, expired, async (limit) =>
        exchange(host, server, query, { tcp, signal: limit }),
      );
      const answer = await attempt.catch(() => undefined);
      if (answer === undefined) continue;
      if (!UNWILLING.includes(rcodeOf(answer.readUInt16BE(2)))) return answer;
      refused ??= answer;
    }
    return refused;
  }

  return {
    async ask(query, by) {
      if (underWay >= MOST_UNDER_WAY) return undefined;
      underWay++;
      try {
        const own = Buffer.from(query);
        own.writeUInt16BE(randomInt(0x10000));
        return await askAll(own, by);
      } finally {
        underWay--;
      }
    },
  };
}
