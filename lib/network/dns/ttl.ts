import { HEADER_LENGTH, readHeader } from '../../sockets/dns/dns-message';

const POINTER = 0xc0;
const OPT = 41; // its TTL is no time (RFC 6891)
/** Bytes of a question behind its name, and of a record: type, class, TTL, length of the data. */
const [QUESTION_TAIL, RECORD_TAIL] = [4, 10];

/** A message without a record that may be kept for more seconds. Undefined where the message cannot be read. */
export function withLimitedTtl(message: Buffer, most: number): Buffer | undefined {
  const header = readHeader(message);
  if (header === undefined) return undefined;
  const limited = Buffer.from(message);
  try {
    let at = HEADER_LENGTH;
    for (let i = 0; i < header.questions; i++) at = nameEnd(limited, at) + QUESTION_TAIL;
    for (let i = header.answers + header.authorities + header.additionals; i > 0; i--) {
      const tail = nameEnd(limited, at);
      const ttl = limited.readUInt32BE(tail + 4);
      if (limited.readUInt16BE(tail) !== OPT && ttl > most) limited.writeUInt32BE(most, tail + 4);
      at = tail + RECORD_TAIL + limited.readUInt16BE(tail + 8);
    }
    return at > limited.length ? undefined : limited;
  } catch {
    return undefined; // it ends before its records do
  }
}

/** Where a name ends: behind the empty label, or behind a pointer to the rest of the name. */
function nameEnd(message: Buffer, from: number): number {
  for (let at = from; ;) {
    const length = message.readUInt8(at);
    if ((length & POINTER) !== 0) return at + 2;
    at += 1 + length;
    if (length === 0) return at;
  }
}
