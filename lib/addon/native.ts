import { errnoName } from './errno';
import { loadAddon } from './load';

/** A descriptor that the addon owns: closed by `close()`, or by the finalizer of a forgotten one. */
export interface Descriptor {
  /** For error messages and /proc; -1 when closed. */
  readonly fd: number;
  /** Requests in flight keep the file open until they are done. Closing twice is fine. */
  close(): void;
  /**
   * The open descriptor, which is the caller's to close from now on; this object is as after `close()`. EBUSY while a
   * request is in flight or it is watched.
   */
  release(): number;
}

/** A number stands for an int. */
export type SocketOption = readonly [
  level: number,
  name: number,
  value: number | Uint8Array,
  required: boolean,
];

export interface SocketSpec {
  domain: number;
  type: number;
  protocol: number;
  /** Where a required one is refused, opening fails. */
  options: readonly SocketOption[];
  /** SO_ATTACH_FILTER, struct sock_filter[]: there before anything of note can have arrived. */
  filter?: Uint8Array;
  /** bind(2), to a struct sockaddr. */
  bind?: Uint8Array;
  /** connect(2), to a struct sockaddr. */
  connect?: Uint8Array;
  /** listen(2). */
  backlog?: number;
}

/** connect(2), as far as it has come. */
export interface OpenedConnection {
  socket: Descriptor;
  /** 0, EINPROGRESS, or why it failed. */
  errno: number;
  /** getsockname(2): struct sockaddr. */
  name: Buffer;
}

export interface OpenedNetns {
  netns: Descriptor;
  dev: number;
  ino: number;
}

export interface OpenedFile {
  file: Descriptor;
  dev: number;
  ino: number;
}

/** The kernel's answers to a datagram of requests, and the first error of sending or receiving. */
export interface Reply {
  bytes: Buffer;
  errno: number;
}

/**
 * Why a member has no namespace; or, where not all requests were acknowledged, what the kernel has said. The namespace is there
 * then, whatever became of the requests.
 */
export interface MemberRest {
  error?: unknown;
  outer?: Reply;
  inner?: Reply;
}

/** What came from a watched socket, as recvmsg(2) gave it. */
export interface Datagram {
  bytes: Buffer;
  /** Raw struct sockaddr. */
  from: Buffer;
  /** MSG_TRUNC, MSG_ERRQUEUE, … */
  flags: number;
  /** When the kernel received it, by CLOCK_MONOTONIC in milliseconds: comparable with what sending returned. */
  time: number;
  /** The same by CLOCK_REALTIME, in nanoseconds. */
  epoch: bigint;
  /** What the socket's options asked for, but for the time. */
  control: [level: number, type: number, data: Buffer][];
}

/** Receiving failed. ENOBUFS means that datagrams were lost. */
export interface ReceiveFailure {
  errno: number;
  /** Nothing more will be received, because the addon's thread could not wait any more. Otherwise the socket is watched further. */
  ended?: true;
}

/** Ends the watching of a socket when it is called. */
export interface Watch {
  (): void;
  /** What comes stays in the socket's own buffer; what had been read before is still handed over. */
  pause(): void;
  resume(): void;
}

export type Received = Datagram | ReceiveFailure;

/**
 * One ioctl(2). A number is passed as it is, and of bytes the address. `pointed` are bytes whose address is laid into those of
 * the argument, `at` a place.
 */
export type IoctlCall = readonly [
  request: number,
  argument: number | Uint8Array,
  pointed?: Uint8Array,
  at?: number,
];

/** What became of several: the results of those that succeeded, and the errno of the one after them, or 0. */
export interface IoctlResults {
  /** Of each, what the kernel has made of `pointed`, or else of the argument. */
  results: Buffer[];
  errno: number;
}

/** Counted since the addon was loaded, in this thread. */
export interface Stats {
  /** Trips to the addon's threads. */
  jobs: number;
  /** Wall time inside them, in nanoseconds, summed over the threads: mostly the kernel's work. */
  busyNs: number;
  /** Calls of sendmsg(2) on netlink sockets. */
  sends: number;
  /** Calls of recvmmsg(2) on netlink sockets. */
  receives: number;
  /**
   * Messages at netlink sockets that were not believed, because their sender was not the kernel, as when somebody forges
   * events in a namespace of their own, or because they could not be decoded.
   */
  ignored: number;
  /** Threads started, ever. */
  threads: number;
}

/** What native/ offers. Its errors are Errors with `code`, `errno` and `syscall`. */
export interface Native {
  /** The file that it was loaded from. */
  readonly path: string;
  createNetns(
    directory: string,
    name: Uint8Array | null,
    socket: SocketSpec,
    ipv6: boolean,
  ): Promise<OpenedNetns & { socket: Descriptor }>;
  /**
   * Creates namespaces, and for each lays the number of its descriptor into its outer datagram, sends that over `outside`, then
   * its inner one over a socket in the namespace, which is closed again. `bytes` has both datagrams of each member, and
   * `layout` five numbers for each: bytes and requests of the outer datagram, where in it the descriptor's number belongs, bytes
   * and requests of the inner one. `identities` has `dev` and `ino` of each.
   */
  createMembers(
    directory: string,
    names: readonly (Uint8Array | null)[],
    socket: SocketSpec,
    outside: Descriptor,
    bytes: Uint8Array,
    layout: Uint32Array,
  ): Promise<{
    netns: (Descriptor | undefined)[];
    identities: Float64Array;
    rest: (MemberRest & { at: number })[];
  }>;
  attachNetns(directory: string, name: Uint8Array, netns: Descriptor): Promise<void>;
  /** With an inode, only if the name still stands for that namespace; ENOENT otherwise. */
  removeNetns(directory: string, name: Uint8Array, ino: number | null): Promise<void>;
  /** At once, and by the calling thread: /proc/thread-self is its own. */
  openNetns(path: string | Uint8Array): OpenedNetns;
  /**
   * Takes the calling thread into a namespace, by its descriptor, for the rest of its life: for a worker's thread,
   * before anything else runs on it. The main thread is refused.
   */
  enterNetns(fd: number): void;
  /** null is the namespace of the calling thread. */
  openSocket(netns: Descriptor | null, spec: SocketSpec): Promise<Descriptor>;
  /** At once. Reading from it does not wait. */
  openPipe(): { reader: Descriptor; writer: Descriptor };
  /**
   * Reads a packet from the file of a TUN device, at once, and without waiting, whatever the file's flags are. The length, or an
   * errno as a negative number: EAGAIN where there is none.
   */
  readPacket(file: Descriptor, room: Uint8Array): number;
  /** Writes a packet, as `readPacket` reads one. */
  writePacket(file: Descriptor, packet: Uint8Array): number;
  /**
   * Reads files below /proc/sys/net, or writes a value to each. All are opened before the first is written. `failed`
   * is the index of the one at fault, or -1. null is the namespace of the calling thread.
   */
  sysctl(
    netns: Descriptor | null,
    paths: readonly Uint8Array[],
    values: readonly string[] | null,
  ): Promise<{ values: string[]; failed: number; error?: Error }>;
  transact(socket: Descriptor, bytes: Uint8Array): Promise<Reply>;
  /** Sends without waiting for answers. The socket's listener receives them, in one order with the socket's events. */
  sendRequest(socket: Descriptor, bytes: Uint8Array): Promise<undefined>;
  /** Opens a socket and connects it, without waiting: see `watchConnection`. */
  openConnection(netns: Descriptor | null, spec: SocketSpec, address: Uint8Array): Promise<OpenedConnection>;
  /**
   * Calls the listener once, when the connection under way is there (0) or with the errno of its failure, unless the
   * returned function was called before. Until then it holds the socket open, and the event loop, too.
   */
  watchConnection(socket: Descriptor, listener: (errno: number) => void): () => void;
  /**
   * Calls the listener once, when there is something to read (0) or with the errno that ended the watch, unless the returned
   * function was called before. Until then it holds the file open, and the event loop, too.
   */
  watchReadable(file: Descriptor, listener: (errno: number) => void): () => void;
  /**
   * Hands over what arrives, the error queue's reports included, until the returned function is called; what has
   * been read by then, but not handed over, is gone. It holds the socket open; with `keepAlive` the event loop,
   * too. A socket is watched once at a time. While JavaScript is behind by some megabytes, datagrams stay in the
   * socket's own buffer.
   */
  watchSocket(socket: Descriptor, keepAlive: boolean, listener: (received: Received[]) => void): Watch;
  /** getsockopt(2): at most `length` bytes. */
  getSocketOption(socket: Descriptor, level: number, name: number, length: number): Buffer;
  /**
   * Closes it on one of the addon's threads: the kernel waits up to 40 ms (6.18) before it lets a packet socket
   * go, so that no reader still uses it, and a TUN device goes with its last file.
   */
  closeSocket(socket: Descriptor): Promise<void>;
  /**
   * Calls the listener after each change of a file in /proc or /sys that reports changes: poll(2), POLLPRI. The array is
   * empty then, or has the failure that ended the watch.
   */
  watchFile(path: string, keepAlive: boolean, listener: (failed: ReceiveFailure[]) => void): () => void;
  /** connect(2) of a datagram socket: its errno, or 0. The address is a struct sockaddr. */
  connectSocket(socket: Descriptor, address: Uint8Array): number;
  /**
   * One datagram, at once or not at all; without an address to where the socket is connected. `time` is right
   * before it was sent.
   */
  sendDatagram(
    socket: Descriptor,
    bytes: Uint8Array,
    address: Uint8Array | null,
  ): { errno: number; time: number };
  /** open(2), and the numbers that distinguish the file from another one of the same name. */
  openFile(path: string, flags: number, mode: number): Promise<OpenedFile>;
  /**
   * Locks the file, as soon as nobody else has: in this process by another descriptor, or in another one. At once where
   * it is free; else a thread waits. Closing the descriptor unlocks it, too, and so does the end of the process.
   */
  lockFile(file: Descriptor): Promise<void>;
  /** Whether the file is unlocked. */
  unlockFile(file: Descriptor): boolean;
  /**
   * Opens the file of a device, for reading and writing that do not wait. What the file makes belongs to the namespace; null
   * is that of the calling thread.
   */
  openDevice(netns: Descriptor | null, path: string): Promise<Descriptor>;
  /** Makes calls on a file or a socket, one after another, up to the first that fails. */
  ioctl(file: Descriptor, calls: readonly IoctlCall[]): Promise<IoctlResults>;
  /** Opens what is pinned at a path, by bpf(2). The type is BPF_PROG_TYPE_*, or 0 of what is no program. */
  openPinned(path: Uint8Array): Promise<{ file: Descriptor; type: number }>;
  stats(): Stats;
  /** Counts a message that was not believed, for the statistics. */
  countIgnored(): void;
}

interface Addon extends Native {
  /** The names for the `code` of the addon's errors: not every C library has them. */
  setErrnoName(name: (errno: number) => string): void;
}

let loaded: Native | undefined;

/** The addon, loaded by the first call that needs it, so that importing works on every platform. */
export function native(): Native {
  if (loaded === undefined) {
    if (process.platform !== 'linux') {
      throw new Error(`rtnetns works on Linux only: ${process.platform} has no network namespaces`);
    }
    const addon = loadAddon() as Addon;
    addon.setErrnoName(errnoName);
    loaded = addon;
  }
  return loaded;
}
