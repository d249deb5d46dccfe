import type { HeadedCodec } from '../../../lib/netlink/attributes';
import { Bytes, Writer } from '../../../lib/netlink/bytes';
import type { Transact } from '../../../lib/netlink/connection';
import {
  encode,
  type Message,
  messages,
  NLMSG_DONE,
  NLMSG_ERROR,
  setSequence,
} from '../../../lib/netlink/message';

const NLM_F_CAPPED = 0x100;
const NLM_F_ACK_TLVS = 0x200;
const NLM_F_MULTI = 2;

/** The bytes that go back for a request. */
export type Answer = (request: Message) => Buffer;

export interface Extack {
  sentence?: string;
  offset?: number;
}

function attribute(to: Writer, type: number, content: Buffer): void {
  to.u16(4 + content.length);
  to.u16(type);
  to.bytes(content);
  to.align();
}

function end(type: number, flags: number, { sequence }: Message, content: Writer): Buffer {
  const body = content.take();
  const to = new Writer();
  to.u32(16 + body.length);
  to.u16(type);
  to.u16(flags);
  to.u32(sequence);
  to.u32(4711);
  to.bytes(body);
  to.align();
  return to.take();
}

/** As with NETLINK_CAP_ACK and NETLINK_EXT_ACK: the request's header, then what there is to say. */
export function ack(request: Message, errno = 0, { sentence, offset }: Extack = {}): Buffer {
  const to = new Writer();
  to.u32(-errno >>> 0);
  to.bytes(request.from.buffer.subarray(request.start - 16, request.start));
  let flags = NLM_F_CAPPED;
  if (sentence !== undefined) attribute(to, 1, Buffer.from(`${sentence}\0`));
  if (offset !== undefined) {
    const four = Buffer.alloc(4);
    four.writeUInt32LE(offset);
    attribute(to, 2, four);
  }
  if (sentence !== undefined || offset !== undefined) flags |= NLM_F_ACK_TLVS;
  return end(NLMSG_ERROR, flags, request, to);
}

/** The end of a dump. */
export function done(request: Message, { errno = 0, flags = 0 } = {}): Buffer {
  const to = new Writer();
  to.u32(-errno >>> 0);
  return end(NLMSG_DONE, NLM_F_MULTI | flags, request, to);
}

/** An object, as the reply to a request. */
export function object<H, A>(
  request: Message,
  codec: HeadedCodec<H, A>,
  value: Partial<H> & A,
  flags = 0,
): Buffer {
  const bytes = encode(16, flags, codec, value);
  setSequence(bytes, request.sequence);
  return bytes;
}

/** A kernel that is one function. It remembers what it was asked, datagram by datagram. */
export class FakeKernel {
  readonly packs: Message[][] = [];
  /** How many datagrams have had no answer so far. */
  busy = 0;
  #gate: Promise<void> | undefined;
  #open: () => void = () => undefined;

  constructor(private readonly answer: Answer = (request) => ack(request)) {}

  /** Lets nothing out until `release`. */
  hold(): void {
    this.#gate = new Promise((resolve) => (this.#open = resolve));
  }

  release(): void {
    this.#gate = undefined;
    this.#open();
  }

  readonly transact: Transact = async (datagram) => {
    // a copy, since a request that is repeated is written anew
    const requests = [...messages(new Bytes(Buffer.from(datagram)))];
    this.packs.push(requests);
    this.busy++;
    await this.#gate;
    this.busy--;
    return { bytes: Buffer.concat(requests.map(this.answer)), errno: 0 };
  };
}
