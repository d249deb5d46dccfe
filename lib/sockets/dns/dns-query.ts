import { randomInt } from 'node:crypto';
import { constants } from 'node:os';
import { decode, type DecodedPacket, encode, RECURSION_DESIRED } from 'dns-packet';
import { DNS_PORT, exchange, refusal } from './dns-exchange';
import type { Netns } from '../../netns/netns';

/** The types of dns-packet lack it. */
export type DnsAnswer = DecodedPacket & { rcode: string };

export interface Question {
  name: string;
  type: 'A' | 'AAAA';
}

/** Asks one server one question: by UDP, and by TCP if the answer did not fit (RFC 1035, 4.2; RFC 7766). */
export async function query(
  netns: Netns,
  server: string,
  question: Question,
  { tcp, signal }: { tcp: boolean; signal: AbortSignal },
): Promise<DnsAnswer> {
  const packet = encode({
    type: 'query',
    id: randomInt(0x10000),
    flags: RECURSION_DESIRED,
    questions: [{ ...question, class: 'IN' }],
  });
  const ask = async (by: { tcp: boolean }): Promise<DnsAnswer> => {
    const bytes = await exchange(netns, server, packet, { ...by, signal });
    try {
      return decode(bytes) as DnsAnswer;
    } catch (error) {
      throw Object.assign(refusal({ address: server, port: DNS_PORT }, constants.errno.EPROTO), {
        cause: error,
      });
    }
  };
  const answer = await ask({ tcp });
  return answer.flag_tc && !tcp ? ask({ tcp: true }) : answer;
}
