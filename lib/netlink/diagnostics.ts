import { channel, tracingChannel } from 'node:diagnostics_channel';
import { debuglog } from 'node:util';
import { Bytes } from './bytes';
import type { Attempt } from './error';
import { type Message, messages, NLM_F_MULTI } from './message';
import type { Protocol } from './message-types';
import { received, receivedWords, replyWords, type SentMessage, sentType, sentWords } from './message-words';
import type { Reply } from '../addon/native';

// Who wants to see what goes over the sockets: a person, by NODE_DEBUG=rtnetns, or a program, by node's
// diagnostics_channel. While there is neither, each datagram and each request costs the look at a boolean.

const log = debuglog('rtnetns');

/** Whether messages are to be printed: for all of the process, since node reads NODE_DEBUG when it starts. */
const printing = log.enabled;

/** What subscribers of 'tracing:rtnetns:request:…' are given; node adds `result` or `error`. */
export interface RequestContext {
  /** 'add address' */
  operation: string;
  /** Name or index. */
  device?: string | number;
  /** The namespace, as its handle calls it. */
  netns: string;
  /** The message, as the kernel's headers call it: 'RTM_NEWADDR'. */
  type: string;
}

/** What subscribers of 'rtnetns:event' are given. */
export interface EventContext {
  netns: string;
  /** 'RTM_NEWLINK' */
  type: string;
  /** What the message holds, by the names of the tables. */
  content: unknown;
}

const requests = tracingChannel<unknown, RequestContext>('rtnetns:request');
const events = channel('rtnetns:event');

/** Whether a request has to go by `traced`. */
export function isTraced(): boolean {
  return requests.hasSubscribers;
}

/** Whether somebody is shown messages or requests. */
export function isFollowed(): boolean {
  return printing || isTraced();
}

/** Reports a request to the subscribers, from its beginning until it has its result. */
export function traced<T>(
  netns: string,
  { operation, device }: Attempt,
  sent: SentMessage,
  work: () => Promise<T>,
): Promise<T> {
  const type = sentType(sent);
  const context = { operation, ...(device !== undefined && { device }), netns, type };
  return requests.tracePromise(work, context);
}

/** Prints what is sent. */
export function printSent(netns: string, sent: readonly SentMessage[]): void {
  if (!printing) return;
  for (const message of sent) log(sentWords(message, netns));
}

/** Prints what came back for requests, of which the first had this number. */
export function printReplies(netns: string, sent: readonly SentMessage[], reply: Reply, first: number): void {
  if (!printing) return;
  for (const line of replyWords(netns, sent, reply, first)) log(line);
}

/** The messages that came over an event socket, which are also shown to whoever wants to see them. */
export function* eventMessages(
  protocol: Protocol,
  bytes: Buffer,
  netns: string,
): Generator<Message, void, undefined> {
  for (const message of messages(new Bytes(bytes))) {
    if (printing) log(receivedWords(message, protocol, netns));
    if (events.hasSubscribers && isEvent(message)) {
      events.publish({ netns, ...received(message, protocol) } satisfies EventContext);
    }
    yield message;
  }
}

const NLMSG_MIN_TYPE = 0x10;

/** Over the same socket, dumps may be asked for: their parts are marked, and their ends have numbers of netlink's own. */
function isEvent({ type, flags }: Message): boolean {
  return type >= NLMSG_MIN_TYPE && (flags & NLM_F_MULTI) === 0;
}
