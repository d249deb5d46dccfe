import { constants } from 'node:os';
import { Bytes } from './bytes';
import { isTraced, printReplies, printSent, traced } from './diagnostics';
import type { Transact } from './connection';
import { type Attempt, NetlinkError } from './error';
import type { HeadedCodec } from './attributes';
import {
  type Acknowledgement,
  type Message,
  messages,
  NLM_F_ACK,
  NLMSG_ERROR,
  readAcknowledgement,
  setFlags,
  setSequence,
} from './message';
import { batchMarker } from './nfnetlink/batch';
import { refused } from './pack';
import { Sequence } from './sequence';

const { ENOBUFS } = constants.errno;

/** One message of a batch. Unlike a request alone, it is answered only where it fails. */
export interface BatchItem {
  readonly bytes: Buffer;
  /** The option that an attribute at this path was made of, where it is another than the attribute. */
  readonly optionAt?: (path: readonly string[]) => string;
  readonly attempt: Attempt;
  readonly codec: HeadedCodec<unknown, object>;
}

export interface Batch {
  readonly begin: Buffer;
  readonly items: readonly BatchItem[];
  readonly end: Buffer;
}

/** What the kernel has against one of a batch's messages; -1 is the batch as a whole. */
export interface BatchFailure {
  readonly index: number;
  readonly errno: number;
  readonly error: NetlinkError;
}

export interface BatchResult {
  /** Empty where all of it has been carried out; otherwise nothing has. */
  readonly failures: readonly BatchFailure[];
  /** What came back for each message, where an echo was asked for. */
  readonly echoes: ReadonlyMap<number, Message>;
}

/**
 * Sends all of it as one datagram, which nfnetlink carries out as a whole or not at all. Only the last item is
 * acknowledged, because acknowledgements of all items would overflow the receive buffer of a large batch. All refusals
 * are returned, not only the first, because the kernel looks at every message before it gives up.
 */
export async function sendBatch(
  transact: Transact,
  netns: string,
  attempt: Attempt,
  batch: Batch,
  numbers = new Sequence(),
): Promise<BatchResult> {
  const work = async () => send(transact, netns, attempt, batch, numbers);
  if (!isTraced()) return work();
  const begin = { bytes: batch.begin, codec: batchMarker };
  return traced(netns, attempt, begin, work);
}

async function send(
  transact: Transact,
  netns: string,
  attempt: Attempt,
  { begin, items, end }: Batch,
  numbers: Sequence,
): Promise<BatchResult> {
  const marker = (bytes: Buffer) => ({ bytes, codec: batchMarker });
  const sent = [marker(begin), ...items, marker(end)];
  const last = items.length;
  const first = numbers.take(sent.length);
  sent.forEach((message, i) => setSequence(message.bytes, (first + i) >>> 0));
  const lastItem = items[last - 1];
  if (lastItem !== undefined) setFlags(lastItem.bytes, NLM_F_ACK);

  printSent(netns, sent);
  const reply = await transact(Buffer.concat(sent.map(({ bytes }) => bytes)));
  printReplies(netns, sent, reply, first);
  const { bytes, errno } = reply;
  const failures: BatchFailure[] = [];
  const echoes = new Map<number, Message>();
  let acknowledged = last === 0;
  for (const message of messages(new Bytes(bytes))) {
    const place = (message.sequence - first) >>> 0;
    if (place >= sent.length) continue;
    const index = place - 1;
    if (message.type !== NLMSG_ERROR) {
      // at the end, the new generation comes by the number of the first that asked for an echo
      if (!echoes.has(index)) echoes.set(index, message);
      continue;
    }
    const acknowledgement = readAcknowledgement(message);
    if (acknowledgement.errno !== 0) {
      failures.push({
        index: items[index] === undefined ? -1 : index,
        errno: acknowledgement.errno,
        error: refusal(items[index], attempt, netns, acknowledgement),
      });
    } else if (index === last - 1) acknowledged = true;
  }
  if (failures.length === 0 && !acknowledged) {
    const lost = errno === 0 ? ENOBUFS : errno;
    failures.push({ index: -1, errno: lost, error: new NetlinkError({ ...attempt, errno: lost, netns }) });
  }
  return { failures, echoes };
}

function refusal(
  item: BatchItem | undefined,
  attempt: Attempt,
  netns: string,
  acknowledgement: Acknowledgement,
): NetlinkError {
  if (item !== undefined) return refused(item, acknowledgement, netns);
  const { errno, sentence } = acknowledgement;
  return new NetlinkError({ ...attempt, errno, netns, sentence });
}
