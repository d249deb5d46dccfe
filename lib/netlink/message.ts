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
  const { view } = from;
  for (let at = 0; at < view.byteLength;) {
    const left = view.byteLength - at;
    if (left < NLMSG_HDRLEN) throw new MalformedError(`${left} bytes after the last message`);
    const length = view.getUint32(at, LITTLE);
    if (length < NLMSG_HDRLEN || length > left) {
      throw new MalformedError(`a message claims ${length} of ${left} bytes`);
    }
    yield {
      type: view.getUint16(at + 4, LITTLE),
      flags: view.getUint16(at + 6, LITTLE),
      sequence: view.getUint32(at + 8, LITTLE),
      from,
      start: at + NLMSG_HDRLEN,
      end: at + length,
    };
    at += align(length);
  }
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
