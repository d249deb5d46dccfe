import { constants } from 'node:os';
import { MalformedError } from '../../../lib/netlink/codec';
import { Connection } from '../../../lib/netlink/connection';
import { DumpInterruptedError } from '../../../lib/netlink/error';
import { NLM_F_DUMP_INTR } from '../../../lib/netlink/message';
import { link } from '../../../lib/netlink/rtnetlink/link';
import { change, connect, dump, get, indexOf, isDump, reasonOf, refused, sent } from '../support/connection';
import { ack, done, FakeKernel, object } from '../support/fake-kernel';

const { EINTR, ENOBUFS, ENODEV, EMSGSIZE } = constants.errno;

describe('a dump that changed meanwhile', () => {
  const interrupted = (attempts: number, mark: 'object' | 'done') => {
    let attempt = 0;
    return connect((request) => {
      if (!isDump(request)) return ack(request);
      attempt++;
      const flags = attempt <= attempts ? NLM_F_DUMP_INTR : 0;
      const found = object(request, link.codec, { index: attempt }, mark === 'object' ? flags : 0);
      return Buffer.concat([found, done(request, { flags: mark === 'done' ? flags : 0 })]);
    });
  };

  test.each(['object', 'done'] as const)('is repeated, where its %s says so', async (mark) => {
    const { kernel, connection } = interrupted(2, mark);
    await expect(connection.request(dump())).resolves.toMatchObject([{ index: 3 }]);
    expect(kernel.packs).toHaveLength(3);
    const numbers = kernel.packs.map(([request]) => request!.sequence);
    expect(new Set(numbers).size).toBe(3);
  });

  test('not without end: after ten attempts there is what the last has read', async () => {
    const { kernel, connection } = interrupted(Infinity, 'done');
    const error = await refused(connection.request(dump()));
    expect(kernel.packs).toHaveLength(10);
    expect(error).toBeInstanceOf(DumpInterruptedError);
    expect(error).toMatchObject({
      code: 'EINTR',
      errno: EINTR,
      operation: 'list links',
      netns: 'red',
      partial: [{ index: 10 }],
    });
  });

  test('goes before what was asked for later, and holds up nothing for good', async () => {
    const { kernel, connection } = interrupted(1, 'done');
    await Promise.all([
      connection.request(dump()),
      connection.request(change(1)),
      connection.request(dump()),
      connection.request(change(2)),
    ]);
    // the next pack was on its way when the first was looked at
    expect(sent(kernel)).toEqual([[0], [1], [0], [0], [2]]);
  });
});

describe('answers that are missing', () => {
  test('after ENOBUFS only those without one fail: they may have been carried out', async () => {
    const kernel = new FakeKernel();
    const connection = new Connection(async (datagram) => {
      await kernel.transact(datagram);
      const [first, second] = kernel.packs.at(-1)!;
      return { bytes: Buffer.concat([ack(first!), ack(second!, ENODEV)]), errno: ENOBUFS };
    }, 'red');
    const results = await Promise.allSettled([1, 2, 3, 4].map((index) => connection.request(change(index))));
    expect(results).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'ENODEV' } },
      { status: 'rejected', reason: { code: 'ENOBUFS', device: 3 } },
      { status: 'rejected', reason: { code: 'ENOBUFS', device: 4 } },
    ]);
    expect(String(reasonOf(results[2]))).toContain('read back before you repeat it');
  });

  test('a dump whose end is missing fails', async () => {
    const { connection } = connect((request) => object(request, link.codec, { index: 1 }));
    expect(await refused(connection.request(dump()))).toMatchObject({ code: 'ENOBUFS' });
  });

  test('whatever else the socket says of the datagram, its requests say', async () => {
    const connection = new Connection(
      () => Promise.resolve({ bytes: Buffer.alloc(0), errno: EMSGSIZE }),
      'red',
    );
    expect(await refused(connection.request(change(1)))).toMatchObject({ code: 'EMSGSIZE' });
  });

  test('a datagram that could not be sent: its requests fail with that, later ones are sent', async () => {
    const kernel = new FakeKernel();
    const reason = new Error('no socket');
    let calls = 0;
    const connection = new Connection((datagram) => {
      calls++;
      return calls === 1 ? Promise.reject(reason) : kernel.transact(datagram);
    }, 'red');
    const failed = await Promise.allSettled([connection.request(change(1)), connection.request(change(2))]);
    expect(failed).toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ]);
    await connection.request(change(3));
    expect(sent(kernel)).toEqual([[3]]);
  });
});

describe('malformed answers', () => {
  test('a cut-off datagram: nobody in the pack knows', async () => {
    const kernel = new FakeKernel();
    const connection = new Connection(async (datagram) => {
      const { bytes } = await kernel.transact(datagram);
      return { bytes: bytes.subarray(0, -1), errno: 0 };
    }, 'red');
    const results = await Promise.allSettled([connection.request(change(1)), connection.request(change(2))]);
    for (const result of results) expect(reasonOf(result)).toBeInstanceOf(MalformedError);
  });

  test('a malformed object: its request alone', async () => {
    const { connection } = connect((request) => {
      const unknown = indexOf(request) === 1 ? [{ type: 4, data: new Uint8Array(3) }] : [];
      return Buffer.concat([object(request, link.codec, { index: 7, unknown }), ack(request)]);
    });
    const results = await Promise.allSettled([connection.request(get(1)), connection.request(get(2))]);
    expect(results).toMatchObject([
      { status: 'rejected', reason: { code: 'ERR_NETLINK_MALFORMED', path: ['mtu'] } },
      { status: 'fulfilled', value: { index: 7 } },
    ]);
  });

  test('a malformed acknowledgement: its request alone', async () => {
    const { connection } = connect((request) => {
      const bytes = ack(request);
      if (indexOf(request) !== 1) return bytes;
      bytes.writeUInt32LE(18, 0);
      return bytes.subarray(0, 20);
    });
    const results = await Promise.allSettled([connection.request(change(1)), connection.request(change(2))]);
    expect(results).toMatchObject([
      { status: 'rejected', reason: { code: 'ERR_NETLINK_MALFORMED' } },
      { status: 'fulfilled' },
    ]);
  });
});
