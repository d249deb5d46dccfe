import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type BpfInstruction, programBytes } from '../sockets/inet/bpf';
import { CaptureSession } from './capture-session';
import { checkDevice, checkInteger, LONGEST_TIME } from '../common/check';
import type { Device } from '../netns/device';
import { native } from '../addon/native';
import { shown } from '../common/shown';
import type { Netns } from '../netns/netns';
import type { Packet, PacketCounts } from './packet-socket';
import { pcapHeader, pcapRecord } from './pcap';

export interface CaptureOptions {
  /**
   * A program of classic BPF, as `tcpdump -ddd` prints it: only the packets for which it does not return 0. It
   * sees them from where `data` begins.
   */
  filter?: readonly BpfInstruction[];
  /** Bytes to take of each packet, 1 to 262144; whole packets by default, up to 69632 bytes. */
  snaplen?: number;
  /**
   * Has the device take in what is for others, too, where it would leave that out; false by default. A veth
   * leaves nothing out.
   */
  promiscuous?: boolean;
  /** Ends after so many packets. */
  count?: number;
  /** Ends after so many milliseconds. */
  duration?: number;
  /** Bytes that may wait in the kernel (SO_RCVBUF); 4 MiB by default. */
  buffer?: number;
  /** Ends it at once: what waits for a packet is rejected with the signal's reason. */
  signal?: AbortSignal;
}

const MOST_SNAPLEN = 262_144;
const BUFFER = 4 * 1024 * 1024;
/** SO_RCVBUF is an int, of which the kernel takes twice as much. */
const MOST_BUFFER = 0x3fffffff;

/**
 * Captures packets: what a device receives and sends, or what all devices of a namespace do where none is
 * named, as tcpdump(8) does. It begins at once; `ready` tells when nothing can be missed any more. The iterator
 * hands on one packet after another:
 *
 *     for await (const { direction, data } of capture(red, 'eth0', { count: 10 })) …
 *
 * While nobody takes them, packets wait, first here, then in the kernel's buffer, and are lost when that is
 * full: `counts()` tells how many. Leaving the loop, `count`, `duration`, `close()` and the signal end it, and
 * close its socket.
 *
 * It takes CAP_NET_RAW in the user namespace that owns the network namespace.
 *
 * @throws {@link NetnsError} where it iterates, or from `ready`: EPERM without CAP_NET_RAW; EINVAL for a filter
 * that the kernel refuses; ENETDOWN for a device that is down, or that goes down or away meanwhile (after all
 * packets of before were handed on; to see a device come up, capture from all); ERR_NETNS_CLOSED.
 * {@link NetlinkError} ENODEV for a device that is not there. The signal's reason.
 * At once: TypeError or RangeError for an option that cannot be.
 * @see packet(7), tcpdump(8), https://docs.kernel.org/networking/filter.html
 */
export function capture(netns: Netns, device?: Device, options: CaptureOptions = {}): Capture {
  native();
  if (device !== undefined) checkDevice(device);
  const { filter, snaplen = MOST_SNAPLEN, promiscuous = false, buffer = BUFFER } = options;
  const { count = Infinity, duration, signal } = options;
  if (filter !== undefined) programBytes(filter, 'filter');
  checkInteger('snaplen', snaplen, 1, MOST_SNAPLEN);
  checkInteger('buffer', buffer, 1, MOST_BUFFER);
  if (count !== Infinity) checkInteger('count', count, 1, Number.MAX_SAFE_INTEGER);
  if (duration !== undefined) checkInteger('duration', duration, 0, LONGEST_TIME);
  if (promiscuous && device === undefined) {
    throw new TypeError('promiscuous: it is for one device, got none');
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`signal: expected an AbortSignal, got ${shown(signal)}`);
  }
  const task = { device, filter, snaplen, promiscuous, buffer, count, duration, signal };
  return new Capture(new CaptureSession(netns, task), snaplen);
}

/** Packets, one after another; see {@link capture}. It is gone through once. */
export class Capture implements AsyncIterableIterator<Packet>, AsyncDisposable {
  /** Resolves when it sees each packet from now on; rejected where it cannot begin. */
  readonly ready: Promise<void>;

  readonly #session: CaptureSession;
  readonly #snaplen: number;
  readonly #packets: AsyncGenerator<Packet, void, undefined>;

  /** @internal */
  constructor(session: CaptureSession, snaplen: number) {
    this.#session = session;
    this.#snaplen = snaplen;
    this.#packets = packetsOf(session);
    this.ready = session.opened.then(() => undefined);
    this.ready.catch(() => undefined); // whoever iterates is told as well
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Packet, void>> {
    return this.#packets.next();
  }

  /** Ends it at once, and drops what has not been taken: what leaving a loop does. */
  async return(): Promise<IteratorResult<Packet, void>> {
    this.#session.packets.destroy();
    return this.#packets.return();
  }

  /** Ends it, and returns when the socket is closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#session.packets.destroy();
    await this.#session.release();
  }

  /** Ends it after the packets of before: they can still be taken. Closing twice is fine. */
  close(): void {
    this.#session.finish();
  }

  /** How many packets have been received, and how many were lost for want of room, up to now or to its end. */
  counts(): PacketCounts {
    return this.#session.counts();
  }

  /**
   * Writes all packets to a file that tcpdump, tshark and wireshark open, until the capture ends: by `count`,
   * `duration`, `close()`, or with an error. The file is whole then, and holds all packets of before.
   *
   * Its format is pcap with times in nanoseconds. Its link type is that of the device: Ethernet as a rule, or
   * LINUX_SLL2 for all devices, with the index and the direction of each packet.
   *
   * @param file a path, which is written anew, or a stream, such as the standard input of a `tshark -r -`.
   * @returns what `counts()` tells at the end.
   * @throws what iterating would; an error of node's for a file that cannot be written, and the capture ends.
   * @see pcap-savefile(5), pcap-linktype(7)
   */
  async toPcap(file: string | URL | Writable): Promise<PacketCounts> {
    await this.ready;
    this.#session.thorough = true;
    const output = typeof file === 'string' || file instanceof URL ? createWriteStream(file) : file;
    try {
      await pipeline(recordsOf(this.#session, this.#snaplen), output);
    } finally {
      this.#session.packets.destroy();
      await this.#session.release();
    }
    if (this.#session.failure !== undefined) throw this.#session.failure.reason;
    return this.counts();
  }
}

/** Whatever it ends by is no error here. */
async function* untilEnd({ packets }: CaptureSession): AsyncGenerator<Packet, void, undefined> {
  try {
    yield* packets as AsyncIterable<Packet>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

async function* packetsOf(session: CaptureSession): AsyncGenerator<Packet, void, undefined> {
  yield* untilEnd(session);
  if (session.failure !== undefined) throw session.failure.reason;
}

async function* recordsOf(session: CaptureSession, snaplen: number): AsyncGenerator<Buffer, void, undefined> {
  const linkType = await session.opened;
  yield pcapHeader(linkType, snaplen);
  for await (const packet of untilEnd(session)) yield pcapRecord(linkType, packet);
}
