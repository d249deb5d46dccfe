import { constants } from 'node:os';
import type { Descriptor, Received, Watch } from '../addon/native';
import { native } from '../addon/native';
import { errnoName } from '../addon/errno';
import { EventQueue } from '../common/event-queue';
import { eventMessages, printSent } from '../netlink/diagnostics';
import { type Attempt, DumpInterruptedError, NetlinkError } from '../netlink/error';
import {
  type Message,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
  readAcknowledgement,
  setSequence,
} from '../netlink/message';
import type { Request } from '../netlink/object';
import { routeSocket } from '../netlink/sockets';
import { watchSocket } from './event-socket';
import type { Netns } from './netns';
import { during, toNetnsError } from './netns-error';

const { EINTR } = constants.errno;

/** A dump that is read in parts. */
export interface Streamed<T> {
  /** Made when the consumer asks for the first item. */
  readonly request: () => Promise<Request<unknown>>;
  /** What a message has; undefined where it is not wanted. */
  readonly read: (message: Message) => T | undefined;
  /** The code of a refusal that means that there is nothing to list. */
  readonly noneAfter: string;
}

/**
 * The items of a dump, in the consumer's time. The kernel lists the next part when the socket is read, so what is not read
 * takes no memory. Parts that were read wait in their bytes, and each is decoded when the consumer comes to it.
 */
export function streamDump<T>(
  netns: Netns,
  attempt: Attempt,
  streamed: Streamed<T>,
): AsyncGenerator<T, undefined> {
  return readDump(parts(netns, attempt, streamed.request), { ...attempt, netns: netns.toString() }, streamed);
}

/** The items in what a socket receives of a dump. */
export async function* readDump<T>(
  received: AsyncIterable<Received>,
  details: Attempt & { netns: string },
  { read, noneAfter }: Pick<Streamed<T>, 'read' | 'noneAfter'>,
): AsyncGenerator<T, undefined> {
  for await (const part of received) {
    if ('errno' in part) throw new NetlinkError({ ...details, errno: part.errno });
    for (const message of eventMessages('route', part.bytes, details.netns)) {
      if ((message.flags & NLM_F_DUMP_INTR) !== 0) {
        const reason = 'what is listed has changed since the first of it was handed over';
        throw new DumpInterruptedError({ ...details, errno: EINTR }, [], reason);
      }
      if (message.type === NLMSG_DONE || message.type === NLMSG_ERROR) {
        const { errno, sentence } = readAcknowledgement(message);
        if (errno !== 0 && errnoName(errno) !== noneAfter) {
          throw new NetlinkError({ ...details, errno, sentence });
        }
        return undefined;
      }
      const item = read(message);
      if (item !== undefined) yield item;
    }
  }
  return undefined;
}

/** What a socket of its own receives after the request. While anything waits for the consumer, nothing is read. */
function parts(
  netns: Netns,
  attempt: Attempt,
  request: () => Promise<Request<unknown>>,
): EventQueue<Received> {
  let socket: Descriptor | undefined;
  let watch: Watch | undefined;
  let stopped = false;
  const isStopped = () => stopped;
  const queue = new EventQueue<Received>(
    {
      start: () => void open().catch((error: unknown) => queue.fail(error)),
      stop() {
        stopped = true;
        watch?.();
        socket?.close();
      },
      drained: () => watch?.resume(),
    },
    [netns.closing],
    (error) => during(error, attempt),
  );
  const received = (items: Received[]) => {
    queue.push(items);
    if (queue.length > 0) watch?.pause();
  };

  async function open(): Promise<void> {
    const { bytes, ...asked } = await request();
    if (isStopped()) return;
    const inWords = (error: unknown) => toNetnsError(error, attempt, netns.toString());
    const opened = await netns.openSocket(attempt, routeSocket).catch((error: unknown) => {
      throw inWords(error);
    });
    if (isStopped()) {
      opened.close();
      return;
    }
    socket = opened;
    setSequence(bytes, 1);
    printSent(netns.toString(), [{ ...asked, bytes }]);
    watch = watchSocket(netns, attempt.operation, opened, received);
    await native()
      .sendRequest(opened, bytes)
      .catch((error: unknown) => {
        throw inWords(error);
      });
  }

  return queue;
}
