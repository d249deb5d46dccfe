import { Writable } from 'node:stream';
import { allDone } from '../common/all-done';
import { type Capture, capture, type Lab, listLinks, type Netns } from '..';
import type { Recorded, RecordedPacket } from './pcapng';

/** Of each device, so many bytes of the latest packets are kept. */
const MOST_BYTES = 4 * 1024 * 1024;

/** The latest packets of the nodes of a lab. */
export interface Recording {
  /** Forgets the packets of before. */
  clear(): void;
  /** Ends the recording. @returns the packets, by 'web1-eth0'. */
  finish(): Promise<ReadonlyMap<string, Recorded>>;
}

/**
 * Records what the nodes send and receive that there are by now. The packets stay in memory, because most tests pass, and the packets of a
 * failed one are written together with what was learned after them.
 */
export async function recordPackets(lab: Lab): Promise<Recording> {
  const begun = await allDone([...lab.nodes].map(async ([name, netns]) => recordNode(name, netns)));
  return {
    clear: () => {
      for (const { rings } of begun) rings.clear();
    },
    finish: async () => new Map((await allDone(begun.map(async (node) => node.finish()))).flat()),
  };
}

interface NodeRecording {
  rings: Map<number, Ring>;
  finish(): Promise<[name: string, recorded: Recorded][]>;
}

/** On all devices at once, because a capture of one device ends when that goes down, as tests like to have it. */
async function recordNode(node: string, netns: Netns): Promise<NodeRecording> {
  const packets: Capture = capture(netns);
  const rings = new Map<number, Ring>();
  const written = packets.toPcap(intoRings(rings));
  written.catch(() => undefined);
  await packets.ready;
  const before = await namesOf(netns);
  return {
    rings,
    finish: async () => {
      packets.close();
      // of a node that is gone, what there was until then is what is asked for
      await written.catch(() => undefined);
      // devices may have come since, and others may be gone
      const nameOf = new Map([...before, ...(netns.open ? await namesOf(netns) : [])]);
      return [...rings].map(([index, ring]) => {
        const device = nameOf.get(index) ?? `device${index}`;
        return [`${node}-${device}`, { linkType: LINUX_SLL2, device, packets: ring.packets }];
      });
    },
  };
}

async function namesOf(netns: Netns): Promise<(readonly [index: number, name: string])[]> {
  return (await listLinks(netns)).map(({ index, name }) => [index, name] as const);
}

interface Ring {
  packets: RecordedPacket[];
  bytes: number;
}

// What `toPcap` writes of all devices: pcap-savefile(5), with the header of each packet in which its device stands, pcap-linktype(7).
const LINUX_SLL2 = 276;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const DEVICE = 4;
const NS_PER_S = 1_000_000_000n;

function intoRings(rings: Map<number, Ring>): Writable {
  let rest: Buffer = Buffer.alloc(0);
  let skipped = 0;
  return new Writable({
    write(chunk: Buffer, _, done) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const header = Math.min(FILE_HEADER - skipped, rest.length);
      skipped += header;
      rest = rest.subarray(header);
      while (rest.length >= RECORD_HEADER) {
        const end = RECORD_HEADER + rest.readUInt32LE(8);
        if (rest.length < end) break;
        keep(rings, rest.subarray(0, end));
        rest = rest.subarray(end);
      }
      done();
    },
  });
}

function keep(rings: Map<number, Ring>, record: Buffer): void {
  const data = record.subarray(RECORD_HEADER);
  const index = data.readUInt32BE(DEVICE);
  const ring = rings.get(index) ?? { packets: [], bytes: 0 };
  rings.set(index, ring);
  const time = BigInt(record.readUInt32LE(0)) * NS_PER_S + BigInt(record.readUInt32LE(4));
  ring.packets.push({ time, data, length: record.readUInt32LE(12) });
  ring.bytes += data.length;
  while (ring.bytes > MOST_BYTES) ring.bytes -= ring.packets.shift()?.data.length ?? 0;
}
