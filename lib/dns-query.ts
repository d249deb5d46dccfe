import { randomInt } from 'node:crypto';
import net from 'node:net';
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { decode, type DecodedPacket, encode, RECURSION_DESIRED } from 'dns-packet';
import { openUnlessAborted } from './abort';
import { dial } from './dial';
import { type Endpoint, familyOf, toSockaddr } from './endpoint';
import { isSystemError, toNetnsError } from './error';
import { handOver } from './hand-over';
import { inetSocket } from './inet-socket';
import { type Descriptor, native, type Received } from './native';
import type { Netns } from './netns';

/** The types of dns-packet lack it. */
export type DnsAnswer = DecodedPacket & { rcode: string };

export interface Question {
  name: string;
  type: 'A' | 'AAAA';
}

const DNS_PORT = 53;

/** Asks one server one question: by UDP, and by TCP if the answer did not fit (RFC 1035, 4.2; RFC 7766). */
export async function query(
  netns: Netns,
  server: string,
  question: Question,
  { tcp, signal }: { tcp: boolean; signal: AbortSignal },
): Promise<DnsAnswer> {
  const to = { address: server, port: DNS_PORT };
  const id = randomInt(0x10000);
  const packet = encode({
    type: 'query',
    id,
    flags: RECURSION_DESIRED,
    questions: [{ ...question, class: 'IN' }],
  });
  // what is not the answer, or no message at all, is somebody else's: the question is repeated in an answer
  const answerIn = (bytes: Buffer): DnsAnswer | undefined => {
    let answer: DnsAnswer;
    try {
      answer = decode(bytes) as DnsAnswer;
    } catch {
      return undefined;
    }
    const { name, type } = answer.questions?.[0] ?? {};
    const same = type === question.type && name?.toLowerCase() === question.name.toLowerCase();
    return answer.flag_qr && answer.id === id && same ? answer : undefined;
  };
  if (!tcp) {
    const answer = await byUdp(netns, to, packet, answerIn, signal);
    if (!answer.flag_tc) return answer;
  }
  return byTcp(netns, to, packet, answerIn, signal);
}

type AnswerIn = (bytes: Buffer) => DnsAnswer | undefined;

async function byUdp(
  netns: Netns,
  to: Endpoint,
  packet: Buffer,
  answerIn: AnswerIn,
  signal: AbortSignal,
): Promise<DnsAnswer> {
  const sockaddr = await toSockaddr(netns, to);
  const operation = `ask the name server ${to.address} from namespace`;
  const opening = netns.openSocket(operation, inetSocket(familyOf(to.address), 'datagram', {}));
  let socket: Descriptor;
  try {
    socket = await openUnlessAborted(signal, opening, (late) => late.close());
  } catch (error) {
    throw isSystemError(error) ? toNetnsError(error, operation, netns.toString()) : error;
  }
  let stop: (() => void) | undefined;
  let abort: (() => void) | undefined;
  try {
    signal.throwIfAborted();
    return await new Promise<DnsAnswer>((resolve, reject) => {
      const fail = (errno: number) => reject(refusal(to, errno));
      const take = (received: Received[]) => {
        for (const item of received) {
          if ('errno' in item) {
            fail(item.errno);
            continue;
          }
          const answer = answerIn(item.bytes);
          if (answer !== undefined) resolve(answer);
        }
      };
      abort = () => reject(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true });
      // connected, it hears nobody else, and of a server that is not there
      const refused = native().connectSocket(socket, sockaddr);
      if (refused !== 0) {
        fail(refused);
        return;
      }
      stop = native().watchSocket(socket, true, take);
      const { errno } = native().sendDatagram(socket, packet, null);
      if (errno !== 0) fail(errno);
    });
  } finally {
    if (abort !== undefined) signal.removeEventListener('abort', abort);
    stop?.();
    socket.close();
  }
}

async function byTcp(
  netns: Netns,
  to: Endpoint,
  packet: Buffer,
  answerIn: AnswerIn,
  signal: AbortSignal,
): Promise<DnsAnswer> {
  const descriptor = await dial(netns, to, {}, signal);
  const socket = handOver(descriptor, (fd) => new net.Socket({ fd, readable: true, writable: true, signal }));
  try {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(packet.length);
    socket.write(Buffer.concat([length, packet]));
    let bytes = Buffer.alloc(0);
    for await (const part of socket as AsyncIterable<Buffer>) {
      bytes = Buffer.concat([bytes, part]);
      if (bytes.length < 2 || bytes.length < 2 + bytes.readUInt16BE()) continue;
      const answer = answerIn(bytes.subarray(2, 2 + bytes.readUInt16BE()));
      if (answer === undefined) break;
      return answer;
    }
    throw refusal(to, constants.errno.EPROTO);
  } finally {
    socket.destroy();
  }
}

function refusal({ address, port }: Endpoint, errno: number): Error {
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(`${code}: ${address}:${port}`), { code, errno: -errno, address, port });
}
