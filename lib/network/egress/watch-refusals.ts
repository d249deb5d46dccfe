import { EventQueue } from '../../common/event-queue';
import { checkOptions, isSignal, optionTable } from '../../common/options';
import { indexOf } from '../../netns/device';
import { during } from '../../netns/netns-error';
import * as nft from '../../nft';
import type { NetworkContext } from '../members/context';
import type { RefusedName } from './refused-names';
import { type RefusedPacket, refusedPacket } from './refused-packet';

/** What `refusals` of a network reports. */
export type EgressRefusal =
  /** From now on, nothing is left out. */
  | { kind: 'ready' }
  | RefusedName
  | RefusedPacket
  /** Some were left out, because too many came at once. */
  | { kind: 'lost' };

/** How long refusals are reported. */
export interface RefusalsOptions {
  /** Ends the events: the loop throws the signal's reason. */
  signal?: AbortSignal | undefined;
}

const OPTIONS = optionTable<RefusalsOptions>({ signal: isSignal });

export function checkRefusals(options: RefusalsOptions): void {
  checkOptions(options, OPTIONS);
}

/** So many events wait for the consumer. What comes then is left out, because members decide how many there are. */
const MOST_WAITING = 4096;

const OPERATION = 'watch refusals in namespace';

/** Reports what limited members are refused: names of this object's resolver, and packets. */
export function watchRefusals(
  { host, plan, refusedNames }: NetworkContext,
  signals: readonly (AbortSignal | undefined)[],
): EventQueue<EgressRefusal> {
  const ending = new AbortController();
  let stopListening: () => void = () => undefined;
  let isLosing = false;
  const queue = new EventQueue<EgressRefusal>(
    {
      start() {
        stopListening = refusedNames.listen(push);
        follow().catch((error: unknown) => queue.fail(error));
      },
      stop() {
        stopListening();
        ending.abort();
      },
    },
    [...signals, host.closing],
    (error) => during(error, { operation: OPERATION }),
  );

  function push(event: EgressRefusal): void {
    if (queue.length >= MOST_WAITING) {
      if (!isLosing) queue.push([{ kind: 'lost' }]);
      isLosing = true;
      return;
    }
    isLosing = false;
    queue.push([event]);
  }

  async function follow(): Promise<void> {
    const device = await indexOf(host, plan.name, OPERATION);
    for await (const event of nft.watchTrace(host, { signal: ending.signal })) {
      if (event.kind !== 'step') {
        push(event);
        continue;
      }
      const packet = refusedPacket(event, device);
      if (packet !== undefined) push(packet);
    }
  }

  return queue;
}
