import { endianness } from 'node:os';

/** netlink speaks the byte order of the machine. */
export const LITTLE = endianness() === 'LE';

/** netlink aligns messages and attributes to four bytes. */
export function align(length: number): number {
  return (length + 3) & ~3;
}

/** Received bytes, with both views of them that decoding needs. */
export class Bytes {
  readonly view: DataView;

  constructor(readonly buffer: Buffer) {
    this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }
}

// Out of node's pool: a buffer with memory of its own costs the garbage collector more than a message costs us.
function zeroed(size: number): Buffer {
  const buffer = Buffer.allocUnsafe(size);
  // not Buffer's own, which is slower by its many arguments
  Uint8Array.prototype.fill.call(buffer, 0);
  return buffer;
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Bytes that grow, zero until they are written. What it holds after an exception is of no use. */
export class Writer {
  #bytes = zeroed(256);
  #view = viewOf(this.#bytes);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Zeroed room, and where it begins. */
  reserve(size: number): number {
    return this.#grow(size);
  }

  #grow(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const larger = zeroed(2 * this.#length);
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = viewOf(larger);
    }
    return at;
  }

  u8(value: number): void {
    const at = this.#grow(1);
    this.#view.setUint8(at, value);
  }

  u16(value: number, little = LITTLE): void {
    const at = this.#grow(2);
    this.#view.setUint16(at, value, little);
  }

  u32(value: number, little = LITTLE): void {
    const at = this.#grow(4);
    this.#view.setUint32(at, value, little);
  }

  u64(value: number, little = LITTLE): void {
    const at = this.#grow(8);
    this.#view.setBigUint64(at, BigInt(value), little);
  }

  bytes(data: Uint8Array | readonly number[]): void {
    const at = this.#grow(data.length);
    this.#bytes.set(data, at);
  }

  align(): void {
    const padding = align(this.#length) - this.#length;
    if (padding > 0) this.reserve(padding);
  }

  setU16(at: number, value: number): void {
    this.#view.setUint16(at, value, LITTLE);
  }

  setU32(at: number, value: number): void {
    this.#view.setUint32(at, value, LITTLE);
  }

  /** What has been written: the writer's own bytes, so nothing is to be written any more. */
  take(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}
