import { constants } from 'node:os';
import { Bytes } from './bytes';
import { printReplies, printSent } from './diagnostics';
import { type Attempt, NetlinkError } from './error';
import {
  type Acknowledgement,
  type Message,
  messages,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_HDRLEN,
  readAcknowledgement,
  setSequence,
} from './message';
import { lackingPart } from './lacking';
import type { Request } from './object';
import { pathAt } from './option-path';
import type { Reply } from '../addon/native';

const { ENOBUFS } = constants.errno;

/** What became of one request: its value, its error, or the parts of a dump that changed meanwhile. */
export type Outcome = { value: unknown } | { error: unknown } | { interrupted: readonly Message[] };

/** Requests that leave in one datagram, numbered from `sequence`. */
export class Pack {
  readonly datagram: Buffer;

  constructor(
    private readonly requests: readonly Request<unknown>[],
    private readonly sequence = 1,
  ) {
    const all = requests.map(({ bytes }) => bytes);
    all.forEach((bytes, i) => {
      setSequence(bytes, (sequence + i) >>> 0);
    });
    this.datagram = all.length === 1 && all[0] !== undefined ? all[0] : Buffer.concat(all);
  }

  /** Shows the requests to whoever follows the traffic, before they leave for this namespace. */
  print(netns: string): void {
    printSent(netns, this.requests);
  }

  /** In the order of the requests; `netns` is what errors call the namespace. */
  outcomes(reply: Reply, netns: string): Outcome[] {
    const { requests, sequence } = this;
    const { bytes, errno } = reply;
    printReplies(netns, requests, reply, sequence);
    const replies: Message[][] = [];
    const ends: Message[] = [];
    try {
      for (const message of messages(new Bytes(bytes))) {
        const i = (message.sequence - sequence) >>> 0;
        if (i >= requests.length) continue;
        if (message.type === NLMSG_ERROR || message.type === NLMSG_DONE) ends[i] = message;
        else (replies[i] ??= []).push(message);
      }
    } catch (error) {
      return requests.map(() => ({ error }));
    }
    return requests.map((request, i) => {
      try {
        return outcome(request, replies[i] ?? [], ends[i], errno, netns);
      } catch (error) {
        return { error };
      }
    });
  }
}

function outcome(
  request: Request<unknown>,
  replies: readonly Message[],
  end: Message | undefined,
  errno: number,
  netns: string,
): Outcome {
  if (end === undefined) return { error: refused(request, { errno: errno === 0 ? ENOBUFS : errno }, netns) };
  const acknowledgement = readAcknowledgement(end);
  if (acknowledgement.errno !== 0) return { error: refused(request, acknowledgement, netns) };
  if (request.dump && [...replies, end].some(({ flags }) => (flags & NLM_F_DUMP_INTR) !== 0)) {
    return { interrupted: replies };
  }
  return { value: request.parse(replies) };
}

/** Attributes that hold others, and that no caller has heard of: 'peer.mtu' lies at 'info.data.peer.mtu'. */
const NESTING =
  /^(info\.(data|portData)\.|info\.(?=data$)|perFamily\.inet6\.|(metrics|entry|global|options)\.)/;

function asCalled(path: readonly string[], called: Attempt['called']): string {
  const option = path.join('.').replace(NESTING, '');
  return called?.[path[0] ?? ''] ?? called?.[option] ?? option;
}

type Refusable = Pick<Request<unknown>, 'attempt' | 'bytes' | 'codec'> & {
  optionAt?: (path: readonly string[]) => string;
};

/** What the kernel has against a message that was sent. */
export function refused(request: Refusable, acknowledgement: Acknowledgement, netns: string): NetlinkError {
  const { attempt, bytes, codec } = request;
  const called = (path: readonly string[]) => asCalled(path, attempt.called);
  const { optionAt = called } = request;
  const { errno, sentence, offset } = acknowledgement;
  let option: string | undefined;
  if (offset !== undefined) {
    const path = pathAt(codec, new Bytes(bytes), NLMSG_HDRLEN, bytes.length, offset);
    if (path.length > 0) option = optionAt(path);
  }
  const details = { ...attempt, errno, netns, sentence, option };
  return new NetlinkError(details, lackingPart(request, acknowledgement));
}
