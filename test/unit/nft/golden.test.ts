import type { Codec } from '../../../lib/netlink/codec';
import { Bytes, Writer } from '../../../lib/netlink/bytes';
import { NLMSG_HDRLEN } from '../../../lib/netlink/message';
import { encodeOperations } from '../../../lib/nft/objects/encode';
import { nftCaptures } from '../../golden/captures';
import { OPERATIONS } from '../../support/nft-commands';
import { expectBytes } from '../support/hex';
import { codecFor } from '../support/nft';

const sent = nftCaptures().filter(({ request }) => request.length > 0);

type Loose = Record<string, unknown>;

const isBelowAll = ({ flags, key }: Loose) =>
  flags === 1 && (key as { value: Uint8Array }).value.every((byte) => byte === 0);

/**
 * Without what nft writes for itself: the numbers that it has given to all sets that it has seen, ours included, and
 * in the userdata of a rule's own set which field of a packet its type was taken from.
 */
function ours(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(ours);
  const anonymous = (name: unknown) => typeof name === 'string' && name.startsWith('__');
  const entries = Object.entries(value as Loose).flatMap(([name, inner]) => {
    if (name === 'setId') return anonymous((value as Loose)['set']) ? [[name, 0]] : [];
    if (name === 'id') return [[name, 0]];
    if (name === 'userdata' && anonymous((value as Loose)['name'])) return [];
    if (name === 'elements' && !anonymous((value as Loose)['set'])) {
      return [[name, (inner as Loose[]).filter((one) => !isBelowAll(one)).map(ours)]];
    }
    return [[name, ours(inner)]];
  });
  return Object.fromEntries(entries) as Loose;
}

/** A message as we would write it: reading and writing change nothing, as the tables' own test shows. */
function canonical(message: Buffer): Buffer {
  const codec: Codec<unknown> = codecFor(message);
  const to = new Writer();
  to.bytes(message.subarray(0, NLMSG_HDRLEN));
  codec.write(to, ours(codec.read(new Bytes(message), NLMSG_HDRLEN, message.length)));
  to.setU32(0, to.length);
  to.align();
  return to.take();
}

test('every captured command has an operation, and every operation a command', () => {
  expect(Object.keys(OPERATIONS)).toEqual(sent.map(({ command }) => command));
});

test.each(sent)('$command', ({ command, request }) => {
  const messages = encodeOperations([OPERATIONS[command]!]).flatMap((items) =>
    items.map(({ bytes }) => bytes),
  );
  expect(messages.length).toBe(request.length);
  messages.forEach((message, i) => {
    expectBytes(canonical(message), canonical(request[i]!));
  });
});
