import { EventQueue } from '../common/event-queue';
import { readEvents } from '../netns/event-socket';
import type { Netns } from '../netns/netns';
import { during } from '../netns/netns-error';
import type { Message } from '../netlink/message';
import { toNetfilterError } from './requests';
import { netfilterEventSocket } from '../netlink/sockets';

/** Receives the messages of netfilter's event groups. An error that it throws ends the queue. */
export interface NetfilterEventHandler {
  /** The socket receives events from now on. */
  opened(): void | Promise<void>;
  message(message: Message): void | Promise<void>;
  /** Some events did not fit the socket's buffer. */
  lost(): void | Promise<void>;
}

/** A queue that a socket of a namespace fills, from the first `next()` until the loop is left. */
export function netfilterEvents<T>(
  netns: Netns,
  {
    operation,
    groups,
    signal,
  }: { operation: string; groups: readonly number[]; signal?: AbortSignal | undefined },
  handlerOf: (push: (event: T) => void) => NetfilterEventHandler,
): EventQueue<T> {
  let stopWatching: () => void = () => undefined;
  let stopped = false;
  const attempt = { operation };
  const queue = new EventQueue<T>(
    {
      start() {
        open().catch((error: unknown) => {
          queue.fail(toNetfilterError(error, attempt, netns));
        });
      },
      stop() {
        stopped = true;
        stopWatching();
      },
    },
    [signal, netns.closing],
    (error) => during(error, attempt),
  );
  const handler = handlerOf((event) => {
    queue.push([event]);
  });

  async function open(): Promise<void> {
    const opened = await netns.openSocket(attempt, netfilterEventSocket(groups));
    if (stopped) {
      opened.close();
      return;
    }
    stopWatching = readEvents(netns, operation, 'netfilter', opened, {
      // Messages are handed over at once and in their order. A handler that has to wait for something buffers the messages
      // that come meanwhile.
      message: (message) => follow(handler.message(message)),
      lost: () => follow(handler.lost()),
      failed: (error) => queue.fail(error),
    });
    await handler.opened();
  }

  function follow(work: void | Promise<void>): void {
    work?.catch((error: unknown) => {
      queue.fail(error);
    });
  }

  return queue;
}
