import type { Answer } from 'dns-packet';
import { type Answerer, LONGEST_QUERY } from '../../dns-server';
import type { NetworkContext } from '../context';
import { createForwarder } from './forward';
import { membersReader } from './members';
import { lookUp, type NameRecords, nameTable } from './names';
import type { DnsPlan } from './options';
import { type DnsQuery, type OwnAnswer, passOn, RCODE, readQuery, sizeFor, writeAnswer } from './wire';

/** Of a zone as a whole, which are not one query's answer. */
const TRANSFERS = ['AXFR', 'IXFR'];

/** Answers what is asked of members by itself, and the rest as others do. */
export function createAnswerer(
  { host, plan: network }: NetworkContext,
  plan: DnsPlan,
  signal: AbortSignal,
): Answerer {
  const { domain, ttl, forward, timeout } = plan;
  const scope = { domain, subnets: network.subnets };
  const readTable = membersReader(host, network.name, (members) => nameTable(members, domain));
  const forwarder = forward === false ? undefined : createForwarder(host, { forward, timeout }, signal);
  let turn = 0;

  function known({ name, type }: DnsQuery, records: NameRecords): OwnAnswer {
    const asked = Object.keys(records).filter((one) => one === type || type === 'ANY');
    const all = asked.flatMap((one) =>
      turned(records[one as keyof NameRecords], one === 'PTR' ? 0 : turn).map(
        (data) => ({ type: one, name, ttl, data }) as Answer,
      ),
    );
    turn++;
    return { answers: all, authoritative: true };
  }

  async function answer(query: DnsQuery, tcp: boolean): Promise<Buffer> {
    const size = sizeFor(query, tcp);
    const own = (what: OwnAnswer) => writeAnswer(query, what, size);
    if ((query.edns?.version ?? 0) > 0) return own({ rcode: RCODE.BADVERS });
    if (query.class !== 'IN' || TRANSFERS.includes(query.type)) return own({ rcode: RCODE.REFUSED });
    const found = lookUp(await readTable(), query.name.toLowerCase(), scope);
    if (typeof found === 'object') return own(known(query, found));
    if (found === 'unknown') return own({ rcode: RCODE.NXDOMAIN, authoritative: true });
    // A refusal would be the end of it for glibc, which would not go on to the next name of its search list.
    if (forwarder === undefined) return own({ rcode: RCODE.NXDOMAIN });
    const theirs = await forwarder.ask(query.bytes, { tcp });
    return theirs === undefined ? own({ rcode: RCODE.SERVFAIL }) : passOn(query, theirs, size);
  }

  return async (message, { tcp }) => {
    const query = readQuery(message);
    if (query === undefined) return undefined;
    if ('refusal' in query) return query.refusal;
    return answer(query, tcp).catch(() => writeAnswer(query, { rcode: RCODE.SERVFAIL }, LONGEST_QUERY));
  };
}

/** Another one first each time. */
function turned<T>(list: readonly T[], turn: number): T[] {
  const first = list.length === 0 ? 0 : turn % list.length;
  return [...list.slice(first), ...list.slice(0, first)];
}
