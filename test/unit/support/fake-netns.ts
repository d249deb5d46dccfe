import { constants } from 'node:os';
import type { HeadedCodec } from '../../../lib/netlink/attributes';
import { Bytes } from '../../../lib/netlink/bytes';
import { Connection } from '../../../lib/netlink/connection';
import { type Message, NLM_F_ECHO, NLMSG_HDRLEN } from '../../../lib/netlink/message';
import type { Request } from '../../../lib/netlink/object';
import { Netns } from '../../../lib/netns/netns';
import { link } from '../../../lib/netlink/rtnetlink/link';
import { capture, type Noun } from '../../golden/captures';
import { ack, FakeKernel, object } from './fake-kernel';

const RTM_GETLINK = 18;

/** The index of what is created, where the request has none. */
const NEW = 11;

/** What the devices of the captures are called. */
const DEVICES: Readonly<Record<string, number>> = { br0: 10, va: 20, vb: 21 };

/** The descriptor by which `ip` had the other namespace when it was captured. */
const FD = 4;

type Reported = Readonly<Partial<ReturnType<typeof link.read>>>;

function answer(request: Message, reported: Reported): Buffer {
  const echoes = (request.flags & NLM_F_ECHO) !== 0;
  if (request.type !== RTM_GETLINK && !echoes) return ack(request);
  const { index, name = '' } = link.read(request);
  const found = index !== 0 ? index : echoes ? NEW : DEVICES[name];
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
export function fakeNetns(reported: Reported = {}): { netns: Netns; asked: () => Message[] } {
  const kernel = new FakeKernel((request) => answer(request, reported));
  return {
    netns: netnsOf(new Connection(kernel.transact, 'red')),
    asked: () => kernel.packs.flat().filter(({ type }) => type !== RTM_GETLINK),
  };
}

/** A namespace 'red' at the end of a connection. */
export function netnsOf(connection: Connection): Netns {
  return Object.assign(Object.create(Netns.prototype) as Netns, {
    request: <T>(request: Request<T>) => connection.request(request),
    lend: <T>(_: string, use: (access: { fd: number }) => Promise<T>) => use({ fd: FD }),
    access: () => ({ fd: FD }),
    toString: () => 'red',
  });
}
