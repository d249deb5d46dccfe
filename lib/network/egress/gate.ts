import { allDone } from '../../common/all-done';
import { canonicalIp } from '../../common/ip-text';
import { printable } from '../../common/printable';
import { NetlinkError } from '../../netlink/error';
import type { Netns } from '../../netns/netns';
import { getRoute } from '../../routes/get-route';
import { withLimitedTtl } from '../dns/ttl';
import { type DnsQuery, isPlainName } from '../dns/wire';
import type { NetworkContext } from '../members/context';
import { type Admission, admit } from './admit';
import { answeredAddresses } from './answered-addresses';
import type { Grant } from './grants';
import { type LimitedMember, limitedMembers } from './limited-members';
import { means } from './patterns';
import { isPublic } from './public-address';
import type { RefusedName } from './refused-names';

/** Seconds. An answer may be kept no longer, so that a member does not go by an address that it reaches no more. */
const LONGEST_TTL = 3600;
/** Of one answer. A member does not reach further ones. */
const MOST_ADDRESSES = 100;
/** Types of records that lead programs to addresses and names without asking for them (RFC 9460): SVCB, HTTPS. */
const HINTS = ['UNKNOWN_64', 'UNKNOWN_65', 'SVCB', 'HTTPS'];

/**
 * What becomes of a query for a name that is no member's. 'free': as if there were no limits; 'refused'; 'nothing': the name has no
 * such record; or what makes of another server's answer the one for the member, undefined where it is refused.
 */
export type Permit = 'free' | 'refused' | 'nothing' | ((answer: Buffer) => Promise<Buffer | undefined>);

/** Holds limited members to the names that they may ask for, and lets them reach the addresses. */
export function createGate(
  { host, plan, refusedNames }: NetworkContext,
  hold: number,
): (query: DnsQuery, from: string) => Promise<Permit> {
  const find = limitedMembers(host, plan.name);

  async function admitted(
    member: LimitedMember,
    grants: readonly Grant[],
    name: string,
    answer: Buffer,
  ): Promise<Buffer | RefusedName['reason']> {
    const found = answeredAddresses(answer, name);
    const limited = withLimitedTtl(answer, LONGEST_TTL);
    if (found === undefined || limited === undefined) throw new Error('the answer cannot be read');
    const { addresses, ttl } = found;
    if (addresses.length === 0) return limited;
    const some = await allDone(
      addresses.slice(0, MOST_ADDRESSES).map(async (address) => admission(host, address, grants)),
    );
    const admissions = some.flat();
    if (admissions.length === 0) return 'private address';
    const kept = Math.min(ttl, LONGEST_TTL) * 1000;
    const lifetime = { least: kept + hold / 2, added: Math.max(kept + hold, 1000) };
    return (await admit(host, member, name, admissions, lifetime)) ? limited : 'not allowed';
  }

  return async (query, asking) => {
    const from = canonicalIp(asking.replace(/%.*/, ''));
    const member = await find(from);
    if (member === undefined) return 'free';
    const { type } = query;
    const name = query.name.toLowerCase();
    const refuse = (reason: RefusedName['reason']) =>
      refusedNames.report({ kind: 'name', from, name: printable(query.name), type, reason });
    const grants = member.grants.filter(({ domains }) => domains.some((pattern) => means(pattern, name)));
    if (grants.length === 0 || !isPlainName(query)) {
      refuse('not allowed');
      return 'refused';
    }
    if (HINTS.includes(type)) return 'nothing';
    return async (answer) => {
      const result = await admitted(member, grants, name, answer);
      if (typeof result !== 'string') return result;
      refuse(result);
      return undefined;
    };
  };
}

/** Of the grants, those that lead to such an address. */
async function admission(host: Netns, address: string, grants: readonly Grant[]): Promise<Admission[]> {
  const outside = isPublic(address) && !(await isOwn(host, address));
  const able = grants.filter(({ privateAddresses }) => outside || privateAddresses);
  return able.length === 0 ? [] : [{ address, grants: able }];
}

/** Whether an address is one of the host's. */
async function isOwn(host: Netns, address: string): Promise<boolean> {
  try {
    return (await getRoute(host, address)).type === 'local';
  } catch (error) {
    if (error instanceof NetlinkError) return false; // no route leads there
    throw error;
  }
}
