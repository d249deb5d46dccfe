import net from 'node:net';
import { connect, createNetns, currentNetns, listen, type Netns, setLink } from '../../lib';
import { summarize } from '../runner/stats';

/**
 * Sockets through a namespace beside those of plain node on the host: connections made and accepted in a second, one
 * after another and many at once, and bytes through one that is there. Both servers and both clients are in this process,
 * by turns; told are medians and the ratio to plain node.
 */

const ROUNDS = Number(process.argv[2] ?? 9);
const CONNECTIONS = 500;
const AT_ONCE = 50;
const MEGABYTES = 512;
const PORT = 8080;

interface Way {
  title: string;
  listen(server: net.Server): Promise<net.Server>;
  connect(): Promise<net.Socket>;
}

const plain: Way = {
  title: 'plain node, on the host',
  listen: async (server) => new Promise((resolve) => server.listen(PORT, '127.0.0.1', () => resolve(server))),
  connect: async () =>
    new Promise((resolve, reject) => {
      const socket = net.connect(PORT, '127.0.0.1', () => resolve(socket));
      socket.on('error', reject);
    }),
};

const through = (netns: Netns, title: string): Way => ({
  title,
  listen: async (server) => listen(netns, server, { port: PORT, host: '127.0.0.1' }),
  connect: async () => connect(netns, { port: PORT, host: '127.0.0.1' }),
});

/** Connects, waits for the server to close, and is gone. */
async function once(way: Way): Promise<void> {
  const socket = await way.connect();
  await new Promise((resolve) => socket.on('close', resolve).resume());
}

async function perSecond(way: Way, atOnce: number): Promise<number> {
  const server = await way.listen(net.createServer((socket) => socket.end()));
  const start = performance.now();
  const each = CONNECTIONS / atOnce;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let i = 0; i < each; i++) await once(way);
    }),
  );
  const elapsed = performance.now() - start;
  await new Promise((resolve) => server.close(resolve));
  return (CONNECTIONS / elapsed) * 1000;
}

async function megabytesPerSecond(way: Way): Promise<number> {
  const chunk = Buffer.alloc(64 * 1024);
  const server = await way.listen(
    net.createServer((socket) => {
      let left = (MEGABYTES * 1024 * 1024) / chunk.length;
      const write = (): void => {
        while (left-- > 0) {
          if (!socket.write(chunk)) {
            socket.once('drain', write);
            return;
          }
        }
        socket.end();
      };
      write();
    }),
  );
  const socket = await way.connect();
  const start = performance.now();
  await new Promise((resolve) => socket.on('close', resolve).resume());
  const elapsed = performance.now() - start;
  await new Promise((resolve) => server.close(resolve));
  return (MEGABYTES / elapsed) * 1000;
}

const MEASURES = [
  ['connections/s, one after another', async (way: Way) => perSecond(way, 1)],
  [`connections/s, ${AT_ONCE} at once`, async (way: Way) => perSecond(way, AT_ONCE)],
  ['MB/s once connected', megabytesPerSecond],
] as const;

async function main(): Promise<void> {
  const host = await currentNetns();
  const netns = await createNetns();
  for (const one of [host, netns]) await setLink(one, 'lo', { up: true });
  const ways = [plain, through(host, 'rtnetns, on the host'), through(netns, 'rtnetns, in a namespace')];
  for (const [title, measure] of MEASURES) {
    const results = ways.map((): number[] => []);
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [i, way] of ways.entries()) {
        const result = await measure(way);
        if (round > 0) results[i]?.push(result); // compiled, and the heap at its size
      }
    }
    // each round by itself, as the machine is not equally fast at all times
    for (const [i, way] of ways.entries()) {
      const { median } = summarize(results[i] ?? []);
      const ratios = (results[i] ?? []).map((value, round) => value / (results[0]?.[round] ?? NaN));
      const ratio = summarize(ratios).median.toFixed(3);
      console.log(
        `${title.padEnd(34)} ${way.title.padEnd(26)} ${median.toFixed(0).padStart(7)}   × ${ratio}`,
      );
    }
  }
  netns.close();
  host.close();
}

void main();
