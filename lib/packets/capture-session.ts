import { constants } from 'node:os';
import { unlessAborted } from '../common/abort';
import { EventQueue } from '../common/event-queue';
import type { BpfInstruction } from '../sockets/inet/bpf';
import { type Device, deviceRef, NO_DEVICE } from '../netns/device';
import type { Words } from '../common/error-text';
import { GET_CAPABILITY, NO_NET_RAW, NO_PACKET_SOCKETS } from '../common/wants';
import { watchSocket } from '../netns/event-socket';
import { NetnsError, toNetnsError } from '../netns/netns-error';
import type { Descriptor, Received, Watch } from '../addon/native';
import { errnoName } from '../addon/errno';
import type { Netns } from '../netns/netns';
import { closeFile } from '../netns/close-file';
import {
  type LinkType,
  linkTypeOf,
  type Packet,
  type PacketCounts,
  packetSocket,
  readCounts,
  readError,
  readPacket,
} from './packet-socket';
import { type LinkHeader, linkHeader, RTEXT_FILTER_SKIP_STATS } from '../netlink/rtnetlink/link';

export interface CaptureTask {
  device: Device | undefined;
  filter: readonly BpfInstruction[] | undefined;
  snaplen: number;
  promiscuous: boolean;
  buffer: number;
  count: number;
  duration: number | undefined;
  signal: AbortSignal | undefined;
}

/** With so many packets that wait for the consumer, the socket is not read further. */
const MOST_WAITING = 256;

const { ENETDOWN } = constants.errno;

const WORDS: Words = {
  EPERM: `${NO_NET_RAW}: ${GET_CAPABILITY}`,
  EINVAL: 'the kernel refuses the filter: it is no program of classic BPF that comes to an end',
  ENODEV: 'there is no such device',
  EAFNOSUPPORT: NO_PACKET_SOCKETS,
};

/** One capture, from the opening of its socket until it is closed. */
export class CaptureSession {
  /** Ends with the capture, and by the error that ended it. */
  readonly packets: EventQueue<Packet>;
  readonly opened: Promise<LinkType>;
  /** Whether an aborted signal ends the capture after the packets that have arrived by then, not at once. */
  thorough = false;

  readonly #netns: Netns;
  readonly #task: CaptureTask;
  readonly #opening: Promise<LinkType>;
  readonly #counts: PacketCounts = { received: 0, dropped: 0 };
  #socket: Descriptor | undefined;
  #watch: Watch | undefined;
  #paused = false;
  #timer: NodeJS.Timeout | undefined;
  #failure: { reason: unknown } | undefined;
  #released: Promise<void> | undefined;
  /** Packets that the socket has handed over. */
  #read = 0;
  /** Packets of these that have been handed on: a packet that is seen twice counts once. */
  #handedOn = 0;
  /** The number of packets to be read at which the capture stops. */
  #until = Infinity;

  constructor(netns: Netns, task: CaptureTask) {
    this.#netns = netns;
    this.#task = task;
    this.#opening = this.#open();
    this.opened = unlessAborted(task.signal, this.#opening);
    const start = () => {
      task.signal?.addEventListener('abort', this.#abort);
      this.opened.catch((reason: unknown) => this.#fail(reason));
    };
    // The queue has no signal of its own, because `thorough` decides what an aborted signal does.
    const taken = (left: number) => {
      if (left < MOST_WAITING) this.#resume();
    };
    this.packets = new EventQueue({ start, stop: () => void this.release(), taken }, []);
    this.packets.start();
  }

  get failure(): { reason: unknown } | undefined {
    return this.#failure;
  }

  counts(): PacketCounts {
    if (this.#socket !== undefined) {
      const socket = this.#socket;
      const { received, dropped } = this.#asking(() => readCounts(socket));
      this.#counts.received += received;
      this.#counts.dropped += dropped;
    }
    return { ...this.#counts };
  }

  /** Ends the capture after the packets that have arrived by now. */
  finish(failure?: { reason: unknown }): void {
    if (this.#until !== Infinity) return;
    this.#failure ??= failure;
    try {
      this.#until = this.counts().received;
    } catch (reason) {
      this.#fail(reason);
      return;
    }
    this.#resume();
    this.#endIfDone();
  }

  /** Closes the socket. Packets that have been read can still be taken. */
  async release(): Promise<void> {
    this.#released ??= this.#close();
    return this.#released;
  }

  readonly #abort = (): void => {
    const reason: unknown = this.#task.signal?.reason;
    if (this.thorough) this.finish({ reason });
    else this.#fail(reason);
  };

  #fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.packets.fail(this.#failure.reason);
  }

  async #open(): Promise<LinkType> {
    const { signal, duration, device } = this.#task;
    signal?.throwIfAborted();
    const found = device === undefined ? undefined : await this.#find(device);
    const linkType = linkTypeOf(found?.hardware);
    const socket = await this.#openSocket({ ...this.#task, device: found?.index ?? 0, linkType });
    if (this.#released !== undefined) {
      await closeFile(socket);
      return linkType;
    }
    this.#socket = socket;
    const errno = this.#asking(() => readError(socket));
    if (errno !== 0) throw this.#error(errno, 'the device is down');
    this.#watch = watchSocket(this.#netns, this.#operation, socket, (received) =>
      this.#take(received, linkType),
    );
    if (duration !== undefined) this.#timer = setTimeout(() => this.finish(), duration);
    return linkType;
  }

  async #find(device: Device): Promise<LinkHeader> {
    const value = { ...deviceRef(device), extMask: RTEXT_FILTER_SKIP_STATS };
    const attempt = { operation: 'capture on', device, words: NO_DEVICE };
    return (await this.#netns.request(linkHeader.get(value, attempt))) as LinkHeader;
  }

  async #openSocket(options: Parameters<typeof packetSocket>[0]): Promise<Descriptor> {
    try {
      return await this.#netns.openSocket(this.#operation, packetSocket(options));
    } catch (error) {
      throw toNetnsError(error, this.#operation, this.#netns.toString(), WORDS);
    }
  }

  get #operation(): string {
    return `capture on ${this.#task.device ?? 'all devices'} in namespace`;
  }

  /** What the socket is asked for. */
  #asking<T>(ask: () => T): T {
    try {
      return ask();
    } catch (error) {
      throw toNetnsError(error, this.#operation, this.#netns.toString(), WORDS);
    }
  }

  #error(errno: number, reason: string): NetnsError {
    const [code, operation, netns] = [errnoName(errno), this.#operation, this.#netns.toString()];
    return new NetnsError({ code, errno, operation, netns, reason });
  }

  #take(received: Received[], linkType: LinkType): void {
    for (const item of received) {
      if ('errno' in item) {
        if (item.errno !== ENETDOWN) {
          // packets that the socket has counted may be lost
          this.#failure ??= { reason: this.#error(item.errno, 'receiving failed') };
          this.#end();
          return;
        }
        this.finish({ reason: this.#error(item.errno, 'the device went down, or is gone') });
        continue;
      }
      this.#read++;
      const packet = readPacket(item, linkType, this.#task.snaplen);
      if (packet !== undefined) this.#hand(packet);
      // packets from after the end may be in the same batch
      this.#endIfDone();
      if (this.#released !== undefined) return;
    }
  }

  #hand(packet: Packet): void {
    this.packets.push([packet]);
    if (this.packets.length >= MOST_WAITING && this.#until === Infinity) this.#pause();
    this.#handedOn++;
    if (this.#handedOn === this.#task.count) this.#end();
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#watch?.pause();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#watch?.resume();
  }

  #endIfDone(): void {
    if (this.#read >= this.#until) this.#end();
  }

  #end(): void {
    this.packets.finish(this.#failure && { error: this.#failure.reason });
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#task.signal?.removeEventListener('abort', this.#abort);
    this.#watch?.();
    const socket = this.#socket;
    if (socket === undefined) {
      await this.#opening.catch(() => undefined);
      return;
    }
    try {
      this.counts(); // the last that there will be
    } catch {
      // those of before are all that is known
    }
    this.#socket = undefined;
    await closeFile(socket);
  }
}
