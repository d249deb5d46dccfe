import { constants } from 'node:os';
import { KERNEL } from '../netns/event-socket';
import { isSystemError } from '../common/system-error';
import { EventQueue } from '../common/event-queue';
import { type Descriptor, native, type Received } from '../addon/native';
import type { Netns } from '../netns/netns';
import { Bytes } from '../netlink/bytes';
import { NetlinkError } from '../netlink/error';
import { type Message, messages } from '../netlink/message';
import { netfilterEventSocket } from '../netlink/sockets';

const { ENOBUFS } = constants.errno;

/** Takes the messages of some groups of netfilter's events. An error that it throws ends the queue. */
export interface NetfilterListener {
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
  listener: (push: (event: T) => void) => NetfilterListener,
): EventQueue<T> {
  let socket: Descriptor | undefined;
  let stopWatching: () => void = () => undefined;
  let stopped = false;
  const queue = new EventQueue<T>(
    {
      start() {
        open().catch((error: unknown) => {
          queue.fail(error);
        });
      },
      stop() {
        stopped = true;
        stopWatching();
        socket?.close();
      },
    },
    [signal, netns.closing],
  );
  const listening = listener((event) => {
    queue.push([event]);
  });

  async function open(): Promise<void> {
    const opened = await netns.openSocket(operation, netfilterEventSocket(groups)).catch(explain);
    if (stopped) {
      opened.close();
      return;
    }
    socket = opened;
    native().connectSocket(opened, KERNEL);
    stopWatching = native().watchSocket(opened, true, (received) => {
      for (const item of received) take(item);
    });
    await listening.opened();
  }

  function explain(error: unknown): never {
    if (!isSystemError(error) || error.code !== 'EPERM') throw error;
    const details = { operation, errno: Math.abs(error.errno), netns: netns.toString() };
    throw new NetlinkError(details, 'CAP_NET_ADMIN is missing', { cause: error });
  }

  // Messages are handled at once, to keep their order: a listener that has to wait for something buffers them meanwhile.
  function take(item: Received): void {
    try {
      if (!('errno' in item)) {
        for (const message of messages(new Bytes(item.bytes))) follow(listening.message(message));
      } else if (item.errno === ENOBUFS) {
        follow(listening.lost());
      } else {
        throw new NetlinkError({ operation, errno: item.errno, netns: netns.toString() });
      }
    } catch (error) {
      queue.fail(error);
    }
  }

  function follow(work: void | Promise<void>): void {
    work?.catch((error: unknown) => {
      queue.fail(error);
    });
  }

  return queue;
}
