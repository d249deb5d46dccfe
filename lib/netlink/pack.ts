import { constants } from 'node:os';
import { Bytes } from './bytes';
import { printReplies, printSent } from './diagnostics';
import { type Attempt, NetlinkError } from './error';
import {
  type Acknowledgement,
  isEnd,
  type Message,
  messageAt,
  NLM_F_DUMP_INTR,
  NLMSG_HDRLEN,
  readAcknowledgement,
  type Replies,
  repliesTo,
  setSequence,
  walkMessages,
} from './message';
import { lackingPart } from './lacking';
import type { Request } from './object';
import { pathAt } from './option-path';
import type { Reply } from '../addon/native';

const { ENOBUFS } = constants.errno;

/** What became of one request: its value, its error, or the parts of a dump that changed meanwhile. */
export type Outcome = { value: unknown } | { error: unknown } | { interrupted: Replies };

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
    const from = new Bytes(bytes);
    const answers = requests.map(({ dump }, i) =>
      newAnswer(dump ? repliesTo(from, (sequence + i) >>> 0) : undefined),
    );
    try {
      walkMessages(from, (at, length, type, flags, number) => {
        const answer = answers[(number - sequence) >>> 0];
        if (answer === undefined) return;
        answer.flags |= flags;
        if (isEnd(type)) answer.end = messageAt(from, at, length);
        else answer.kept?.push(messageAt(from, at, length));
      });
    } catch (error) {
      return requests.map(() => ({ error }));
    }
    return requests.map((request, i) => {
      try {
        return outcome(request, answers[i] as Answer, errno, netns);
      } catch (error) {
        return { error };
      }
    });
  }
}

/** What came for one request. */
interface Answer {
  readonly replies: Replies;
  /** The replies again, of which there are few; those of a dump are walked again instead. */
  readonly kept: Message[] | undefined;
  /** All flags of all messages. */
  flags: number;
  end: Message | undefined;
}

function newAnswer(walked: Replies | undefined): Answer {
  const kept: Message[] = [];
  if (walked === undefined) return { replies: kept, kept, flags: 0, end: undefined };
  return { replies: walked, kept: undefined, flags: 0, end: undefined };
}

function outcome(
  request: Request<unknown>,
  { replies, flags, end }: Answer,
  errno: number,
  netns: string,
): Outcome {
  if (end === undefined) return { error: refused(request, { errno: errno === 0 ? ENOBUFS : errno }, netns) };
  const acknowledgement = readAcknowledgement(end);
  if (acknowledgement.errno !== 0) return { error: refused(request, acknowledgement, netns) };
  if (request.dump && (flags & NLM_F_DUMP_INTR) !== 0) {
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
