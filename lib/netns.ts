import { checkNetnsName } from './check';
import { NetnsError, toNetnsError } from './error';
import { Connection } from './netlink/connection';
import type { Request } from './netlink/object';
import { type Descriptor, native, type OpenedNetns } from './native';
import { routeSocket } from './socket';

/** Where `ip netns` keeps the names. */
export const NETNS_DIRECTORY = '/run/netns';

interface NetnsDetails {
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
  #socket: Promise<Descriptor> | undefined;
  #connection: Connection | undefined;
  #lent = 0;
  #closed = false;

  /** @internal */
  constructor({ opened, name, socket, here = false, dispose }: NetnsDetails) {
    this.name = name;
    this.ino = opened.ino;
    this.dev = opened.dev;
    this.#descriptor = opened.netns;
    this.#here = here;
    this.#dispose = dispose;
    if (socket !== undefined) this.#socket = Promise.resolve(socket);
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
    this.#releaseDescriptor();
    void this.#socket?.then(
      (socket) => {
        socket.close();
      },
      () => undefined,
    );
  }

  /** Deletes what `createNetns` made under a name, then closes the handle. An opened one is only closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    await this.#dispose?.(this);
    this.close();
  }

  /**
   * @internal Lends the descriptor to a request that names this namespace by it. It stays open until the
   * request is through, even if the handle is closed meanwhile: its number must not come to mean another file.
   */
  async lend<T>(operation: string, use: (fd: number) => Promise<T>): Promise<T> {
    if (this.#closed) throw this.#closedError(operation);
    this.#lent++;
    try {
      return await use(this.#descriptor.fd);
    } finally {
      this.#lent--;
      this.#releaseDescriptor();
    }
  }

  /** @internal Mounts the namespace on a name. */
  async attach(directory: string, name: string): Promise<void> {
    if (this.#closed) throw this.#closedError('attach namespace');
    await native().attachNetns(directory, name, this.#descriptor);
  }

  /** @internal Sends a request in this namespace. */
  async request<T>(request: Request<T>): Promise<T> {
    if (this.#closed) throw this.#closedError(request.attempt.operation);
    this.#connection ??= this.#connect();
    return this.#connection.request(request);
  }

  #releaseDescriptor(): void {
    if (this.#closed && this.#lent === 0) this.#descriptor.close();
  }

  #connect(): Connection {
    this.#socket ??= native().openSocket(this.#here ? null : this.#descriptor, routeSocket);
    const opened = this.#socket;
    return new Connection(async (bytes) => {
      let socket: Descriptor;
      try {
        socket = await opened;
      } catch (error) {
        throw toNetnsError(error, 'open a netlink socket in', this.toString());
      }
      return native().transact(socket, bytes);
    }, this.toString());
  }

  #closedError(operation: string): NetnsError {
    const reason = 'the handle was closed';
    return new NetnsError({ code: 'ERR_NETNS_CLOSED', operation, netns: this.toString(), reason });
  }
}

/**
 * Creates a network namespace. It holds nothing but `lo`, which is down.
 *
 * With a name it is what `ip netns add NAME` makes: a file in /run/netns with the namespace mounted on it. It
 * stays until it is deleted; `await using` deletes it at the end of the block. Without a name it lives as long
 * as its handle, or anything in it, and is gone with the process, even after SIGKILL.
 *
 * @throws {@link NetnsError} EEXIST where the name is taken, EPERM without CAP_SYS_ADMIN, ENOSPC at a limit
 * (user.max_net_namespaces). Nothing is left behind then.
 * @see network_namespaces(7), ip-netns(8), unshare(2)
 */
export async function createNetns(name?: string): Promise<Netns> {
  if (name !== undefined) checkNetnsName(name);
  try {
    const opened = await native().createNetns(NETNS_DIRECTORY, name ?? null, routeSocket);
    const dispose =
      name === undefined ? undefined : (netns: Netns) => deleteNetns(netns, { ifMissing: 'ignore' });
    return new Netns({ opened, name, socket: opened.socket, dispose });
  } catch (error) {
    throw toNetnsError(error, 'create namespace', name ?? '(without a name)');
  }
}

export interface DeleteNetnsOptions {
  /** Where there is no such namespace: 'fail' (default) with ENOENT, or 'ignore'. */
  ifMissing?: 'fail' | 'ignore';
}

/**
 * Removes a namespace's name, as `ip netns delete` does, and closes the handle where one is given. The kernel
 * frees the namespace, and what is in it, as soon as nothing else holds it: no process, no socket, no handle.
 * A stale file in /run/netns, left by a crash, goes the same way when it is named. By its handle a namespace
 * is only deleted while the name still stands for it. A handle without a name is only closed.
 *
 * @throws {@link NetnsError} ENOENT where there is no such name.
 * @see ip-netns(8), umount2(2)
 */
export async function deleteNetns(
  netns: Netns | string,
  { ifMissing = 'fail' }: DeleteNetnsOptions = {},
): Promise<void> {
  const name = typeof netns === 'string' ? netns : netns.name;
  try {
    if (name !== undefined) {
      checkNetnsName(name);
      await native().removeNetns(NETNS_DIRECTORY, name, typeof netns === 'string' ? null : netns.ino);
    }
  } catch (error) {
    const missing = (error as { code?: unknown }).code === 'ENOENT';
    if (!(missing && ifMissing === 'ignore')) throw toNetnsError(error, 'delete namespace', String(name));
  }
  if (typeof netns !== 'string') netns.close();
}

/** What to open: a name in /run/netns, any path, a process, or an open descriptor of this process. */
export type NetnsReference = string | { path: string } | { pid: number } | { fd: number };

/**
 * Opens a namespace by its name, by a path such as `{ path: '/proc/1/ns/net' }`, by a process `{ pid }`, or by
 * a descriptor `{ fd }`, which stays the caller's.
 *
 * @throws {@link NetnsError} ENOENT where there is none; ERR_NOT_A_NETNS for a file that is no network namespace,
 * such as a stale one in /run/netns; EACCES for a process of another user.
 */
export async function openNetns(reference: NetnsReference): Promise<Netns> {
  const [path, name] = locate(reference);
  return openPath(path, { name });
}

/** The namespace of the calling thread: of the process, but in a worker that lives in a namespace of its own. */
export async function currentNetns(): Promise<Netns> {
  return openPath('/proc/thread-self/ns/net', { here: true });
}

function locate(reference: NetnsReference): [path: string, name?: string] {
  if (typeof reference === 'string') {
    checkNetnsName(reference);
    return [`${NETNS_DIRECTORY}/${reference}`, reference];
  }
  if ('path' in reference) return [reference.path];
  const [option, value, path] =
    'pid' in reference
      ? (['pid', reference.pid, `/proc/${reference.pid}/ns/net`] as const)
      : (['fd', reference.fd, `/proc/self/fd/${reference.fd}`] as const);
  if (!Number.isInteger(value) || value < 0) {
    throw new RangeError(`${option}: expected a non-negative integer, got ${String(value)}`);
  }
  return [path];
}

// eslint-disable-next-line @typescript-eslint/require-await -- every refusal is a rejection
async function openPath(path: string, details: Omit<NetnsDetails, 'opened'>): Promise<Netns> {
  const shown = details.name ?? path;
  try {
    return new Netns({ opened: native().openNetns(path), ...details });
  } catch (error) {
    if ((error as { syscall?: unknown }).syscall === 'NS_GET_NSTYPE') {
      const reason = `${path} is not a network namespace`;
      throw new NetnsError({ code: 'ERR_NOT_A_NETNS', operation: 'open namespace', netns: shown, reason });
    }
    throw toNetnsError(error, 'open namespace', shown);
  }
}
