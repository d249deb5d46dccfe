import { type Codec, MalformedError } from './codec';

/** Bytes that nobody prints by accident: neither errors nor NODE_DEBUG, diagnostics channels, console.log and JSON show them. */
export class Secret {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The bytes themselves, for whoever has asked for them. */
  reveal(): Uint8Array {
    return this.#bytes;
  }

  toString(): string {
    return '(hidden)';
  }
}

/** So many bytes that are a secret. */
export function secret(size: number): Codec<Secret> {
  return {
    shape: { kind: 'secret', size },
    write: (to, value) => to.bytes(value.reveal()),
    read(from, start, end) {
      if (end - start !== size) throw new MalformedError(`${end - start} bytes where ${size} belong`);
      return new Secret(Buffer.from(from.buffer.subarray(start, end)));
    },
  };
}
