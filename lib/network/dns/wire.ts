import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type PacketOpt,
  RECURSION_AVAILABLE,
  TRUNCATED_RESPONSE,
} from 'dns-packet';
import { HEADER_LENGTH, isResponse, questionIn, rcodeOf, readHeader } from '../../sockets/dns/dns-message';

export const RCODE = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, BADVERS: 16 };

/** A query, as far as the resolver reads it. */
export interface DnsQuery {
  id: number;
  flags: number;
  /** The name, spelt as in the query, without a dot at its end. */
  name: string;
  /** 'A', 'AAAA', … */
  type: string;
  class: string;
  /** Bytes of the question, which the answer repeats. */
  question: Buffer;
  /** EDNS of the client: the size of the answers that it accepts (RFC 6891). */
  edns: { size: number; version: number } | undefined;
  bytes: Buffer;
}

/** Bytes; longer queries are refused. */
export const LONGEST_QUERY = 4096;
/** A query may have two additional records: for EDNS, and for a signature. */
const MOST_ADDITIONALS = 2;
const OPCODE = 0x7800;
/** Flags that the answer repeats: recursion desired, checking disabled. */
const KEPT_FLAGS = 0x0110;
/** The size of answers that the resolver accepts itself: such a datagram is fragmented nowhere. */
const OWN_SIZE = 1232;
// Limits of an answer by UDP: at least RFC 1035, 4.2.1; at most this, however much the client accepts.
const [LEAST_SIZE, MOST_SIZE] = [512, 4096];
export const TCP_SIZE = 0xffff;
/** Bytes of a question behind its name. */
const QUESTION_TAIL = 4;

/** Reads a query. A message that is no valid query gives the answer that refuses it, or undefined where none is sent. */
export function readQuery(bytes: Buffer): DnsQuery | { refusal: Buffer } | undefined {
  const header = readHeader(bytes);
  // An answer is never answered, because two resolvers could go on with that for ever.
  if (header === undefined || isResponse(header.flags)) return undefined;
  const { id, flags, questions, answers, authorities, additionals } = header;
  const refuse = (rcode: number) => ({
    refusal: encode({ type: 'response', id, flags: reply(flags, rcode) }),
  });
  if ((flags & OPCODE) !== 0) return refuse(RCODE.NOTIMP);
  // The counts are checked before the records are decoded, because decoding many records takes long.
  if (questions !== 1 || answers + authorities !== 0 || additionals > MOST_ADDITIONALS) {
    return refuse(RCODE.FORMERR);
  }
  const question = bytes.length > LONGEST_QUERY ? undefined : questionIn(bytes);
  if (question === undefined) return refuse(RCODE.FORMERR);
  try {
    const { questions: [first] = [], additionals: more = [] } = decode(bytes);
    if (first === undefined) return refuse(RCODE.FORMERR);
    const opt = more.find((one) => one.type === 'OPT');
    const edns = opt && { size: opt.udpPayloadSize, version: opt.ednsVersion };
    const { name, type, class: of = 'IN' } = first;
    return { id, flags, name, type, class: of, question, edns, bytes };
  } catch {
    return refuse(RCODE.FORMERR);
  }
}

/** The most bytes that an answer may have. */
export function sizeFor({ edns }: DnsQuery, tcp: boolean): number {
  if (tcp) return TCP_SIZE;
  return Math.min(Math.max(edns?.size ?? 0, LEAST_SIZE), MOST_SIZE);
}

/** Why there is no better answer, for people: RFC 8914. */
export interface ExtendedError {
  code: number;
  text: string;
}

export interface OwnAnswer {
  rcode?: number;
  /** Sent to clients with EDNS. */
  error?: ExtendedError;
  answers?: readonly Answer[];
  /** Whether this resolver has authority over the name. */
  authoritative?: boolean;
}

/**
 * Writes an answer. By UDP, an answer that is too large is marked as truncated, so that the client asks by TCP; by TCP,
 * records that do not fit are left out.
 */
export function writeAnswer(
  query: DnsQuery,
  { rcode = 0, answers = [], authoritative = false, error }: OwnAnswer,
  size: number,
): Buffer {
  const flags = authoritative ? AUTHORITATIVE_ANSWER : 0;
  const bytes = write(query, rcode, flags, answers, error);
  if (bytes.length <= size) return bytes;
  if (size < TCP_SIZE) return write(query, rcode, flags | TRUNCATED_RESPONSE, []);
  const fewer = answers.slice(0, Math.floor(answers.length / 2));
  return writeAnswer(query, { rcode, answers: fewer, authoritative }, size);
}

/** Another server's answer, with the identifier of the client's query. */
export function passOn(query: DnsQuery, answer: Buffer, size: number): Buffer {
  if (answer.length > size) return write(query, rcodeOf(answer.readUInt16BE(2)), TRUNCATED_RESPONSE, []);
  const bytes = Buffer.from(answer);
  bytes.writeUInt16BE(query.id);
  return bytes;
}

function write(
  { id, flags, question, edns }: DnsQuery,
  rcode: number,
  more: number,
  answers: readonly Answer[],
  error?: ExtendedError,
): Buffer {
  const own: Answer = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: OWN_SIZE,
    extendedRcode: rcode >> 4,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: error === undefined ? [] : [errorOption(error)],
  };
  const bytes = encode({
    type: 'response',
    id,
    flags: reply(flags, rcode) | more,
    answers: [...answers],
    additionals: edns === undefined ? [] : [own],
  });
  // The question's bytes are copied, because dns-packet may write the bytes of a name differently from how it read them.
  bytes.writeUInt16BE(1, 4);
  return Buffer.concat([bytes.subarray(0, HEADER_LENGTH), question, bytes.subarray(HEADER_LENGTH)]);
}

/** The types of dns-packet lack options as bytes. */
function errorOption({ code, text }: ExtendedError): PacketOpt {
  const data = Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(text)]);
  return { code: 'OPTION_15', data } as unknown as PacketOpt;
}

/** Whether the text of the name is the name: one without a dot or a strange character within a label. */
export function isPlainName({ name, question }: Pick<DnsQuery, 'name' | 'question'>): boolean {
  const labels = name
    .split('.')
    .map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  const wire = Buffer.concat([...labels, Buffer.alloc(1)]);
  return question.subarray(0, -QUESTION_TAIL).equals(wire);
}

function reply(flags: number, rcode: number): number {
  return (flags & (OPCODE | KEPT_FLAGS)) | RECURSION_AVAILABLE | (rcode & 0xf);
}
