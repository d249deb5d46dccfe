import type { Answer } from 'dns-packet';
import { cidr, ipAddress } from '../../common/ip-address';
import { canonicalIp } from '../../common/ip-text';
import { createGate } from '../egress/gate';
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
  /** Address of the client. */
  from: string;
}

/** Returns the answer to a message; undefined where there is none to send. Never rejects. */
export type Answerer = (message: Buffer, by: Asking) => Promise<Buffer | undefined>;

const TYPES = ['A', 'AAAA', 'PTR'] as const satisfies readonly (keyof NameRecords)[];

/** Types that ask for a whole zone, by more than one message. */
const TRANSFERS = ['AXFR', 'IXFR'];

/**
 * The answer for a name that a limited member may not ask for. It is not REFUSED, because glibc reports that as a failure for the
 * time being, and programs would try again and again.
 */
const NOT_ALLOWED: OwnAnswer = {
  rcode: RCODE.NXDOMAIN,
  error: { code: 15, text: 'not allowed for this member' }, // RFC 8914, 4.16: Blocked
};

/** Answers queries for members' names and addresses from the table, and passes other queries on. */
export function createAnswerer(context: NetworkContext, plan: DnsPlan, signal: AbortSignal): Answerer {
  const { host, plan: network } = context;
  const { domain, ttl, forward, timeout, hold } = plan;
  const permitFor = createGate(context, hold);
  const scope = { domain, subnets: network.subnets };
  const readTable = membersReader(host, network.name, (members) => nameTable(members, domain));
  const forwarder = forward === false ? undefined : createForwarder(host, { forward, timeout }, signal);
  let turn = 0;

  function answerOf({ name, type }: DnsQuery, records: NameRecords): OwnAnswer {
    // The first name of an address is not rotated, because programs take the first PTR record as the name.
    const first = type === 'PTR' ? 0 : turn++;
    const asked = TYPES.filter((one) => one === type || type === 'ANY');
    const answers = asked.flatMap((one): Answer[] =>
      rotated(records[one], first).map((data) => ({ type: one, name, ttl, data })),
    );
    return { answers, authoritative: true };
  }

  async function answer(query: DnsQuery, { tcp, from }: Asking): Promise<Buffer> {
    const size = sizeFor(query, tcp);
    const own = (what: OwnAnswer) => writeAnswer(query, what, size);
    if ((query.edns?.version ?? 0) > 0) return own({ rcode: RCODE.BADVERS });
    if (query.class !== 'IN' || TRANSFERS.includes(query.type)) return own({ rcode: RCODE.REFUSED });
    const found = lookUp(await readTable(), query.name.toLowerCase(), scope);
    if (typeof found === 'object') return own(answerOf(query, found));
    if (found === 'unknown') return own({ rcode: RCODE.NXDOMAIN, authoritative: true });
    // A query from the host is not passed on, because it may be one that this resolver, or another network's, passed on
    // before, and would run in a circle. The host can reach this socket, because packets to one of its own addresses
    // appear to come in by the bridge (6.18).
    if (!isMembers(from, network.subnets)) return own({ rcode: RCODE.REFUSED });
    // The answer is not REFUSED, because glibc would then not try the next name of its search list.
    if (forwarder === undefined) return own({ rcode: RCODE.NXDOMAIN });
    const permit = await permitFor(query, from);
    if (permit === 'refused') return own(NOT_ALLOWED);
    if (permit === 'nothing') return own({});
    const theirs = await forwarder.ask(query.bytes, { tcp });
    if (theirs === undefined) return own({ rcode: RCODE.SERVFAIL });
    // What the member is to reach by the answer is there before the answer is.
    const answer = permit === 'free' ? theirs : await permit(theirs);
    return answer === undefined ? own(NOT_ALLOWED) : passOn(query, answer, size);
  }

  return async (message, by) => {
    const query = readQuery(message);
    if (query === undefined) return undefined;
    if ('refusal' in query) return query.refusal;
    return answer(query, by).catch(() => writeAnswer(query, { rcode: RCODE.SERVFAIL }, LONGEST_QUERY));
  };
}

/**
 * Whether an address can be a member's. The host asks from a gateway's address, or from an address outside of the subnets.
 */
function isMembers(address: string, subnets: readonly Subnet[]): boolean {
  const asking = ipAddress(address.replace(/%.*/, ''));
  if (asking.kind() === 'ipv6' && asking.range() === 'linkLocal') return true;
  return subnets.some(({ subnet, gateway }) => {
    const [prefix, length] = cidr(subnet);
    if (prefix.kind() !== asking.kind()) return false;
    return asking.match(prefix, length) && asking.toString() !== canonicalIp(gateway);
  });
}

/** The list, rotated so that another element is first each time. */
function rotated<T>(list: readonly T[], turn: number): T[] {
  const first = list.length === 0 ? 0 : turn % list.length;
  return [...list.slice(first), ...list.slice(0, first)];
}
