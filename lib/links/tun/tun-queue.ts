import { constants } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { types } from 'node:util';
import { type Descriptor, native } from '../../addon/native';
import { shown } from '../../common/shown';
import { isSystemError } from '../../common/system-error';
import { WANTS } from '../../common/wants';
import { NetlinkError } from '../../netlink/error';
import { closeFile } from '../../netns/close-file';

const { EAGAIN, EBADF, EBUSY, EINVAL } = constants.errno;

/** The largest packet, and what may precede it: tun_pi, virtio_net_hdr, the header of Ethernet with its tags. */
const LARGEST = 0x10000 + 64;

/** So many packets are read before the event loop gets its turn. */
const MOST_AT_ONCE = 64;

const WORDS = {
  ...WANTS,
  EBADFD: 'the device was deleted',
  EIO: 'the device is down',
  EINVAL: 'this is no packet for the device: it is too short, or its first byte is of no version of IP',
  ENOBUFS: 'the packet is too large, or the kernel has no memory for it',
  EBUSY: 'a read() waits for a packet: close() ends it',
  EBADF: 'the queue is closed, or its descriptor was released',
};

/** What is opened. */
export interface OpenedQueue {
  file: Descriptor;
  /** The device's name. */
  name: string;
  /** The namespace, as its handle calls it. */
  netns: string;
}

/** An open queue of a TUN or TAP device: see `openTun`. In a loop it is the packets that the kernel sends by the device. */
export class TunQueue implements AsyncIterable<Buffer, void>, AsyncDisposable {
  /** The device's name, as it was when the queue was opened. */
  readonly name: string;

  readonly #file: Descriptor;
  readonly #netns: string;
  readonly #room = Buffer.allocUnsafeSlow(LARGEST);
  /** Reads are done one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  /** Ends the wait of the read that is under way. */
  #wake: (() => void) | undefined;
  #atOnce = 0;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor({ file, name, netns }: OpenedQueue) {
    this.#file = file;
    this.name = name;
    this.#netns = netns;
  }

  /** The descriptor's number, to be given to a child process (`stdio: [0, 1, 2, queue.fd]`); -1 when closed. */
  get fd(): number {
    return this.#file.fd;
  }

  /**
   * The next packet, or frame, that the kernel sends by the device; undefined when the queue is closed. It waits without a thread
   * of its own, and keeps the process alive meanwhile. Packets that nobody reads wait in the device's queue (`txQueueLength`), and
   * are dropped where it is full.
   *
   * @throws {@link NetlinkError} EBADFD when the device was deleted.
   * @example
   * ```ts
   * await using queue = await openTun(red, 'tun0', { mode: 'tun' });
   * await setLink(red, 'tun0', { up: true });
   * const packet = await queue.read(); // the kernel asks for IPv6 routers
   * console.log((packet?.[0] ?? 0) >> 4); // 6
   * ```
   */
  async read(): Promise<Buffer | undefined> {
    const turn = this.#last.then(async () => this.#read());
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /**
   * Hands a packet, or frame, to the kernel, as if it had come in by the device. It is done when this resolves: the kernel
   * handles the packet inside of write(2), which takes microseconds of this thread.
   *
   * @throws {@link NetlinkError} EIO where the device is down, EINVAL for what is no packet, ENOBUFS for what is too large, EBADFD when
   * the device was deleted, EBADF when the queue is closed.
   * @example
   * ```ts
   * await using queue = await openTun(red, 'tap0', { mode: 'tap' });
   * await setLink(red, 'tap0', { up: true });
   * await queue.write(Buffer.from(`ffffffffffff020000000001${'88b5'.padEnd(96, '0')}`, 'hex'));
   * ```
   */
  // eslint-disable-next-line @typescript-eslint/require-await -- every refusal is a rejection
  async write(packet: Uint8Array): Promise<void> {
    if (!types.isUint8Array(packet)) {
      throw new TypeError(`packet: expected bytes, got ${shown(packet)}`);
    }
    if (this.#closing !== undefined) throw this.#error('write to', EBADF);
    // write(2) would take it for done, and hand nothing over
    if (packet.length === 0) throw this.#error('write to', EINVAL);
    const written = native().writePacket(this.#file, packet);
    if (written < 0) throw this.#error('write to', -written);
  }

  /** Packets until the queue is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    for (let packet = await this.read(); packet !== undefined; packet = await this.read()) yield packet;
  }

  /**
   * Closes the queue. Resolves when that is done: with its last queue, a device that is not persistent is gone then. Closing
   * twice is fine.
   *
   * @example
   * ```ts
   * const queue = await openTun(red, 'tun0', { mode: 'tun' });
   * await queue.close(); // and tun0 is gone
   * ```
   */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Closes the queue. */
  async [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Gives the descriptor to the caller, who has to close it; this object is as closed from then on. Reading from the descriptor
   * does not wait: where there is no packet, it fails with EAGAIN.
   *
   * @throws {@link NetlinkError} EBUSY while a `read()` waits, EBADF when the queue is closed.
   * @example
   * ```ts
   * const { closeSync } = await import('node:fs');
   * const queue = await openTun(red, 'tun0', { mode: 'tun' });
   * closeSync(queue.release()); // and tun0 is gone
   * ```
   */
  release(): number {
    if (this.#closing !== undefined) throw this.#error('release', EBADF);
    if (this.#wake !== undefined) throw this.#error('release', EBUSY);
    this.#closing ??= Promise.resolve();
    return this.#file.release();
  }

  async #close(): Promise<void> {
    this.#wake?.();
    await closeFile(this.#file);
  }

  async #read(): Promise<Buffer | undefined> {
    if (++this.#atOnce > MOST_AT_ONCE) {
      this.#atOnce = 0;
      await setImmediate();
    }
    while (this.#closing === undefined) {
      const length = native().readPacket(this.#file, this.#room);
      if (length >= 0) return Buffer.from(this.#room.subarray(0, length));
      if (length !== -EAGAIN) throw this.#error('read from', -length);
      this.#atOnce = 0;
      await this.#readable();
    }
    return undefined;
  }

  /** Resolves when there is something to read, or the queue is closed. */
  async #readable(): Promise<void> {
    try {
      const errno = await new Promise<number>((resolve) => {
        const stop = native().watchReadable(this.#file, resolve);
        this.#wake = () => {
          stop();
          resolve(0);
        };
      });
      if (errno !== 0) throw this.#error('read from', errno);
    } catch (error) {
      throw this.#refusal('read from', error);
    } finally {
      this.#wake = undefined;
    }
  }

  #refusal(operation: string, error: unknown): unknown {
    return isSystemError(error) ? this.#error(operation, Math.abs(error.errno)) : error;
  }

  #error(operation: string, errno: number): NetlinkError {
    return new NetlinkError({ operation, device: this.name, netns: this.#netns, errno, words: WORDS });
  }
}
