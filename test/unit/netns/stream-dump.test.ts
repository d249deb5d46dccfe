import { constants } from 'node:os';
import type { Received } from '../../../lib/addon/native';
import { Bytes } from '../../../lib/netlink/bytes';
import { type Message, NLM_F_DUMP_INTR } from '../../../lib/netlink/message';
import { route } from '../../../lib/netlink/rtnetlink/route';
import { readDump } from '../../../lib/netns/stream-dump';
import { ack, done, object } from '../support/fake-kernel';

const { ENOENT, ENOBUFS, EPERM } = constants.errno;

const REQUEST: Message = {
  type: 26,
  flags: 0,
  sequence: 1,
  from: new Bytes(Buffer.alloc(16)),
  start: 16,
  end: 16,
};

const routeTo = (dst: string, flags = 0) => object(REQUEST, route.codec, { dst, dstLength: 32 }, flags);

/** What is read of these parts: the destinations, and then the error. */
async function read(...parts: (Buffer[] | { errno: number })[]): Promise<unknown[]> {
  const received = parts.map((part) => (Array.isArray(part) ? { bytes: Buffer.concat(part) } : part));
  const found: unknown[] = [];
  const details = { operation: 'list routes', netns: 'red' };
  try {
    const items = readDump(each(received as Received[]), details, {
      read: (message) => route.read(message).dst,
      noneAfter: 'ENOENT',
    });
    for await (const dst of items) found.push(dst);
  } catch (error) {
    found.push(error);
  }
  return found;
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}

describe('readDump', () => {
  test('the items of all parts, until the end', async () => {
    const parts = [
      [routeTo('10.0.0.1'), routeTo('10.0.0.2')],
      [routeTo('10.0.0.3'), done(REQUEST)],
      [routeTo('10.0.0.4')],
    ];
    expect(await read(...parts)).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3']);
  });

  test('a dump that was interrupted is an error, after what was handed over', async () => {
    for (const end of [routeTo('10.0.0.2', NLM_F_DUMP_INTR), done(REQUEST, { flags: NLM_F_DUMP_INTR })]) {
      expect(await read([routeTo('10.0.0.1')], [end])).toEqual([
        '10.0.0.1',
        expect.objectContaining({
          name: 'DumpInterruptedError',
          code: 'EINTR',
          partial: [],
          message:
            'EINTR: list routes in namespace red: what is listed has changed since the first of it was handed over',
        }),
      ]);
    }
  });

  test('a refusal, and one that means that there is nothing', async () => {
    const refused = ack(REQUEST, EPERM, { sentence: 'Not for you' });
    expect(await read([refused])).toEqual([
      expect.objectContaining({ name: 'NetlinkError', code: 'EPERM', extack: 'Not for you' }),
    ]);
    expect(await read([done(REQUEST, { errno: EPERM })])).toEqual([
      expect.objectContaining({ code: 'EPERM' }),
    ]);
    expect(await read([ack(REQUEST, ENOENT)])).toEqual([]);
    expect(await read([done(REQUEST, { errno: ENOENT })])).toEqual([]);
  });

  test('a part that was lost, or cannot be decoded', async () => {
    expect(await read([routeTo('10.0.0.1')], { errno: ENOBUFS })).toEqual([
      '10.0.0.1',
      expect.objectContaining({ name: 'NetlinkError', code: 'ENOBUFS' }),
    ]);
    const cut = routeTo('10.0.0.1').subarray(0, 20);
    expect(await read([cut])).toEqual([expect.objectContaining({ name: 'MalformedError' })]);
  });
});
