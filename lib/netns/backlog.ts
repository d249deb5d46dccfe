import { untilCleanedUp } from './wait-gone';

// The kernel frees namespaces on one thread of its own, at a third of the pace at which we make them. Without
// this, a loop that creates and deletes piles them up until memory or user.max_net_namespaces ends it.
const AHEAD = 256;

let ahead = 0;
let catchingUp: Promise<void> | undefined;

/** Counts a namespace that has been let go. */
export function namespaceDeleted(): void {
  ahead++;
}

/** Resolves when the kernel is not too far behind; undefined, as a rule, when it is not now. */
export function backlogDrained(): Promise<void> | undefined {
  if (catchingUp === undefined && ahead >= AHEAD) {
    ahead = 0;
    // an error ends the wait: if it is of consequence, the creation fails with it, too
    catchingUp = untilCleanedUp()
      .catch(() => undefined)
      .finally(() => {
        catchingUp = undefined;
      });
  }
  return catchingUp;
}
