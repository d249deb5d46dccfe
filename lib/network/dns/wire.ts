import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  RECURSION_AVAILABLE,
  TRUNCATED_RESPONSE,
} from 'dns-packet';
import { HEADER_LENGTH, isResponse, questionIn, rcodeOf, readHeader } from '../../sockets/dns/dns-message';

export const RCODE = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, BADVERS: 16 };

/** A member's query, as far as it is looked at. */
export interface DnsQuery {
  id: number;
  flags: number;
  /** As it was asked for; without a dot at its end. */
  name: string;
  /** 'A', 'AAAA', … */
  type: string;
  class: string;
  /** The question's bytes, which are repeated in the answer. */
  question: Buffer;
  /** What the sender says of itself: EDNS, RFC 6891. */
  edns: { size: number; version: number } | undefined;
  bytes: Buffer;
}

/** What no query is longer than. */
export const LONGEST_QUERY = 4096;
/** Of additional records a query has one for EDNS, and one for a signature. */
const MOST_ADDITIONALS = 2;
const OPCODE = 0x7800;
/** Recursion desired, and checking disabled: as they came. */
const KEPT_FLAGS = 0x0110;
/** What we say of ourselves: what goes through anywhere in one piece. */
const OWN_SIZE = 1232;
// RFC 1035, 4.2.1; more than what is usual is not sent, however large it is said to be
const [LEAST_SIZE, MOST_SIZE] = [512, 4096];
export const TCP_SIZE = 0xffff;

/** A query, or what is to be answered to something that is none; undefined where nothing is. */
export function readQuery(bytes: Buffer): DnsQuery | { refusal: Buffer } | undefined {
  const header = readHeader(bytes);
  // an answer is never answered: two could go on with that for ever
  if (header === undefined || isResponse(header.flags)) return undefined;
  const { id, flags, questions, answers, authorities, additionals } = header;
  const refuse = (rcode: number) => ({
    refusal: encode({ type: 'response', id, flags: reply(flags, rcode) }),
  });
  if ((flags & OPCODE) !== 0) return refuse(RCODE.NOTIMP);
  // looked at first: to decode what many records say takes a while
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

/** What an answer may have in bytes, at most. */
export function sizeFor({ edns }: DnsQuery, tcp: boolean): number {
  if (tcp) return TCP_SIZE;
  return Math.min(Math.max(edns?.size ?? 0, LEAST_SIZE), MOST_SIZE);
}

export interface OwnAnswer {
  rcode?: number;
  answers?: readonly Answer[];
  /** It is us who know. */
  authoritative?: boolean;
}

/** By UDP, what does not fit is to be asked for by TCP; by TCP, as many answers are given as fit. */
export function writeAnswer(
  query: DnsQuery,
  { rcode = 0, answers = [], authoritative = false }: OwnAnswer,
  size: number,
): Buffer {
  const flags = authoritative ? AUTHORITATIVE_ANSWER : 0;
  const bytes = write(query, rcode, flags, answers);
  if (bytes.length <= size) return bytes;
  if (size < TCP_SIZE) return write(query, rcode, flags | TRUNCATED_RESPONSE, []);
  const fewer = answers.slice(0, Math.floor(answers.length / 2));
  return writeAnswer(query, { rcode, answers: fewer, authoritative }, size);
}

/** Another server's answer, under the query's own identifier. */
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
): Buffer {
  const own: Answer = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: OWN_SIZE,
    extendedRcode: rcode >> 4,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
  const bytes = encode({
    type: 'response',
    id,
    flags: reply(flags, rcode) | more,
    answers: [...answers],
    additionals: edns === undefined ? [] : [own],
  });
  // a name may have bytes that dns-packet would not write as it has read them
  bytes.writeUInt16BE(1, 4);
  return Buffer.concat([bytes.subarray(0, HEADER_LENGTH), question, bytes.subarray(HEADER_LENGTH)]);
}

function reply(flags: number, rcode: number): number {
  return (flags & (OPCODE | KEPT_FLAGS)) | RECURSION_AVAILABLE | (rcode & 0xf);
}
