import { constants } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { Connection } from '../../../lib/netlink/connection';
import { DumpInterruptedError } from '../../../lib/netlink/error';
import { type Message, NLM_F_DUMP_INTR } from '../../../lib/netlink/message';
import { link } from '../../../lib/netlink/rtnetlink/link';
import { change, connect, dump, get, indexOf, isDump, reasonOf, refused, sent } from '../support/connection';
import { ack, done, FakeKernel, object } from '../support/fake-kernel';

const { EEXIST, EINVAL, EPERM } = constants.errno;

const HEAD = { family: 0, hardware: 0, index: 0, flags: 0, change: 0 };

describe('packing', () => {
  test('requests of one tick leave in one datagram, in their order', async () => {
    const { kernel, connection } = connect();
    await Promise.all([1, 2, 3].map((index) => connection.request(change(index))));
    expect(sent(kernel)).toEqual([[1, 2, 3]]);
    const numbers = kernel.packs[0]!.map(({ sequence }) => sequence);
    expect(new Set(numbers).size).toBe(3);
  });

  test('so do those that the promises of that tick lead to', async () => {
    const { kernel, connection } = connect();
    await Promise.all([
      connection.request(change(1)),
      (async () => {
        for (let turn = 0; turn < 5; turn++) await Promise.resolve();
        await connection.request(change(2));
      })(),
    ]);
    expect(sent(kernel)).toEqual([[1, 2]]);
  });

  test('while one is in flight the others wait, and leave together', async () => {
    const { kernel, connection } = connect();
    kernel.hold();
    const first = connection.request(change(1));
    await setImmediate();
    const second = connection.request(change(2));
    await setImmediate();
    const third = connection.request(change(3));
    await setImmediate();
    expect(sent(kernel)).toEqual([[1]]);
    kernel.release();
    await Promise.all([first, second, third]);
    expect(sent(kernel)).toEqual([[1], [2, 3]]);
  });

  test('at most one datagram is in flight', async () => {
    const { kernel, connection } = connect();
    let most = 0;
    const observed = new Connection(async (bytes) => {
      const answer = kernel.transact(bytes);
      most = Math.max(most, kernel.busy);
      return answer;
    }, 'red');
    await Promise.all(Array.from({ length: 500 }, (_, i) => observed.request(change(i + 1))));
    expect(most).toBe(1);
    expect(kernel.packs.length).toBeGreaterThan(1);
    connection.close(new Error('unused'));
  });

  test('a pack has no more acknowledgements than half of the receive buffer holds', async () => {
    const { kernel, connection } = connect();
    await Promise.all(Array.from({ length: 300 }, (_, i) => connection.request(change(i + 1))));
    expect(kernel.packs.map((pack) => pack.length)).toEqual([128, 128, 44]);
    expect(sent(kernel).flat()).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
  });

  test('and less objects', async () => {
    const { kernel, connection } = connect((request) =>
      Buffer.concat([object(request, link.codec, { index: indexOf(request) }), ack(request)]),
    );
    await Promise.all(Array.from({ length: 45 }, (_, i) => connection.request(get(i + 1))));
    expect(kernel.packs.map((pack) => pack.length)).toEqual([20, 20, 5]);
  });

  test('nor more than 64 kB; a request that is longer goes alone', async () => {
    const { kernel, connection } = connect();
    const long = (index: number, size: number) =>
      link.add({ index, unknown: [{ type: 99, data: new Uint8Array(size) }] }, 0, { operation: 'test' });
    const sizes = [30_000, 30_000, 10_000, 65_531, 10];
    await Promise.all(sizes.map((size, i) => connection.request(long(i + 1, size))));
    expect(sent(kernel)).toEqual([[1, 2], [3], [4], [5]]);
  });

  test('a dump goes alone, and nothing overtakes it', async () => {
    const { kernel, connection } = connect((request) => (isDump(request) ? done(request) : ack(request)));
    await Promise.all([
      connection.request(change(1)),
      connection.request(change(2)),
      connection.request(dump()),
      connection.request(dump()),
      connection.request(change(3)),
      connection.request(change(4)),
    ]);
    expect(sent(kernel)).toEqual([[1, 2], [0], [0], [3, 4]]);
  });
});

describe('results', () => {
  test('one of three fails alone', async () => {
    const { kernel, connection } = connect((request) => ack(request, indexOf(request) === 2 ? EEXIST : 0));
    const results = await Promise.allSettled([1, 2, 3].map((index) => connection.request(change(index))));
    expect(kernel.packs).toHaveLength(1);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const reason = reasonOf(results[1]);
    expect(reason).toMatchObject({
      name: 'NetlinkError',
      code: 'EEXIST',
      errno: 17,
      operation: 'set link',
      device: 2,
      netns: 'red',
      message: 'EEXIST: set link 2 in namespace red',
    });
    expect(reason).not.toHaveProperty('option', expect.anything());
  });

  test('are matched by number, not by order', async () => {
    const kernel = new FakeKernel();
    const connection = new Connection(async (datagram) => {
      await kernel.transact(datagram);
      const backwards = kernel.packs.at(-1)!.toReversed();
      const bytes = backwards.map((request) =>
        Buffer.concat([object(request, link.codec, { index: 10 * indexOf(request) }), ack(request)]),
      );
      return { bytes: Buffer.concat(bytes), errno: 0 };
    }, 'red');
    const replies = await Promise.all([1, 2, 3].map((index) => connection.request(get(index))));
    expect(replies).toMatchObject([{ index: 10 }, { index: 20 }, { index: 30 }]);
  });

  test('what nobody has asked for is passed over', async () => {
    const { connection } = connect((request) => {
      const stale = { ...request, sequence: 12345 };
      return Buffer.concat([ack(stale, EINVAL), object(stale, link.codec, { index: 9 }), ack(request)]);
    });
    await expect(connection.request(get(1))).resolves.toBeUndefined();
  });

  test('all objects of a dump', async () => {
    const { connection } = connect((request) =>
      Buffer.concat([1, 2].map((index) => object(request, link.codec, { index })).concat(done(request))),
    );
    await expect(connection.request(dump())).resolves.toMatchObject([{ index: 1 }, { index: 2 }]);
  });

  test('a dump that is refused, at once or at its end', async () => {
    for (const refuse of [ack, (request: Message, errno: number) => done(request, { errno })]) {
      const { connection } = connect((request) => refuse(request, EPERM));
      const error = await refused(connection.request(dump()));
      expect(error).toMatchObject({ code: 'EPERM', operation: 'list links' });
      expect(error).not.toBeInstanceOf(DumpInterruptedError);
    }
  });

  test('the kernel’s sentence, and the option at fault', async () => {
    const request = link.add(
      { index: 1, mtu: 1500, info: { kind: 'veth', data: { peer: { ...HEAD, name: 'b', mtu: 70_000 } } } },
      0,
      { operation: 'create veth', device: 'a' },
    );
    const offset = request.bytes.length - 8;
    const { connection } = connect((one) =>
      ack(one, EINVAL, { sentence: 'mtu greater than device maximum', offset }),
    );
    const error = await refused(connection.request(request));
    expect(error).toMatchObject({
      code: 'EINVAL',
      device: 'a',
      extack: 'mtu greater than device maximum',
      option: 'peer.mtu',
      message:
        'EINVAL: create veth a in namespace red: mtu greater than device maximum: ' + "option 'peer.mtu'",
    });
  });

  test('the option at fault, as the caller calls it', async () => {
    const called = { mtu: 'size' };
    const request = link.add({ index: 1, mtu: 1 }, 0, { operation: 'set link', called });
    const { connection } = connect((one) => ack(one, EINVAL, { offset: 32 }));
    expect(await refused(connection.request(request))).toMatchObject({ option: 'size' });
  });

  test('an offset counts from the request, wherever it lies in the pack', async () => {
    const { connection } = connect((one) =>
      indexOf(one) === 2 ? ack(one, EINVAL, { offset: 32 }) : ack(one),
    );
    const set = (index: number) => link.add({ index, mtu: 1 }, 0, { operation: 'set link' });
    const [, failed] = await Promise.allSettled([set(1), set(2)].map((one) => connection.request(one)));
    expect(failed).toMatchObject({ status: 'rejected', reason: { option: 'mtu' } });
  });

  test('a sentence of success is no failure', async () => {
    const { connection } = connect((request) => ack(request, 0, { sentence: 'a warning' }));
    await expect(connection.request(change(1))).resolves.toBeUndefined();
  });
});

describe('closing', () => {
  test('what waits is rejected with the reason, what is in flight settles', async () => {
    const { kernel, connection } = connect();
    kernel.hold();
    const flying = connection.request(change(1));
    await setImmediate();
    const waiting = connection.request(change(2));
    const reason = new Error('closed');
    connection.close(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(connection.request(change(3))).rejects.toBe(reason);
    kernel.release();
    await expect(flying).resolves.toBeUndefined();
    expect(sent(kernel)).toEqual([[1]]);
  });

  test('in the tick of the request: nothing is sent', async () => {
    const { kernel, connection } = connect();
    const waiting = connection.request(change(1));
    const reason = new Error('closed');
    connection.close(reason);
    await expect(waiting).rejects.toBe(reason);
    await setImmediate();
    expect(kernel.packs).toEqual([]);
  });

  test('twice: the first reason stays', async () => {
    const { connection } = connect();
    const reason = new Error('first');
    connection.close(reason);
    connection.close(new Error('second'));
    await expect(connection.request(change(1))).rejects.toBe(reason);
  });

  test('a dump that would be repeated ends with what it has', async () => {
    const { kernel, connection } = connect((request) =>
      Buffer.concat([object(request, link.codec, { index: 1 }), done(request, { flags: NLM_F_DUMP_INTR })]),
    );
    kernel.hold();
    const flying = refused(connection.request(dump()));
    await setImmediate();
    connection.close(new Error('closed'));
    kernel.release();
    expect(await flying).toMatchObject({ code: 'EINTR', partial: [{ index: 1 }] });
    expect(kernel.packs).toHaveLength(1);
  });
});

test('where no thread can be started, the error has the limit and what to do', async () => {
  const failure = Object.assign(new Error('EAGAIN'), {
    code: 'EAGAIN',
    errno: 11,
    syscall: 'pthread_create',
  });
  const connection = new Connection(async () => Promise.reject(failure), 'red');
  expect((await refused(connection.request(change(1)))).message).toMatch(
    /: nothing was sent \(pthread_create\): no thread or process can be started: raise the limit of this user \(ulimit -u\)/,
  );
});
