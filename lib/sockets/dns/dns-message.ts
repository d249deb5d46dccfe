// What of a DNS message is looked at before it is taken for one: RFC 1035, 4.1.

export const HEADER_LENGTH = 12;
/** Type and class, behind the name. */
const QUESTION_TAIL = 4;
const [QR, TC] = [0x8000, 0x0200];
/** Of a label: anything else than a length is a pointer, or of no known kind. */
const NO_LENGTH = 0xc0;

export interface Header {
  id: number;
  flags: number;
  questions: number;
  answers: number;
  authorities: number;
  additionals: number;
}

/** undefined where there is none. */
export function readHeader(bytes: Buffer): Header | undefined {
  if (bytes.length < HEADER_LENGTH) return undefined;
  const [id = 0, flags = 0, questions = 0, answers = 0, authorities = 0, additionals = 0] = Array.from(
    { length: HEADER_LENGTH / 2 },
    (_, i) => bytes.readUInt16BE(i * 2),
  );
  return { id, flags, questions, answers, authorities, additionals };
}

export const isResponse = (flags: number): boolean => (flags & QR) !== 0;
export const isTruncated = (flags: number): boolean => (flags & TC) !== 0;
export const rcodeOf = (flags: number): number => flags & 0xf;

/** The bytes of the first question. There is nothing in front of it that its name could point to. */
export function questionIn(bytes: Buffer): Buffer | undefined {
  let at = HEADER_LENGTH;
  for (;;) {
    const length = bytes[at];
    if (length === undefined || (length & NO_LENGTH) !== 0) return undefined;
    at += 1 + length;
    if (length === 0) break;
  }
  const end = at + QUESTION_TAIL;
  return end > bytes.length ? undefined : bytes.subarray(HEADER_LENGTH, end);
}

/** Whether a message answers a query: by its identifier, and by the question, which is repeated in it. */
export function answers(query: Buffer, message: Buffer): boolean {
  const header = readHeader(message);
  if (header === undefined || !isResponse(header.flags) || header.questions !== 1) return false;
  if (header.id !== query.readUInt16BE()) return false;
  const [asked, repeated] = [questionIn(query), questionIn(message)];
  return asked !== undefined && repeated !== undefined && sameQuestion(asked, repeated);
}

function sameQuestion(one: Buffer, other: Buffer): boolean {
  const nameIn = (question: Buffer) => question.toString('latin1', 0, question.length - QUESTION_TAIL);
  return (
    nameIn(one).toLowerCase() === nameIn(other).toLowerCase() &&
    one.subarray(-QUESTION_TAIL).equals(other.subarray(-QUESTION_TAIL))
  );
}

/** A message as TCP carries it, with its length in front: RFC 1035, 4.2.2. */
export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** The messages of a connection, until one is longer than is allowed. */
export async function* messagesIn(
  connection: AsyncIterable<Buffer>,
  longest = 0xffff,
): AsyncGenerator<Buffer> {
  let bytes = Buffer.alloc(0);
  for await (const part of connection) {
    bytes = Buffer.concat([bytes, part]);
    while (bytes.length >= 2) {
      const end = 2 + bytes.readUInt16BE();
      if (end > 2 + longest) return;
      if (bytes.length < end) break;
      yield bytes.subarray(2, end);
      bytes = bytes.subarray(end);
    }
  }
}
