import { constants } from 'node:os';
import { attributes } from '../../../lib/netlink/attributes';
import { Bytes } from '../../../lib/netlink/bytes';
import { u32 } from '../../../lib/netlink/codec';
import { controller } from '../../../lib/netlink/genetlink/controller';
import { GenericMessages } from '../../../lib/netlink/genetlink/message';
import { type Message, NLMSG_HDRLEN } from '../../../lib/netlink/message';
import { Sequence } from '../../../lib/netlink/sequence';
import { genericRequest } from '../../../lib/netns/generic';
import type { Netns } from '../../../lib/netns/netns';
import { ack, type Answer, FakeKernel, object } from '../support/fake-kernel';

const FAMILY = {
  name: 'colors',
  version: 2,
  commands: { getColor: 7, setColor: 8 },
  missing: 'this kernel has no colors',
};
const color = new GenericMessages(FAMILY, attributes({ red: [1, u32], green: [2, u32] }));
const ATTEMPT = { operation: 'get color of', device: 'eth0' };

const CONTROLLER = 16;

/** A namespace whose kernel knows the family by these numbers, one after the other, or not at all. */
function fake(
  ids: readonly number[],
  operations: readonly number[],
  answer: Answer = (request) => ack(request),
) {
  const left = [...ids];
  const kernel = new FakeKernel((request) => {
    if (request.type !== CONTROLLER) return answer(request);
    const id = left.shift();
    if (id === undefined) return ack(request, constants.errno.ENOENT);
    const value = {
      command: 1,
      version: 2,
      id,
      operations: operations.map((one) => ({ id: one, flags: 14 })),
    };
    return Buffer.concat([object(request, controller.codec, value), ack(request)]);
  });
  const numbers = new Sequence();
  const netns = {
    exchange: async (_: unknown, __: unknown, bytes: Uint8Array) => kernel.transact(bytes),
    numbers: () => numbers,
    toString: () => 'red',
  } as unknown as Netns;
  return { netns, asked: () => kernel.packs.flat() };
}

const said = ({ from, start, end }: Message) => color.codec.read(from, start, end);

test('a request goes to the number that the family has at that time', async () => {
  const reply: Answer = (request) =>
    Buffer.concat([object(request, color.codec, { command: 99, version: 2, green: 3 }), ack(request)]);
  const { netns, asked } = fake([31, 32], [7, 8], reply);
  expect(await genericRequest(netns, color.ask('getColor', { red: 5 }, ATTEMPT))).toEqual({ green: 3 });
  await genericRequest(netns, color.tell('setColor', { green: 6 }, ATTEMPT));
  expect(asked().map(({ type }) => type)).toEqual([CONTROLLER, 31, CONTROLLER, 32]);
  expect(new Set(asked().map(({ sequence }) => sequence)).size).toBe(4);
  const [question, get, , set] = asked();
  const { from, start, end } = question!;
  expect(controller.codec.read(from, start, end)).toEqual({
    command: 'getFamily',
    version: 1,
    name: 'colors',
  });
  expect(said(get!)).toEqual({ command: 'getColor', version: 2, red: 5 });
  expect(said(set!)).toEqual({ command: 'setColor', version: 2, green: 6 });
});

test('the bytes of a request, whose type is not known yet', () => {
  const { bytes } = color.tell('setColor', { red: 0x01020304 }, ATTEMPT);
  const empty = '1c000000' + '0000' + '0500' + '00000000' + '00000000';
  expect(bytes.toString('hex')).toBe(`${empty}080200000800010004030201`);
  expect(color.codec.read(new Bytes(bytes), NLMSG_HDRLEN, bytes.length)).toMatchObject({ red: 0x01020304 });
});

test('a kernel without the family, or without the command', async () => {
  const { netns: without } = fake([], []);
  await expect(genericRequest(without, color.ask('getColor', {}, ATTEMPT))).rejects.toMatchObject({
    name: 'NetlinkError',
    code: 'EOPNOTSUPP',
    message: 'EOPNOTSUPP: get color of eth0 in namespace red: this kernel has no colors',
  });
  const { netns: old, asked } = fake([31], [7]);
  await expect(genericRequest(old, color.tell('setColor', {}, ATTEMPT))).rejects.toMatchObject({
    code: 'EOPNOTSUPP',
    message: "EOPNOTSUPP: get color of eth0 in namespace red: this kernel's colors is too old for it",
  });
  expect(asked()).toHaveLength(1);
});

test('a family that is gone when the request comes, and what the family itself refuses', async () => {
  for (const code of ['ENOENT', 'EOPNOTSUPP'] as const) {
    // 32 is RTM_NEWRULE of rtnetlink, which would mean something else
    const { netns } = fake([32], [7], (request) => ack(request, constants.errno[code]));
    const message = `${code}: get color of eth0 in namespace red`;
    await expect(genericRequest(netns, color.ask('getColor', {}, ATTEMPT))).rejects.toMatchObject({
      code,
      message,
    });
  }
});
