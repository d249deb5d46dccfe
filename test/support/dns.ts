import { once } from 'node:events';
import { decode, type DecodedPacket, encode, type Packet } from 'dns-packet';
import { connect, createSocket, type Netns } from '../../lib';
import { run } from './ip';
import { lines } from './lines';

/** c-ares, as node has it, with nothing kept from before. */
const CLIENT = `
const { Resolver } = require('node:dns').promises;
const [server, questions] = JSON.parse(process.argv[1]);
const ask = async ([name, type]) => {
  const resolver = new Resolver({ timeout: 2000, tries: 1 });
  resolver.setServers([server]);
  try {
    if (type === 'reverse') return await resolver.reverse(name);
    return await resolver.resolve(name, type, { ttl: false });
  } catch ({ code }) {
    return code;
  }
};
Promise.all(questions.map(ask)).then((all) => console.log(JSON.stringify(all)));
`;

/** What c-ares finds in a namespace: records, or its code for their lack. 'reverse' is for the names of an address. */
export async function ask(
  netns: Netns,
  server: string,
  ...questions: readonly (readonly [name: string, type?: string])[]
): Promise<unknown[]> {
  const asked = questions.map(([name, type = 'A']) => [name, type]);
  const server53 = server.includes(':') ? `[${server}]` : server;
  const argument = JSON.stringify([server53, asked]);
  return JSON.parse(await run(netns, process.execPath, '-e', CLIENT, argument)) as unknown[];
}

/** What glibc finds in a namespace that has a name, with the files that \`ip netns exec\` binds over those of /etc. */
export async function getent(netns: Netns, database: string, key: string): Promise<string[]> {
  const args = ['netns', 'exec', netns.name ?? '', 'getent', database, key];
  const output = await run(undefined, 'ip', ...args).catch((error: unknown) => {
    // 'not found'
    if ((error as { code: number }).code !== 2) throw error;
    return '';
  });
  return [...new Set(lines(output).map((line) => line.split(/\s+/).slice(0, 2).join(' ')))];
}

export function question(name: string, more: Packet = {}, type: 'A' | 'AAAA' | 'TXT' | 'AXFR' = 'A'): Buffer {
  return encode({ type: 'query', id: 7, flags: 0x0100, questions: [{ name, type, class: 'IN' }], ...more });
}

export type Answered = DecodedPacket & { rcode: string };

/** Sends messages by UDP, of which each is to be answered, or the last alone. @returns the answers' bytes. */
export async function byUdp(netns: Netns, server: string, messages: Buffer[], count = messages.length) {
  const socket = await createSocket(netns, server.includes(':') ? 'udp6' : 'udp4');
  const all: Buffer[] = [];
  try {
    const answered = new Promise<void>((resolve) => {
      socket.on('message', (bytes: Buffer) => {
        all.push(bytes);
        if (all.length === count) resolve();
      });
    });
    for (const message of messages) socket.send(message, 53, server);
    await answered;
    return all;
  } finally {
    socket.close();
  }
}

/** The same by TCP, on one connection, until it is closed. */
export async function byTcp(netns: Netns, server: string, messages: Buffer[], count = messages.length) {
  const socket = await connect(netns, { host: server, port: 53 });
  socket.on('error', () => undefined);
  let bytes = Buffer.alloc(0);
  const all: Buffer[] = [];
  const closed = once(socket, 'close');
  socket.on('data', (part: Buffer) => {
    bytes = Buffer.concat([bytes, part]);
    while (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE()) {
      const end = 2 + bytes.readUInt16BE();
      all.push(bytes.subarray(2, end));
      bytes = bytes.subarray(end);
    }
    if (all.length === count) socket.destroy();
  });
  for (const message of messages) {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(message.length);
    socket.write(Buffer.concat([length, message]));
  }
  await closed;
  return all;
}

export async function askUdp(netns: Netns, server: string, message: Buffer): Promise<Answered> {
  const [bytes] = await byUdp(netns, server, [message]);
  return decode(bytes!) as Answered;
}

export async function askTcp(netns: Netns, server: string, message: Buffer): Promise<Answered> {
  const [bytes] = await byTcp(netns, server, [message]);
  return decode(bytes!) as Answered;
}
