import { Bytes, Writer } from '../../../../lib/netlink/bytes';
import { NLMSG_HDRLEN } from '../../../../lib/netlink/message';
import { nftCaptures } from '../../../golden/captures';
import { expectBytes } from '../../support/hex';
import { codecFor } from '../../support/nft';

function read(message: Buffer): unknown {
  return codecFor(message).read(new Bytes(message), NLMSG_HDRLEN, message.length);
}

/** Places where something is that no table knows. */
function unknowns(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'unknown' ? [`${path}: ${JSON.stringify(inner)}`] : unknowns(inner, `${path}.${name}`),
  );
}

const captured = nftCaptures();
const sent = captured.filter(({ request }) => request.length > 0);
const told = captured.flatMap(({ reply }) => reply);

test('there is something of each', () => {
  expect(sent.length).toBeGreaterThan(100);
  expect(told.length).toBeGreaterThan(50);
});

test.each(sent)('$command: what is read is written the same', ({ request }) => {
  for (const message of request) {
    const value = read(message);
    expect(unknowns(value)).toEqual([]);
    const to = new Writer();
    to.reserve(NLMSG_HDRLEN);
    codecFor(message).write(to, value);
    to.align();
    const written = to.take();
    message.copy(written, 0, 0, NLMSG_HDRLEN);
    expectBytes(written, message);
  }
});

test('nothing that the kernel tells is unknown', () => {
  expect(told.flatMap((message) => unknowns(read(message)))).toEqual([]);
});

test('expressions are told by their names', () => {
  const names = new Set(
    captured
      .flatMap(({ request, reply }) => [...request, ...reply])
      .flatMap((message) => (read(message) as { expressions?: { name: string }[] }).expressions ?? [])
      .map(({ name }) => name),
  );
  for (const name of ['meta', 'cmp', 'payload', 'bitwise', 'byteorder', 'ct', 'fib', 'lookup', 'immediate'])
    expect(names).toContain(name);
  for (const name of ['nat', 'masq', 'redir', 'counter', 'log', 'limit', 'reject', 'notrack', 'socket'])
    expect(names).toContain(name);
  for (const name of ['range', 'objref', 'dynset', 'exthdr', 'rt', 'quota']) expect(names).toContain(name);
});
