// Kernels that do not echo a new link, as those before 6.2. They are made up: no kernel loses a device on request.
import { constants } from 'node:os';
import { createLink } from '../../../lib/links/create-link';
import type { Netns } from '../../../lib/netns/netns';
import { Connection } from '../../../lib/netlink/connection';
import type { Message } from '../../../lib/netlink/message';
import { link } from '../../../lib/netlink/rtnetlink/link';
import { ack, FakeKernel, object } from '../support/fake-kernel';
import { netnsOf } from '../support/fake-netns';

const { EEXIST, ENODEV } = constants.errno;
const { add, get, remove } = link.verbs;

type Answer = (request: Message, index: number) => Buffer;

/** Creates a device without a name by a kernel that answers by type. @returns what became of it, and what was asked. */
async function create(answers: Readonly<Record<number, Answer>>) {
  const asked: [type: number, index: number][] = [];
  const kernel = new FakeKernel((request) => {
    const { index } = link.read(request);
    asked.push([request.type, index]);
    return answers[request.type]?.(request, index) ?? ack(request);
  });
  const netns: Netns = netnsOf(new Connection(kernel.transact, 'red'));
  const [made] = await Promise.allSettled([createLink(netns, { kind: 'dummy' })]);
  return { made, asked };
}

const found: Answer = (request, index) =>
  Buffer.concat([object(request, link.codec, { index, name: 'dummy0' }), ack(request)]);

describe('a device that the kernel does not echo', () => {
  test('is asked for by its index, in the same datagram', async () => {
    const { made, asked } = await create({ [get]: found });
    const index = asked[0]![1];
    expect(index).toBeGreaterThanOrEqual(2 ** 24);
    expect(asked).toEqual([
      [add, index],
      [get, index],
    ]);
    expect(made).toEqual({ status: 'fulfilled', value: { index, name: 'dummy0' } });
  });

  test('gets another index where another device has that one', async () => {
    let tries = 0;
    const { made, asked } = await create({
      [add]: (request) => ack(request, tries++ === 0 ? EEXIST : 0),
      [get]: found,
    });
    const indexes = asked.map(([, index]) => index);
    expect(asked.map(([type]) => type)).toEqual([add, get, add, get]);
    expect(indexes[2]).not.toBe(indexes[0]);
    expect(made).toMatchObject({ status: 'fulfilled', value: { index: indexes[2] } });
  });

  test('is taken back if it is not found', async () => {
    const { made, asked } = await create({ [get]: (request) => ack(request, ENODEV) });
    const index = asked[0]![1];
    expect(asked).toEqual([
      [add, index],
      [get, index],
      [remove, index],
    ]);
    expect(made).toMatchObject({ status: 'rejected', reason: { code: 'ENODEV', operation: 'create dummy' } });
  });
});
