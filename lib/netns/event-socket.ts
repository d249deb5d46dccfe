import { constants } from 'node:os';
import { errnoName } from '../addon/errno';
import { type Descriptor, native, type Received, type Watch } from '../addon/native';
import { MalformedError } from '../netlink/codec';
import { eventMessages } from '../netlink/diagnostics';
import { NetlinkError } from '../netlink/error';
import type { Message } from '../netlink/message';
import type { Protocol } from '../netlink/message-types';
import { eventSocket } from '../netlink/sockets';
import type { Netns } from './netns';
import { NetnsError, toNetnsError } from './netns-error';

const { ENOBUFS } = constants.errno;

/**
 * A socket in a namespace that receives the events of these groups there: linux/rtnetlink.h, RTNLGRP_*.
 *
 * @throws {@link NetnsError} where the socket cannot be opened.
 */
export async function openEventSocket(
  netns: Netns,
  operation: string,
  groups: readonly number[],
  receiveBuffer?: number,
): Promise<Descriptor> {
  try {
    return await netns.openSocket(operation, eventSocket(groups, receiveBuffer));
  } catch (error) {
    throw toNetnsError(error, operation, netns.toString());
  }
}

/** Takes what an event socket receives. An error that one of its functions throws goes to `failed`. */
export interface EventReader {
  message(message: Message): void;
  /** Some events did not fit the socket's buffer. */
  lost(): void;
  failed(error: unknown): void;
  /** All that was received has been read, for now. */
  caughtUp?(): void;
}

/**
 * Hands over what the socket receives, message by message, until the returned function is called, which closes the socket.
 * A message that cannot be decoded is left out and counted, see `getStats`, because one such message must not end a watch.
 *
 * @throws {@link NetnsError} where the socket cannot be watched. It is closed then, too.
 */
export function readEvents(
  netns: Netns,
  operation: string,
  protocol: Protocol,
  socket: Descriptor,
  reader: EventReader,
): () => void {
  const name = netns.toString();
  let stopped = false;

  function take(item: Received): void {
    if ('errno' in item) {
      if (item.errno === ENOBUFS && item.ended !== true) reader.lost();
      else throw new NetlinkError({ operation: 'receive events', errno: item.errno, netns: name });
      return;
    }
    for (const message of eventMessages(protocol, item.bytes, name)) {
      decoding(() => reader.message(message));
      if (stopped) return;
    }
  }

  const read = (received: Received[]): void => {
    try {
      for (const item of received) {
        decoding(() => take(item));
        if (stopped) return;
      }
      reader.caughtUp?.();
    } catch (error) {
      reader.failed(error);
    }
  };
  let stop: Watch;
  try {
    stop = watchSocket(netns, operation, socket, read);
  } catch (error) {
    socket.close();
    throw error;
  }
  return () => {
    stopped = true;
    stop();
    socket.close();
  };
}

/**
 * Watches a socket of a namespace, which stays the caller's.
 *
 * @throws {@link NetnsError}
 */
export function watchSocket(
  netns: Netns,
  operation: string,
  socket: Descriptor,
  listener: (received: Received[]) => void,
): Watch {
  try {
    return native().watchSocket(socket, true, listener);
  } catch (error) {
    throw toNetnsError(error, operation, netns.toString());
  }
}

/** What ended the receiving, as an error. */
export function receivingEnded(netns: string, operation: string, errno: number): NetnsError {
  return new NetnsError({ code: errnoName(errno), errno, operation, netns, reason: 'receiving failed' });
}

function decoding(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    native().countIgnored();
  }
}
