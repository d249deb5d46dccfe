import { setMaxListeners } from 'node:events';
import { NetnsError, toNetnsError } from './netns-error';
import { Connection } from '../netlink/connection';
import type { Request } from '../netlink/object';
import {
  type Descriptor,
  type Native,
  native,
  type OpenedConnection,
  type OpenedNetns,
  type SocketSpec,
} from '../addon/native';
import { Sockets } from './handle-sockets';
import { routeSocket } from '../netlink/sockets';

/** Where `ip netns` keeps the names. */
export const NETNS_DIRECTORY = '/run/netns';

export interface NetnsDetails {
  opened: OpenedNetns;
  name?: string | undefined;
  socket?: Descriptor | undefined;
  /** The namespace of the calling thread, whose sockets need no entering. */
  here?: boolean;
  /** Runs once when the handle is disposed of. */
  dispose?: ((netns: Netns) => Promise<void>) | undefined;
}

/**
 * An open network namespace. It holds one descriptor for the namespace, and one for a netlink socket in it
 * from the first request on (a namespace that was created has it from the start); while either is open, the
 * namespace lives on, whether it has a name or not.
 */
export class Netns implements AsyncDisposable {
  /** Its name in /run/netns, where it was created or opened by one. */
  readonly name: string | undefined;
  /** Inode of the namespace in the nsfs file system: the number in `net:[4026531840]`. */
  readonly ino: number;
  /** Device of the nsfs file system. Namespaces are the same if both `dev` and `ino` are. */
  readonly dev: number;

  readonly #descriptor: Descriptor;
  readonly #here: boolean;
  readonly #dispose: NetnsDetails['dispose'];
  readonly #sockets: Sockets;
  #connection: Connection | undefined;
  /** Uses under way of the descriptor or the socket. */
  #held = 0;
  #closed = false;
  #closing: AbortController | undefined;

  /** @internal */
  constructor({ opened, name, socket, here = false, dispose }: NetnsDetails) {
    this.name = name;
    this.ino = opened.ino;
    this.dev = opened.dev;
    this.#descriptor = opened.netns;
    this.#here = here;
    this.#dispose = dispose;
    this.#sockets = new Sockets(async (spec) =>
      native().openSocket(this.#here ? null : this.#descriptor, spec),
    );
    if (socket !== undefined) this.#sockets.adopt(routeSocket, socket);
  }

  /** False once it has been closed. */
  get open(): boolean {
    return !this.#closed;
  }

  /** 'red', or 'net:[4026532178]' for one without a name. */
  toString(): string {
    return this.name ?? `net:[${this.ino}]`;
  }

  /**
   * Closes the handle; the namespace itself stays if it has a name, or anything else in it. Requests that
   * wait in its queue are rejected with ERR_NETNS_CLOSED, those in flight settle as ever. Closing twice is fine.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection?.close(this.#closedError('use'));
    this.#closing?.abort(this.#closedError('use'));
    this.#release();
  }

  /** @internal Aborted when the handle is closed, with the error for what goes on with it until then. */
  get closing(): AbortSignal {
    if (this.#closing === undefined) {
      this.#closing = new AbortController();
      // as many as there are waits and watches in this namespace
      setMaxListeners(0, this.#closing.signal);
      if (this.#closed) this.#closing.abort(this.#closedError('use'));
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
   * @internal Lends the descriptor to a request that names this namespace by it. It stays open until the
   * request is through, even if the handle is closed meanwhile: its number must not come to mean another file.
   */
  async lend<T>(operation: string, use: (fd: number) => Promise<T>): Promise<T> {
    if (this.#closed) throw this.#closedError(operation);
    return this.#hold(async () => use(this.#descriptor.fd));
  }

  /** @internal Lends the socket that carries this namespace's requests. */
  async lendSocket<T>(operation: string, use: (socket: Descriptor) => Promise<T>): Promise<T> {
    if (this.#closed) throw this.#closedError(operation);
    return this.#hold(async () => use(await this.#openedSocket()));
  }

  /** @internal Lends the descriptor for as long as a function runs. */
  lendNow<T>(operation: string, use: (fd: number) => T): T {
    if (this.#closed) throw this.#closedError(operation);
    return use(this.#descriptor.fd);
  }

  /** @internal Reads or writes files below /proc/sys/net, as this namespace has them. */
  async sysctl(operation: string, paths: readonly string[], values: readonly string[] | null) {
    if (this.#closed) throw this.#closedError(operation);
    return native().sysctl(this.#here ? null : this.#descriptor, paths, values);
  }

  /** @internal Mounts the namespace on a name. */
  async attach(directory: string, name: string): Promise<void> {
    if (this.#closed) throw this.#closedError('attach namespace');
    await native().attachNetns(directory, name, this.#descriptor);
  }

  /** @internal Opens a socket in this namespace; it is the caller's. */
  async openSocket(operation: string, spec: SocketSpec): Promise<Descriptor> {
    if (this.#closed) throw this.#closedError(operation);
    return native().openSocket(this.#here ? null : this.#descriptor, spec);
  }

  /** @internal Opens a socket in this namespace and connects it; it is the caller's. */
  async openConnection(operation: string, spec: SocketSpec, address: Uint8Array): Promise<OpenedConnection> {
    if (this.#closed) throw this.#closedError(operation);
    return native().openConnection(this.#here ? null : this.#descriptor, spec, address);
  }

  /** @internal Sends a request in this namespace. */
  async request<T>(request: Request<T>): Promise<T> {
    if (this.#closed) throw this.#closedError(request.attempt.operation);
    this.#connection ??= this.#connect();
    return this.#connection.request(request);
  }

  /** @internal One exchange over a socket of this handle: opened by the first, closed with the handle. */
  async exchange(operation: string, spec: SocketSpec, bytes: Uint8Array): ReturnType<Native['transact']> {
    if (this.#closed) throw this.#closedError(operation);
    return this.#hold(async () => native().transact(await this.#sockets.get(spec), bytes));
  }

  /** Nothing is closed before the work is done. */
  async #hold<T>(work: () => Promise<T>): Promise<T> {
    this.#held++;
    try {
      return await work();
    } finally {
      this.#held--;
      this.#release();
    }
  }

  #release(): void {
    if (!this.#closed || this.#held > 0) return;
    this.#descriptor.close();
    this.#sockets.close();
  }

  #connect(): Connection {
    // At once where there is a socket: a full pack is on its way while its tick still makes up more.
    const transact = async (bytes: Uint8Array) =>
      native().transact(this.#sockets.ready(routeSocket) ?? (await this.#openedSocket()), bytes);
    return new Connection(async (bytes) => this.#hold(async () => transact(bytes)), this.toString());
  }

  async #openedSocket(): Promise<Descriptor> {
    try {
      return await this.#sockets.get(routeSocket);
    } catch (error) {
      throw toNetnsError(error, 'open a netlink socket in', this.toString());
    }
  }

  #closedError(operation: string): NetnsError {
    const reason = 'the handle was closed';
    return new NetnsError({ code: 'ERR_NETNS_CLOSED', operation, netns: this.toString(), reason });
  }
}
