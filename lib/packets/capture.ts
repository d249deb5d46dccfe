import { createWriteStream } from 'node:fs';
import { finished, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type BpfInstruction, programBytes } from '../sockets/inet/bpf';
import { CaptureSession } from './capture-session';
import { checkDevice, checkInteger, LONGEST_TIME } from '../common/check';
import type { Device } from '../netns/device';
import { native } from '../addon/native';
import { checkOptions, isSignal, optionTable, trueOrFalse } from '../common/options';
import { shown } from '../common/shown';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import type { Packet, PacketCounts } from './packet-socket';
import { pcapHeader, pcapRecord } from './pcap';

/** Which packets are captured, how much of each, and until when. */
export interface CaptureOptions {
  /**
   * A program of classic BPF, as `tcpdump -ddd` prints it: only packets are captured for which the program does not
   * return 0. The program sees a packet from where its `data` begins.
   */
  filter?: readonly BpfInstruction[];
  /** Bytes to take of each packet, 1 to 262144; whole packets by default, up to 69632 bytes. */
  snaplen?: number;
  /**
   * Has the device receive frames that are addressed to others, too; false by default. A veth receives them anyway.
   */
  promiscuous?: boolean;
  /** Ends the capture after so many packets. */
  count?: number;
  /** Ends the capture after so many milliseconds, 0 to 2147483646. */
  duration?: number;
  /** Bytes that may wait in the kernel (SO_RCVBUF); 4 MiB by default. */
  buffer?: number;
  /** Ends the capture at once: a `next()` that waits for a packet is rejected with the signal's reason. */
  signal?: AbortSignal;
}

const OPTIONS = optionTable<CaptureOptions>({
  filter: programBytes,
  snaplen: true,
  promiscuous: trueOrFalse,
  count: true,
  duration: true,
  buffer: true,
  signal: isSignal,
});

const MOST_SNAPLEN = 262_144;
const BUFFER = 4 * 1024 * 1024;
/** SO_RCVBUF is an int, of which the kernel takes twice as much. */
const MOST_BUFFER = 0x3fffffff;

/**
 * Captures the packets that a device receives and sends, or those of all devices of a namespace where no device is
 * given, as tcpdump(8) does. The capture begins at once; from the time at which `ready` resolves no packet is missed.
 * The iterator hands on one packet after another:
 *
 *     for await (const { direction, data } of capture(red, 'eth0', { count: 10 })) …
 *
 * While nobody takes them, packets wait, first in this process and then in the kernel's buffer, and are lost when that
 * buffer is full: `counts()` returns how many. Leaving the loop, `count`, `duration`, `close()` and the signal end the
 * capture, and close its socket.
 *
 * A capture needs CAP_NET_RAW in the user namespace that owns the network namespace.
 *
 * @throws {@link NetnsError} from `next()` and from `ready`: EPERM without CAP_NET_RAW; EINVAL for a filter that the
 * kernel refuses; ENETDOWN for a device that is down, or that goes down or away meanwhile (after all packets of before
 * were handed on; to see a device come up, capture from all devices); ERR_NETNS_CLOSED.
 * {@link NetlinkError} ENODEV for a device that is not there. The signal's reason.
 * At once: TypeError or RangeError for an option that cannot be.
 * @see packet(7), tcpdump(8), https://docs.kernel.org/networking/filter.html
 * @example
 * ```ts
 * const packets = capture(red, 'eth0', { count: 2 });
 * await packets.ready;
 * await ping(blue, '10.0.0.1');
 * for await (const { direction, data } of packets) console.log(direction, data.length);
 * ```
 */
export function capture(netns: Netns, device?: Device, options: CaptureOptions = {}): Capture {
  checkNetns(netns);
  if (device !== undefined) checkDevice(device);
  checkOptions(options, OPTIONS);
  const { filter, snaplen = MOST_SNAPLEN, promiscuous = false, buffer = BUFFER } = options;
  const { count = Infinity, duration, signal } = options;
  checkInteger('snaplen', snaplen, 1, MOST_SNAPLEN);
  checkInteger('buffer', buffer, 1, MOST_BUFFER);
  if (count !== Infinity) checkInteger('count', count, 1, Number.MAX_SAFE_INTEGER);
  if (duration !== undefined) checkInteger('duration', duration, 0, LONGEST_TIME);
  if (promiscuous && device === undefined) {
    throw new TypeError('promiscuous: it is for one device, got none');
  }
  native();
  const task = { device, filter, snaplen, promiscuous, buffer, count, duration, signal };
  return new Capture(new CaptureSession(netns, task), snaplen);
}

/** Packets, one after another; see {@link capture}. They can be iterated over once. */
export class Capture implements AsyncIterableIterator<Packet>, AsyncDisposable {
  /** Resolves when each packet from now on is captured; rejected where the capture cannot begin. */
  readonly ready: Promise<void>;

  readonly #session: CaptureSession;
  readonly #snaplen: number;

  /** @internal */
  constructor(session: CaptureSession, snaplen: number) {
    this.#session = session;
    this.#snaplen = snaplen;
    this.ready = session.opened.then(() => undefined);
    this.ready.catch(() => undefined); // `next()` is rejected as well
  }

  /** The capture itself, for a loop. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next packet, as soon as it is there; `done` after the end of the capture. */
  async next(): Promise<IteratorResult<Packet, void>> {
    return this.#session.packets.next();
  }

  /** Ends the capture at once, and drops the packets that have not been taken, as leaving a loop does. */
  async return(): Promise<IteratorResult<Packet, void>> {
    return this.#session.packets.return();
  }

  /** Ends the capture, and resolves when its socket is closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.packets.return();
    await this.#session.release();
  }

  /**
   * Ends the capture after the packets that have arrived by now: they can still be taken. Closing twice is fine.
   *
   * @example
   * ```ts
   * const packets = capture(red, 'eth0');
   * await packets.ready;
   * await ping(red, '10.0.0.2');
   * packets.close(); // what has arrived is read to its end
   * for await (const { direction, data } of packets) console.log(direction, data.length);
   * ```
   */
  close(): void {
    this.#session.finish();
  }

  /**
   * How many packets have been received, and how many were lost for want of room, up to now or to the capture's end.
   *
   * @example
   * ```ts
   * const packets = capture(red, 'eth0', { count: 2 });
   * await packets.ready;
   * await ping(blue, '10.0.0.1');
   * for await (const { direction } of packets) console.log(direction);
   * console.log(packets.counts().dropped);
   * ```
   */
  counts(): PacketCounts {
    return this.#session.counts();
  }

  /**
   * Writes all packets to a file that tcpdump, tshark and wireshark open, until the capture ends: by `count`,
   * `duration`, `close()`, or with an error. The file is whole then, and has all packets from before the end.
   *
   * The file's format is pcap with times in nanoseconds. The file's link type is that of the device: Ethernet as a rule,
   * or LINUX_SLL2 for all devices, with the index and the direction of each packet.
   *
   * @param file a path, where a new file takes the place of an old one, or a stream, such as the standard input of a
   * `tshark -r -`.
   * @returns the `counts()` at the end.
   * @throws what `next()` throws; an error of node's for a file that cannot be written, which ends the capture.
   * @see pcap-savefile(5), pcap-linktype(7)
   * @example
   * ```ts
   * const packets = capture(red, 'eth0', { duration: 100 });
   * const written = packets.toPcap('/run/red.pcap'); // for tcpdump -r, tshark and wireshark
   * await packets.ready;
   * await ping(red, '10.0.0.2');
   * console.log((await written).dropped); // 0
   * ```
   */
  async toPcap(file: string | URL | Writable): Promise<PacketCounts> {
    const isPath = typeof file === 'string' || file instanceof URL;
    if (!isPath && (typeof file !== 'object' || (file as unknown) === null)) {
      throw new TypeError(`file: expected a path, a URL or a writable stream, got ${shown(file)}`);
    }
    await this.ready;
    this.#session.thorough = true;
    const output = isPath ? createWriteStream(file) : file;
    // Node 24 leaves it to the source to end where the output has failed, and the source waits for a packet
    const unwatch = finished(output, { readable: false }, () => void this.#session.packets.return());
    try {
      await pipeline(recordsOf(this.#session, this.#snaplen), output);
    } finally {
      unwatch();
      await this.#session.packets.return();
      await this.#session.release();
    }
    if (this.#session.failure !== undefined) throw this.#session.failure.reason;
    return this.counts();
  }
}

/** Ends where the capture does, whatever ended it: an error would destroy the stream before all is written. */
async function* recordsOf(session: CaptureSession, snaplen: number): AsyncGenerator<Buffer, void, undefined> {
  const linkType = await session.opened;
  yield pcapHeader(linkType, snaplen);
  try {
    for await (const packet of session.packets) yield pcapRecord(linkType, packet);
  } catch (error) {
    if (session.failure?.reason !== error) throw error;
  }
}
