import { setImmediate as nextTurn } from 'node:timers/promises';
import { located } from '../netlink/codec';
import { isFollowed } from '../netlink/diagnostics';
import { createFollowed, createMembers, type Made } from './create-members';
import { type EncodedMember, MemberEncoder } from './member-datagrams';
import type { Place, StarHub } from './member-requests';
import type { StarMember } from './star-member';

// So many trips to the addon are under way: one whose namespaces are made, one whose links are made, and one that waits.
const TRIPS = 3;
// A trip has up to so many members, and each further one twice as many: both of our threads have work early, an abort is
// prompt, and timers have their turn.
const FIRST = 2;
const LONGEST = 32;
const BY_TABLES = 4;

/** The members that a star gets, and the functions that are called meanwhile. */
export interface Filling {
  members: readonly StarMember[];
  /** Of the first member's port; the others follow. */
  firstIndex: number;
  /** Called before further members are begun. */
  goesOn: () => boolean;
  onResult: (at: number, made: Made) => void;
}

/** A member whose requests cannot be made, by an option that is wrong. */
function refused(at: number, error: unknown): Made {
  return { status: 'failed', error: located(error, `members[${at}]`) };
}

/** Makes the members of a star, as many at once as its two threads have use for. */
export async function fillStar(
  hub: StarHub,
  { members, firstIndex, goesOn, onResult }: Filling,
): Promise<void> {
  const encoder = new MemberEncoder(hub);
  let next = 0;
  let limit = FIRST;
  const nextPlace = (): { at: number; place: Place } => {
    const at = next++;
    return { at, place: { member: members[at] ?? {}, index: firstIndex + at } };
  };
  const nextTrip = (): Map<number, EncodedMember> => {
    const trip = new Map<number, EncodedMember>();
    let byTables = 0;
    while (next < members.length && trip.size < limit && byTables < BY_TABLES) {
      const { at, place } = nextPlace();
      try {
        const encoded = encoder.encode(place);
        trip.set(at, encoded);
        if (encoded.byTables) byTables++;
      } catch (error) {
        onResult(at, refused(at, error));
        break;
      }
    }
    limit = Math.min(2 * limit, LONGEST);
    return trip;
  };
  const travel = async (): Promise<void> => {
    while (next < members.length && goesOn()) {
      if (isFollowed()) {
        const { at, place } = nextPlace();
        onResult(at, await createFollowed(hub, place).catch((error: unknown) => refused(at, error)));
      } else {
        const trip = nextTrip();
        const made = trip.size === 0 ? [] : await createMembers(hub, [...trip.values()]);
        for (const [i, at] of [...trip.keys()].entries()) onResult(at, made[i] as Made);
      }
      await nextTurn();
    }
  };
  await Promise.all(Array.from({ length: TRIPS }, travel));
}
