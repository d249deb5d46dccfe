import { setMaxListeners } from 'node:events';
import { type Asked, during, NetnsError, toNetnsError } from './netns-error';
import { Connection } from '../netlink/connection';
import type { Request } from '../netlink/object';
import { type Descriptor, native, type OpenedNetns, type Reply, type SocketSpec } from '../addon/native';
import { isSystemError } from '../common/system-error';
import { withCallers } from '../common/stack';
import { Sockets } from './handle-sockets';
import type { Sequence } from '../netlink/sequence';
import { routeSocket } from '../netlink/sockets';

/** Where `ip netns` keeps the names. */
export const NETNS_DIRECTORY = '/run/netns';

/** By this, a handle of another copy of the library is known to be one: of one that is installed, or loaded, twice. */
export const NETNS_BRAND = Symbol.for('rtnetns.Netns');

/** What a handle is closed to, until somebody names what they have asked of it. */
const USE = 'use namespace';

export interface NetnsDetails {
  opened: OpenedNetns;
  name?: string | undefined;
  socket?: Descriptor | undefined;
  /** Whether it is the namespace of the calling thread, which need not be entered. */
  ofCurrentThread?: boolean;
  /** Runs once when the handle is disposed of. */
  dispose?: ((netns: Netns) => Promise<void>) | undefined;
}

/** @internal What work in a namespace takes; lent by its handle. */
export interface NetnsAccess {
  readonly descriptor: Descriptor;
  /** The descriptor's number, by which requests name the namespace. */
  readonly fd: number;
  /** What a thread of the addon enters; null for the calling thread's own namespace, which needs no entering. */
  readonly entry: Descriptor | null;
  /** The handle's own socket of a kind, which its first use opens. */
  readonly socket: (spec: SocketSpec) => Promise<Descriptor>;
}

/**
 * An open network namespace. It holds one descriptor for the namespace, and one for a netlink socket in it
 * from the first request on (a namespace that was created has it from the start); while either is open, the
 * namespace lives on, whether it has a name or not.
 */
export class Netns implements AsyncDisposable {
  /** Its name in /run/netns, where it was created, acquired or opened by one. */
  readonly name: string | undefined;
  /** Inode of the namespace in the nsfs file system: the number in `net:[4026531840]`. */
  readonly ino: number;
  /** Device of the nsfs file system. Namespaces are the same if both `dev` and `ino` are. */
  readonly dev: number;

  readonly #access: NetnsAccess;
  readonly #sockets: Sockets;
  readonly #dispose: NetnsDetails['dispose'];
  #connection: Connection | undefined;
  /** Work under way that has borrowed the access. */
  #loans = 0;
  #closed = false;
  #closing: AbortController | undefined;

  /** @internal */
  constructor({ opened, name, socket, ofCurrentThread = false, dispose }: NetnsDetails) {
    const { netns: descriptor, ino, dev } = opened;
    const entry = ofCurrentThread ? null : descriptor;
    this.name = name;
    this.ino = ino;
    this.dev = dev;
    this.#dispose = dispose;
    this.#sockets = new Sockets(async (spec) => native().openSocket(entry, spec));
    if (socket !== undefined) this.#sockets.adopt(routeSocket, socket);
    const { fd } = descriptor;
    this.#access = { descriptor, fd, entry, socket: async (spec) => this.#sockets.get(spec) };
  }

  /** @internal Whether it is the namespace of the calling thread. */
  get ofCurrentThread(): boolean {
    return this.#access.entry === null;
  }

  /** False once it has been closed. */
  get open(): boolean {
    return !this.#closed;
  }

  /** @internal Calls it by a name that its namespace has been given. */
  named(name: string): void {
    Object.assign(this, { name });
    // the next request makes another one, with the same socket and numbers, whose errors have the name
    this.#connection = undefined;
  }

  /** 'red', or 'net:[4026532178]' for one without a name. */
  toString(): string {
    return this.name ?? `net:[${this.ino}]`;
  }

  /**
   * Closes the handle; the namespace itself stays if it has a name, or anything else in it. Requests that
   * wait in its queue are rejected with ERR_NETNS_CLOSED, those in flight settle as ever. Closing twice is fine.
   *
   * @example
   * ```ts
   * const handle = await openNetns('red');
   * handle.close(); // the namespace stays, because it has a name
   * console.log(handle.open); // false
   * ```
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const reason = this.#closedError(USE);
    this.#connection?.close(reason);
    this.#closing?.abort(reason);
    this.#release();
  }

  /**
   * @internal Aborted when the handle is closed, with an error for what goes on with it until then. Who has it `during` what
   * was asked for names that.
   */
  get closing(): AbortSignal {
    if (this.#closing === undefined) {
      this.#closing = new AbortController();
      // as many as there are waits and watches in this namespace
      setMaxListeners(0, this.#closing.signal);
      if (this.#closed) this.#closing.abort(this.#closedError(USE));
    }
    return this.#closing.signal;
  }

  /** Deletes what `createNetns` made under a name, then closes the handle. An opened one is only closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    try {
      await this.#dispose?.(this);
    } finally {
      this.close();
    }
  }

  /**
   * @internal Lends access to the namespace for as long as the work takes: nothing is closed before, even if the handle
   * is, since the descriptor's number must not come to mean another file. Where a handle fails in a step of the work, closed
   * or with a namespace that cannot be entered, the NetnsError has what was asked for. Any other error is left to the
   * borrower, who knows what the error means.
   */
  async lend<T>(asked: Asked, work: (access: NetnsAccess) => Promise<T>): Promise<T> {
    const access = this.access(asked);
    this.#loans++;
    try {
      return await work(access);
    } catch (error) {
      const entering = isSystemError(error) && error.syscall === 'setns';
      if (entering) throw toNetnsError(error, asked, this.toString());
      // the work may be somebody else's, who uses other handles
      throw error instanceof NetnsError && error.netns === this.toString() ? error.during(asked) : error;
    } finally {
      this.#loans--;
      this.#release();
    }
  }

  /** @internal Access for what is done at once, before the handle can be closed. */
  access(asked: Asked): NetnsAccess {
    this.#checkOpen(asked);
    return this.#access;
  }

  /** @internal Opens a socket in this namespace; it is the caller's. */
  async openSocket(asked: Asked, spec: SocketSpec): Promise<Descriptor> {
    return this.lend(asked, async ({ entry }) => native().openSocket(entry, spec));
  }

  /** @internal One exchange over a socket of this handle: opened by the first, closed with the handle. */
  async exchange(asked: Asked, spec: SocketSpec, bytes: Uint8Array): Promise<Reply> {
    return this.lend(asked, async ({ socket }) => native().transact(await socket(spec), bytes));
  }

  /** @internal The numbers of the requests over this handle's own socket of a kind. */
  numbers(spec: SocketSpec): Sequence {
    return this.#sockets.numbers(spec);
  }

  /** @internal Sends a request in this namespace. */
  async request<T>(request: Request<T>): Promise<T> {
    this.#checkOpen(request.attempt);
    this.#connection ??= this.#connect();
    try {
      return await this.#connection.request(request);
    } catch (error) {
      throw withCallers(during(error, request.attempt));
    }
  }

  #release(): void {
    if (!this.#closed || this.#loans > 0) return;
    this.#access.descriptor.close();
    this.#sockets.close();
  }

  #connect(): Connection {
    const operation = 'open a netlink socket in';
    const refuse = (error: unknown): never => {
      throw toNetnsError(error, operation, this.toString());
    };
    return new Connection(
      async (bytes) =>
        this.lend(operation, async ({ socket }) => {
          // At once where there is a socket: a full pack is on its way while its tick still makes up more.
          const opened = this.#sockets.ready(routeSocket) ?? (await socket(routeSocket).catch(refuse));
          return native().transact(opened, bytes);
        }),
      this.toString(),
      this.numbers(routeSocket),
    );
  }

  #checkOpen(asked: Asked): void {
    if (this.#closed) throw this.#closedError(asked);
  }

  #closedError(operation: Asked): NetnsError {
    const [code, netns, reason] = ['ERR_NETNS_CLOSED', this.toString(), 'the handle was closed'];
    return new NetnsError({ code, operation, netns, reason, unusable: true });
  }
}

Object.defineProperty(Netns.prototype, NETNS_BRAND, { value: true });
