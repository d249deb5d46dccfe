import { subscribe, tracingChannel } from 'node:diagnostics_channel';
import type { Reply } from '../../lib/addon/native';
import { Connection } from '../../lib/netlink/connection';
import { link } from '../../lib/netlink/rtnetlink/link';
import { format, summarize } from '../runner/stats';

/**
 * The CPU time of a request in JavaScript, with a kernel that acknowledges at once: alone, and a hundred together. With
 * `traced` a subscriber listens on node's diagnostics channels; with NODE_DEBUG=rtnetns each message is printed, so
 * send standard error elsewhere.
 */

const [rounds = '200', listening = ''] = process.argv.slice(2);
const ROUNDS = Number(rounds);
const TOGETHER = 100;
const TIMES = 10;

const HEADER = 16;
const ACKNOWLEDGEMENT = 36;
const NLMSG_ERROR = 2;

/** Acknowledges each request of a datagram. */
function acknowledge(datagram: Uint8Array): Promise<Reply> {
  const requests = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.length);
  const answers: Buffer[] = [];
  for (let at = 0; at < requests.length; at += (requests.readUInt32LE(at) + 3) & ~3) {
    const answer = Buffer.alloc(ACKNOWLEDGEMENT);
    answer.writeUInt32LE(ACKNOWLEDGEMENT, 0);
    answer.writeUInt16LE(NLMSG_ERROR, 4);
    requests.copy(answer, 8, at + 8, at + 12); // the sequence number
    requests.copy(answer, HEADER + 4, at, at + HEADER);
    answers.push(answer);
  }
  return Promise.resolve({ bytes: Buffer.concat(answers), errno: 0 });
}

const connection = new Connection(acknowledge, 'bench');
const request = async () =>
  connection.request(link.add({ index: 2, mtu: 1500 }, 0, { operation: 'set link', device: 2 }));

const CASES: Readonly<Record<string, () => Promise<unknown>>> = {
  alone: async () => {
    for (let i = 0; i < TOGETHER; i++) await request();
  },
  together: async () => Promise.all(Array.from({ length: TOGETHER }, request)),
};

async function main(): Promise<void> {
  if (listening === 'traced') {
    const none = () => undefined;
    tracingChannel('rtnetns:request').subscribe({
      start: none,
      end: none,
      asyncStart: none,
      asyncEnd: none,
      error: none,
    });
    subscribe('rtnetns:event', none);
  }
  for (const [title, run] of Object.entries(CASES)) {
    const taken: number[] = [];
    for (let round = -ROUNDS; round < ROUNDS; round++) {
      const before = process.cpuUsage();
      for (let i = 0; i < TIMES; i++) await run();
      const { user, system } = process.cpuUsage(before);
      // the first rounds are start-up
      if (round >= 0) taken.push((user + system) / TIMES / TOGETHER);
    }
    const { median, min } = summarize(taken);
    console.log(`${title.padEnd(10)} ${format(median).padStart(6)} µs a request, at best ${format(min)}`);
  }
}

void main();
