import type { Descriptor, SocketSpec } from '../addon/native';
import { Sequence } from '../netlink/sequence';

/** @internal The sockets of a handle, one of each kind: opened by the first use, closed with the handle. */
export class Sockets {
  readonly #opened = new Map<SocketSpec, Descriptor>();
  readonly #opening = new Map<SocketSpec, Promise<Descriptor>>();
  readonly #numbers = new Map<SocketSpec, Sequence>();

  constructor(private readonly open: (spec: SocketSpec) => Promise<Descriptor>) {}

  /** One that was opened elsewhere is this handle's from now on. */
  adopt(spec: SocketSpec, socket: Descriptor): void {
    this.#opened.set(spec, socket);
  }

  /** What is open already. */
  ready(spec: SocketSpec): Descriptor | undefined {
    return this.#opened.get(spec);
  }

  /** The numbers of the requests over the socket of a kind, whoever makes them. */
  numbers(spec: SocketSpec): Sequence {
    const numbers = this.#numbers.get(spec) ?? new Sequence();
    this.#numbers.set(spec, numbers);
    return numbers;
  }

  async get(spec: SocketSpec): Promise<Descriptor> {
    const ready = this.#opened.get(spec);
    if (ready !== undefined) return ready;
    let opening = this.#opening.get(spec);
    if (opening === undefined) {
      opening = this.#open(spec);
      this.#opening.set(spec, opening);
    }
    return opening;
  }

  /** A socket that cannot be opened is tried again by the next. */
  async #open(spec: SocketSpec): Promise<Descriptor> {
    try {
      const socket = await this.open(spec);
      this.#opened.set(spec, socket);
      return socket;
    } finally {
      this.#opening.delete(spec);
    }
  }

  /** Not while one is being opened: who opens it holds the handle. */
  close(): void {
    for (const socket of this.#opened.values()) socket.close();
  }
}
