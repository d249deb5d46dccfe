import type { RemoteInfo } from 'node:dgram';
import net from 'node:net';
import { type Answer, decode, encode, type Packet, streamEncode } from 'dns-packet';
import { createSocket, listen, type Netns } from '../../lib';

export interface Reply {
  answers?: Answer[];
  /** RCODE; 0 by default. */
  rcode?: number;
  /** What does not fit by UDP. */
  truncated?: boolean;
  /** Sent before the answer. */
  before?: (query: Packet) => Buffer[];
}

/** What to answer to a question; undefined is silence. */
export type Zone = (name: string, type: string) => Reply | undefined;

/** A DNS server on port 53 of a namespace, and what it was asked: 'A name' by UDP, 'tcp A name' by TCP. */
export async function nameServer(netns: Netns, address: string, zone: Zone) {
  const asked: string[] = [];
  const answer = (bytes: Buffer, by: string): [Packet, Reply] | undefined => {
    const query = decode(bytes);
    const [{ name, type } = { name: '', type: 'A' }] = query.questions ?? [];
    asked.push(`${by}${type} ${name}`);
    const reply = zone(name.toLowerCase(), type);
    if (reply === undefined) return undefined;
    const { answers = [], rcode = 0, truncated = false } = reply;
    const cut = truncated && by === '';
    const flags = 0x8180 | rcode | (cut ? 0x0200 : 0);
    const { id, questions } = query;
    return [{ type: 'response', id: id!, flags, questions: questions!, answers: cut ? [] : answers }, reply];
  };
  const udp = await createSocket(netns, address.includes(':') ? 'udp6' : 'udp4', { address, port: 53 });
  udp.on('message', (bytes: Buffer, { port, address: from }: RemoteInfo) => {
    const [packet, reply] = answer(bytes, '') ?? [];
    if (packet === undefined) return;
    for (const other of reply?.before?.(decode(bytes)) ?? []) udp.send(other, port, from);
    udp.send(encode(packet), port, from);
  });
  const tcp = net.createServer((socket) => {
    let all = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (part: Buffer) => {
      all = Buffer.concat([all, part]);
      while (all.length >= 2 && all.length >= 2 + all.readUInt16BE()) {
        const end = 2 + all.readUInt16BE();
        const [packet] = answer(all.subarray(2, end), 'tcp ') ?? [];
        all = all.subarray(end);
        if (packet === undefined) continue;
        // in two pieces, as it may come
        const bytes = streamEncode(packet);
        socket.write(bytes.subarray(0, 3));
        socket.write(bytes.subarray(3));
      }
    });
  });
  await listen(netns, tcp, { host: address, port: 53 });
  return {
    asked: () => asked.splice(0).sort(),
    [Symbol.dispose]() {
      udp.close();
      tcp.close();
    },
  };
}
