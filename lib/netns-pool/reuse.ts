import { setTimeout as delay } from 'node:timers/promises';
import { processesByNetns } from '../common/processes';
import { flushConntrack } from '../netfilter/conntrack';
import type { Netns, NetnsDetails } from '../netns/netns';
import { locate, openAt } from '../netns/open';
import type { ReuseNetns } from './options';

type Processes = ReadonlyMap<string, readonly number[]>;

/** A look at /proc takes a tenth of the time at most, because it takes a millisecond for every few processes of the machine. */
const PAUSES_PER_LOOK = 9;

/** Which processes live where. One look answers all who have asked before it began. */
export class ProcessLooks {
  #last: Promise<unknown> = Promise.resolve();
  #next: Promise<Processes> | undefined;

  async processesIn({ ino }: Netns): Promise<readonly number[]> {
    this.#next ??= this.#last.then(async () => this.#look());
    return (await this.#next).get(`net:[${ino}]`) ?? [];
  }

  async #look(): Promise<Processes> {
    this.#next = undefined;
    const begin = performance.now();
    const look = processesByNetns();
    const pause = async () => delay((performance.now() - begin) * PAUSES_PER_LOOK, undefined, { ref: false });
    this.#last = look.then(pause, pause);
    return look;
  }
}

/** Another handle of a namespace, so that whoever has kept the first one has nothing of the next user's. */
export async function reopened(netns: Netns, dispose: NetnsDetails['dispose']): Promise<Netns> {
  return netns.lend('release namespace', async ({ fd }) => openAt(locate({ fd }), { dispose }));
}

/**
 * Makes a namespace ready for the next user, as far as that is known here: undoes what `reuse` undoes, looks for processes, and
 * makes the kernel forget the connections, last, because the steps before may have caused some.
 *
 * @returns whether nobody lives there any more.
 */
export async function madeReusable(netns: Netns, reuse: ReuseNetns, looks: ProcessLooks): Promise<boolean> {
  if (typeof reuse === 'function') await reuse(netns);
  const pids = await looks.processesIn(netns);
  if (pids.length > 0) return false;
  await flushConntrack(netns);
  return netns.open;
}
