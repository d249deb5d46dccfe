import { allDone } from '../../common/all-done';
import type { Netns } from '../../netns/netns';
import * as nft from '../../nft';
import { findElement } from '../../nft/list';
import { changeElements } from '../table/change-elements';
import { addOperations, deleteOperations, type PlacedElement } from '../table/elements';
import { SETS } from '../table/sets';
import { type Grant, grantElements } from './grants';
import type { LimitedMember } from './limited-members';
import { means } from './patterns';
import { type Reach, reachElement } from './reached';

/** Characters. What does not fit is left out: see `checkPattern`. */
const COMMENT_MAX = 127;

/** An address, and the grants by which a member may reach it. */
export interface Admission {
  address: string;
  grants: readonly Grant[];
}

/** How long, in milliseconds, an address is to be reached at least, and how long an element for it lasts that is added. */
export interface Lifetime {
  least: number;
  added: number;
}

/**
 * Lets a member reach the addresses of a name that it has asked for. Elements that last long enough are left as they are, because a
 * transaction takes 5 to 20 ms.
 *
 * @returns false where a grant is gone.
 */
export async function admit(
  host: Netns,
  member: LimitedMember,
  name: string,
  admissions: readonly Admission[],
  lifetime: Lifetime,
): Promise<boolean> {
  const wanted = wantedElements(member, name, admissions, lifetime.added);
  const lacking = (await allDone(wanted.map(async (one) => orEnough(host, one, lifetime.least)))).flat();
  if (lacking.length === 0) return true;
  // A grant that is gone makes the transaction fail, because the pattern is deleted that is to be there, and added again.
  const used = admissions.flatMap(({ grants }) => grants);
  const patterns = [...new Set(used)]
    .flatMap((grant) => grantElements(member.port, grant))
    .filter(({ set, element: { comment = '' } }) => set === 'names' && means(comment, name));
  const keys = patterns.map(({ element }) => element.key);
  const operations = [
    nft.deleteElements(SETS.names, keys),
    // A kernel before 6.12 leaves the time of an element that is there as it is, so the element is deleted first.
    ...deleteOperations(lacking),
    ...addOperations([...patterns, ...lacking]),
  ];
  try {
    await changeElements(host, operations);
    return true;
  } catch (error) {
    if (error instanceof nft.NftError && error.code === 'ENOENT') return false;
    throw error;
  }
}

/** The elements by which the addresses are reached, each with the patterns that allow it. */
function wantedElements(
  member: LimitedMember,
  name: string,
  admissions: readonly Admission[],
  timeout: number,
): PlacedElement[] {
  const wanted = new Map<string, { reach: Reach; patterns: Set<string> }>();
  for (const { address, grants } of admissions) {
    for (const { domains, ports = [undefined] } of grants) {
      for (const port of ports) {
        const reach = { address, ...port };
        const one = wanted.get(JSON.stringify(reach)) ?? { reach, patterns: new Set<string>() };
        wanted.set(JSON.stringify(reach), one);
        for (const pattern of domains) if (means(pattern, name)) one.patterns.add(pattern);
      }
    }
  }
  return [...wanted.values()].flatMap(({ reach, patterns }) => {
    const comment = comments([...patterns]);
    return reachElement(member, reach, { comment, timeout }) ?? [];
  });
}

/** None where the element is there, for these patterns, and lasts as long; otherwise the element, also for the patterns of before. */
async function orEnough(host: Netns, one: PlacedElement, least: number): Promise<PlacedElement[]> {
  const { set, element } = one;
  const { comment = '', timeout = 0 } = element;
  const found = await findElement(host, SETS[set], element.key);
  if (found === undefined) return [one];
  const patterns = comment.split(' ');
  const before = found.comment?.split(' ') ?? [];
  const left = found.expires ?? Infinity; // that of the resolver
  if (left >= least && patterns.every((pattern) => before.includes(pattern))) return [];
  if (left === Infinity) return [];
  const all = comments([...new Set([...patterns, ...before])]);
  return [{ set, element: { ...element, comment: all, timeout: Math.max(timeout, left) } }];
}

/** Patterns in one comment, the first ones first, as far as they fit. */
function comments(patterns: readonly string[]): string {
  return patterns.reduce((all, one) => {
    const longer = all === '' ? one : `${all} ${one}`;
    return longer.length > COMMENT_MAX ? all : longer;
  }, '');
}
