import { Bytes } from '../../../lib/netlink/bytes';
import type { HeadedCodec } from '../../../lib/netlink/attributes';
import { type Message, messages, NLM_F_ACK, NLMSG_HDRLEN } from '../../../lib/netlink/message';
import type { Attempt } from '../../../lib/netlink/error';
import { captures, type Noun } from '../../golden/captures';
import { expectBytes } from './hex';

export const ATTEMPT: Attempt = { operation: 'test' };

/** What we would send, and what it says: the struct's fields that are 0 left out. */
export interface Sent<T> {
  bytes: Buffer;
  value: T;
}

/** `ip` takes the reply alone for an answer, where we want the acknowledgement as well. */
export function unacknowledged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt16LE(copy.readUInt16LE(6) & ~NLM_F_ACK, 6);
  return copy;
}

/**
 * For each command that was captured, in both directions: its request reads as the case's value, and the case's
 * bytes are the request's, header and all. The order of the value's keys is that of the attributes.
 */
export function testRequests<H extends object, A extends object>(
  noun: Noun,
  codec: HeadedCodec<H, A>,
  /** The struct in front of the attributes, as nobody has filled it in. */
  empty: H,
  cases: Readonly<Record<string, Sent<Partial<H> & A>>>,
): void {
  const captured = captures(noun);

  test('every captured command has a case, and every case a command', () => {
    expect(Object.keys(cases)).toEqual([...new Set(captured.map(({ command }) => command))]);
  });

  test.each(captured)('$command', ({ command, request }) => {
    const { value, bytes } = cases[command]!;
    expect(codec.read(new Bytes(request), NLMSG_HDRLEN, request.length)).toEqual({ ...empty, ...value });
    expectBytes(bytes, request);
  });
}

/** The messages of a reply. */
export function received(reply: readonly Buffer[]): Message[] {
  return reply.flatMap((bytes) => [...messages(new Bytes(bytes))]);
}
