import type { Answer } from 'dns-packet';
import ipaddr from 'ipaddr.js';
import type { NetworkContext } from '../members/context';
import { createForwarder } from './forward';
import { membersReader } from './members';
import { lookUp, type NameRecords, nameTable } from './names';
import type { Subnet } from '../plan';
import type { DnsPlan } from '../dns-options';
import {
  type DnsQuery,
  LONGEST_QUERY,
  type OwnAnswer,
  passOn,
  RCODE,
  readQuery,
  sizeFor,
  writeAnswer,
} from './wire';

export interface Asking {
  tcp: boolean;
  /** Whose address. */
  from: string;
}

/** What is to be answered to a message, if anything. It never rejects. */
export type Answerer = (message: Buffer, by: Asking) => Promise<Buffer | undefined>;

const TYPES = ['A', 'AAAA', 'PTR'] as const satisfies readonly (keyof NameRecords)[];

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
    // of an address's names, the first is the one that it goes by
    const first = type === 'PTR' ? 0 : turn++;
    const asked = TYPES.filter((one) => one === type || type === 'ANY');
    const answers = asked.flatMap((one): Answer[] =>
      turned(records[one], first).map((data) => ({ type: one, name, ttl, data })),
    );
    return { answers, authoritative: true };
  }

  async function answer(query: DnsQuery, { tcp, from }: Asking): Promise<Buffer> {
    const size = sizeFor(query, tcp);
    const own = (what: OwnAnswer) => writeAnswer(query, what, size);
    if ((query.edns?.version ?? 0) > 0) return own({ rcode: RCODE.BADVERS });
    if (query.class !== 'IN' || TRANSFERS.includes(query.type)) return own({ rcode: RCODE.REFUSED });
    const found = lookUp(await readTable(), query.name.toLowerCase(), scope);
    if (typeof found === 'object') return own(known(query, found));
    if (found === 'unknown') return own({ rcode: RCODE.NXDOMAIN, authoritative: true });
    // The host may ask, too: what it sends to its own address seems to come by the bridge (6.18). So it may be what was
    // passed on by us, or by another network's resolver, and would be again.
    if (!isMembers(from, network.subnets)) return own({ rcode: RCODE.REFUSED });
    // A refusal would be the end of it for glibc, which would not go on to the next name of its search list.
    if (forwarder === undefined) return own({ rcode: RCODE.NXDOMAIN });
    const theirs = await forwarder.ask(query.bytes, { tcp });
    return theirs === undefined ? own({ rcode: RCODE.SERVFAIL }) : passOn(query, theirs, size);
  }

  return async (message, by) => {
    const query = readQuery(message);
    if (query === undefined) return undefined;
    if ('refusal' in query) return query.refusal;
    return answer(query, by).catch(() => writeAnswer(query, { rcode: RCODE.SERVFAIL }, LONGEST_QUERY));
  };
}

/** Whether an address can be a member's. The host's is a gateway, or one that it is masqueraded by. */
function isMembers(address: string, subnets: readonly Subnet[]): boolean {
  const asking = ipaddr.parse(address.replace(/%.*/, ''));
  if (asking.kind() === 'ipv6' && asking.range() === 'linkLocal') return true;
  return subnets.some(({ subnet, gateway }) => {
    const [prefix, length] = ipaddr.parseCIDR(subnet);
    if (prefix.kind() !== asking.kind()) return false;
    return asking.match(prefix, length) && asking.toString() !== ipaddr.parse(gateway).toString();
  });
}

/** Another one first each time. */
function turned<T>(list: readonly T[], turn: number): T[] {
  const first = list.length === 0 ? 0 : turn % list.length;
  return [...list.slice(first), ...list.slice(0, first)];
}
