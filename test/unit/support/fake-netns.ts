import { constants } from 'node:os';
import type { HeadedCodec } from '../../../lib/netlink/attributes';
import { Bytes } from '../../../lib/netlink/bytes';
import { Connection, type Transact } from '../../../lib/netlink/connection';
import { controller, GENL_ID_CTRL } from '../../../lib/netlink/genetlink/controller';
import { type Message, NLM_F_ECHO, NLMSG_HDRLEN } from '../../../lib/netlink/message';
import type { Request } from '../../../lib/netlink/object';
import { Sequence } from '../../../lib/netlink/sequence';
import { Netns } from '../../../lib/netns/netns';
import { link } from '../../../lib/netlink/rtnetlink/link';
import { capture, type Noun } from '../../golden/captures';
import { ack, FakeKernel, object } from './fake-kernel';

const RTM_GETLINK = 18;

/** The index of what is created, where the request has none. */
const NEW = 11;

type Devices = Readonly<Record<string, number>>;

/** What the devices of the captures are called. */
const DEVICES: Devices = { br0: 10, va: 20, vb: 21 };

/** The descriptor by which `ip` had the other namespace when it was captured. */
const FD = 4;

type Reported = Readonly<Partial<ReturnType<typeof link.read>>>;

function answer(request: Message, reported: Reported, devices: Devices): Buffer {
  const echoes = (request.flags & NLM_F_ECHO) !== 0;
  if (request.type !== RTM_GETLINK && !echoes) return ack(request);
  const { index, name = '' } = link.read(request);
  const found = index !== 0 ? index : echoes ? NEW : devices[name];
  if (found === undefined) return ack(request, constants.errno.ENODEV);
  return Buffer.concat([object(request, link.codec, { ...reported, index: found, name }), ack(request)]);
}

export interface Said {
  type: number;
  flags: number;
  value: unknown;
}

/** A message in words: two that are alike but for the order of their attributes are equal. */
export function said({ type, flags, from, start, end }: Message, codec: HeadedCodec<unknown, object>): Said {
  return { type, flags, value: codec.read(from, start, end) };
}

/** What a command of `ip` said. */
export function ipSaid(noun: Noun, command: string, codec: HeadedCodec<unknown, object>): Said {
  const { request } = capture(noun, command);
  const [type, flags] = [request.readUInt16LE(4), request.readUInt16LE(6)];
  const from = new Bytes(request);
  return said({ type, flags, sequence: 0, from, start: NLMSG_HDRLEN, end: request.length }, codec);
}

/**
 * A namespace without a kernel, and what it was asked besides devices. `reported` is what it reports of each device,
 * besides index and name.
 */
export function fakeNetns(
  reported: Reported = {},
  devices = DEVICES,
): { netns: Netns; asked: () => Message[] } {
  const kernel = new FakeKernel((request) => answer(request, reported, devices));
  return {
    netns: netnsOf(new Connection(kernel.transact, 'red')),
    asked: () => kernel.packs.flat().filter(({ type }) => type !== RTM_GETLINK),
  };
}

/** The same, whose kernel has all families of generic netlink, each with all commands, and the number 0. */
export function fakeGenericNetns(): { netns: Netns; asked: () => Message[] } {
  const operations = Array.from({ length: 0x100 }, (_, id) => ({ id, flags: 0 }));
  const kernel = new FakeKernel((request) => {
    const found = { command: 1, version: 2, id: 0, operations };
    if (request.type !== GENL_ID_CTRL) return ack(request);
    return Buffer.concat([object(request, controller.codec, found), ack(request)]);
  });
  return {
    netns: netnsOf(new Connection(kernel.transact, 'red'), kernel.transact),
    asked: () => kernel.packs.flat().filter(({ type }) => type !== GENL_ID_CTRL),
  };
}

/** A namespace 'red' at the end of a connection, with sockets of its own for generic netlink. */
export function netnsOf(connection: Connection, transact?: Transact): Netns {
  const numbers = new Sequence();
  return Object.assign(Object.create(Netns.prototype) as Netns, {
    request: <T>(request: Request<T>) => connection.request(request),
    lend: <T>(_: string, use: (access: { fd: number }) => Promise<T>) => use({ fd: FD }),
    access: () => ({ fd: FD }),
    exchange: async (_: unknown, __: unknown, bytes: Uint8Array) => transact?.(bytes),
    numbers: () => numbers,
    toString: () => 'red',
  });
}
