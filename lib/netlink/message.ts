import { align, type Bytes, LITTLE, Writer } from './bytes';
import { attributes, type HeadedCodec } from './attributes';
import { MalformedError, s32, text, u32 } from './codec';

// linux/netlink.h
export const NLM_F_REQUEST = 0x1;
export const NLM_F_MULTI = 0x2;
export const NLM_F_ACK = 0x4;
export const NLM_F_ECHO = 0x8;
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_DUMP = 0x300;
export const NLM_F_REPLACE = 0x100;
export const NLM_F_EXCL = 0x200;
export const NLM_F_BULK = 0x200;
export const NLM_F_CREATE = 0x400;
export const NLM_F_APPEND = 0x800;

const NLM_F_CAPPED = 0x100;
const NLM_F_ACK_TLVS = 0x200;

export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const NLMSG_HDRLEN = 16;

// This module's own, because long lists come by here, and each use of an import looks it up.
const NATIVE = LITTLE;

/** One message of a reply: its header, and where its content lies. */
export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly from: Bytes;
  readonly start: number;
  readonly end: number;
}

/** A message as it goes out. The sequence number is at bytes 8 to 11, for the connection to fill in. */
export function encode<H, A>(
  type: number,
  flags: number,
  codec: HeadedCodec<H, A>,
  value: Partial<H> & A,
): Buffer {
  const to = new Writer();
  to.reserve(NLMSG_HDRLEN);
  codec.write(to, value);
  to.setU32(0, to.length);
  to.setU16(4, type);
  to.setU16(6, flags);
  to.align();
  return to.take();
}

export function setSequence(message: Buffer, sequence: number): void {
  if (LITTLE) message.writeUInt32LE(sequence, 8);
  else message.writeUInt32BE(sequence, 8);
}

/** Gives a message its type, where that was not known when the message was made. */
export function setType(message: Buffer, type: number): void {
  if (LITTLE) message.writeUInt16LE(type, 4);
  else message.writeUInt16BE(type, 4);
}

/** Adds to the flags that a message has. */
export function setFlags(message: Buffer, flags: number): void {
  const view = new DataView(message.buffer, message.byteOffset);
  view.setUint16(6, view.getUint16(6, LITTLE) | flags, LITTLE);
}

/** The messages in what has been received. */
export function* messages(from: Bytes): Generator<Message, void, undefined> {
  for (let at = 0; at < from.view.byteLength;) {
    const length = messageLength(from, at);
    yield messageAt(from, at, length);
    at += align(length);
  }
}

/** Visits the messages in what has been received, without an object for each of a long list. */
export function walkMessages(
  from: Bytes,
  visit: (at: number, length: number, type: number, flags: number, sequence: number) => void,
): void {
  const { view } = from;
  for (let at = 0; at < view.byteLength;) {
    const length = messageLength(from, at);
    const type = view.getUint16(at + 4, NATIVE);
    visit(at, length, type, view.getUint16(at + 6, NATIVE), view.getUint32(at + 8, NATIVE));
    at += align(length);
  }
}

/** Whether a message of this type ends an answer. */
export const isEnd = (type: number) => type === NLMSG_ERROR || type === NLMSG_DONE;

/** The messages that answer a request, in their order. */
export interface Replies extends Iterable<Message> {
  forEach(visit: (reply: Message) => void): void;
}

/** The replies with a number, where they lie: a long list of them takes no memory before they are read. */
export function repliesTo(from: Bytes, wanted: number): Replies {
  return {
    forEach(visit) {
      walkMessages(from, (at, length, type, flags, sequence) => {
        if (sequence !== wanted || isEnd(type)) return;
        visit({ type, flags, sequence, from, start: at + NLMSG_HDRLEN, end: at + length });
      });
    },
    *[Symbol.iterator]() {
      for (const message of messages(from)) {
        if (message.sequence === wanted && !isEnd(message.type)) yield message;
      }
    },
  };
}

function messageLength({ view }: Bytes, at: number): number {
  const left = view.byteLength - at;
  if (left < NLMSG_HDRLEN) throw new MalformedError(`${left} bytes after the last message`);
  const length = view.getUint32(at, NATIVE);
  if (length < NLMSG_HDRLEN || length > left) {
    throw new MalformedError(`a message claims ${length} of ${left} bytes`);
  }
  return length;
}

/** The message that lies there. */
export function messageAt(from: Bytes, at: number, length: number): Message {
  const { view } = from;
  return {
    type: view.getUint16(at + 4, LITTLE),
    flags: view.getUint16(at + 6, LITTLE),
    sequence: view.getUint32(at + 8, LITTLE),
    from,
    start: at + NLMSG_HDRLEN,
    end: at + length,
  };
}

const NLMSGERR_ATTR_MSG = 1;
const NLMSGERR_ATTR_OFFS = 2;
const NLMSGERR_ATTR_MISS_TYPE = 5;

const acknowledgement = attributes({
  sentence: [NLMSGERR_ATTR_MSG, text(0xffff)],
  offset: [NLMSGERR_ATTR_OFFS, u32],
  missing: [NLMSGERR_ATTR_MISS_TYPE, u32],
});

/** The kernel's answer to a request: errno (0 is success), and with NETLINK_EXT_ACK its own sentence. */
export interface Acknowledgement {
  errno: number;
  sentence?: string;
  /** Bytes into the request at which the attribute at fault begins. */
  offset?: number;
}

/** Of NLMSG_ERROR, which quotes the request's header after the errno, or of the NLMSG_DONE of a dump. */
export function readAcknowledgement({ type, flags, from, start, end }: Message): Acknowledgement {
  if (end - start < 4) throw new MalformedError(`an answer of ${end - start} bytes`);
  // 0 - 0 is 0, -0 is not
  const errno = 0 - s32.read(from, start, start + 4);
  if ((flags & NLM_F_ACK_TLVS) === 0) return { errno };
  let quoted = 0;
  if (type === NLMSG_ERROR) {
    const header = start + 4;
    if (end - header < NLMSG_HDRLEN) throw new MalformedError('an answer that quotes no request');
    const length = from.view.getUint32(header, LITTLE);
    const capped = (flags & NLM_F_CAPPED) !== 0;
    if (!capped && length > end - header) throw new MalformedError(`an answer quotes ${length} bytes`);
    quoted = capped ? NLMSG_HDRLEN : align(length);
  }
  return { errno, ...acknowledgement.read(from, start + 4 + quoted, end) };
}
