import { constants } from 'node:os';
import { Readable } from 'node:stream';
import { unlessAborted } from '../common/abort';
import type { BpfInstruction } from '../sockets/inet/bpf';
import { type Device, named, NO_DEVICE } from '../netns/device';
import { isSystemError } from '../common/system-error';
import { NetnsError, toNetnsError } from '../netns/netns-error';
import { type Descriptor, native, type Received, type Watch } from '../addon/native';
import { errnoName } from '../addon/errno';
import type { Netns } from '../netns/netns';
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
import { link, type LinkMessage, RTEXT_FILTER_SKIP_STATS } from '../netlink/rtnetlink/link';

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

/** Packets that wait here before reading stops. */
const WAITING = 256;

const { ENETDOWN } = constants.errno;

const REASONS = {
  EPERM: 'CAP_NET_RAW is missing in the user namespace that owns this network namespace',
  EINVAL: 'the kernel refuses the filter: it is no program of classic BPF that comes to an end',
  ENODEV: 'there is no such device',
};

/** One capture, from the opening of its socket until it is closed. */
export class CaptureSession {
  /** Of packets. It ends where the capture does; `failure` tells whether that was meant. */
  readonly packets: Readable;
  readonly opened: Promise<LinkType>;
  /** Whether the signal leaves it the packets of before. */
  thorough = false;

  readonly #netns: Netns;
  readonly #task: CaptureTask;
  readonly #opening: Promise<LinkType>;
  readonly #counts: PacketCounts = { received: 0, dropped: 0 };
  #socket: Descriptor | undefined;
  #watch: Watch | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failure: { reason: unknown } | undefined;
  #released: Promise<void> | undefined;
  /** What the socket has handed over, and what of it has been handed on. */
  #read = 0;
  #taken = 0;
  /** It ends when as many have been read. */
  #until = Infinity;

  constructor(netns: Netns, task: CaptureTask) {
    this.#netns = netns;
    this.#task = task;
    this.packets = new Readable({
      objectMode: true,
      highWaterMark: WAITING,
      read: () => this.#watch?.resume(),
      destroy: (error, done) => {
        void this.release();
        done(error);
      },
    });
    // to node, that a loop over it is left early is an error of the stream
    this.packets.on('error', () => undefined);
    task.signal?.addEventListener('abort', this.#abort);
    this.#opening = this.#open();
    this.opened = unlessAborted(task.signal, this.#opening);
    this.opened.catch((reason: unknown) => this.#fail(reason));
  }

  get failure(): { reason: unknown } | undefined {
    return this.#failure;
  }

  counts(): PacketCounts {
    if (this.#socket !== undefined) {
      const { received, dropped } = readCounts(this.#socket);
      this.#counts.received += received;
      this.#counts.dropped += dropped;
    }
    return { ...this.#counts };
  }

  /** Ends it after what has arrived by now. */
  finish(failure?: { reason: unknown }): void {
    if (this.#until !== Infinity) return;
    this.#failure ??= failure;
    this.#until = this.counts().received;
    this.#watch?.resume();
    this.#endIfDone();
  }

  /** Closes the socket. What has been read can still be taken. */
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
    this.packets.destroy();
  }

  async #open(): Promise<LinkType> {
    const { signal, duration, device } = this.#task;
    signal?.throwIfAborted();
    const found = device === undefined ? undefined : await this.#find(device);
    const linkType = linkTypeOf(found?.hardware);
    const socket = await this.#openSocket({ ...this.#task, device: found?.index ?? 0, linkType });
    if (this.#released !== undefined) {
      await native().closeSocket(socket);
      return linkType;
    }
    this.#socket = socket;
    const errno = readError(socket);
    if (errno !== 0) throw this.#error(errno, 'the device is down');
    this.#watch = native().watchSocket(socket, true, (received) => this.#take(received, linkType));
    if (duration !== undefined) this.#timer = setTimeout(() => this.finish(), duration);
    return linkType;
  }

  async #find(device: Device): Promise<LinkMessage> {
    const value = { ...named(device), extMask: RTEXT_FILTER_SKIP_STATS };
    const attempt = { operation: 'capture on', device, words: NO_DEVICE };
    return (await this.#netns.request(link.get(value, attempt))) as LinkMessage;
  }

  async #openSocket(options: Parameters<typeof packetSocket>[0]): Promise<Descriptor> {
    try {
      return await this.#netns.openSocket(this.#operation, packetSocket(options));
    } catch (error) {
      const entering = isSystemError(error) && error.syscall === 'setns';
      throw toNetnsError(error, this.#operation, this.#netns.toString(), entering ? {} : REASONS);
    }
  }

  get #operation(): string {
    return `capture on ${this.#task.device ?? 'all devices'} in namespace`;
  }

  #error(errno: number, reason: string): NetnsError {
    const [code, operation, netns] = [errnoName(errno), this.#operation, this.#netns.toString()];
    return new NetnsError({ code, errno, operation, netns, reason });
  }

  #take(received: Received[], linkType: LinkType): void {
    for (const item of received) {
      if ('errno' in item) {
        const reason = item.errno === ENETDOWN ? 'the device went down, or is gone' : 'receiving failed';
        this.finish({ reason: this.#error(item.errno, reason) });
        continue;
      }
      this.#read++;
      const packet = readPacket(item, linkType, this.#task.snaplen);
      if (packet !== undefined) this.#hand(packet);
      // what came after the end may be in the same batch
      this.#endIfDone();
      if (this.#released !== undefined) return;
    }
  }

  #hand(packet: Packet): void {
    const more = this.packets.push(packet);
    if (!more && this.#until === Infinity) this.#watch?.pause();
    this.#taken++;
    if (this.#taken === this.#task.count) this.#end();
  }

  #endIfDone(): void {
    if (this.#read >= this.#until) this.#end();
  }

  #end(): void {
    void this.release();
    this.packets.push(null);
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
    this.counts();
    this.#socket = undefined;
    await native().closeSocket(socket);
  }
}
