/** What a process has to do before it counts as ready. */
export type ReadyDefinition =
  | {
      /** Something listens at this TCP port of the node: it accepts a connection, which is ended at once. */
      port: number;
      /** The address at which it listens: the node's first one by default, and 127.0.0.1 of a node without addresses. */
      host?: string;
    }
  | {
      /** A line of what it writes has this text in it. */
      log: string;
    }
  | {
      /** There is a file of this name, which counts from `cwd`. */
      file: string;
    }
  | {
      /** It has ended with this exit code: 0 of what prepares something. */
      exitCode: number;
    };

/** What commands and workers have in common. */
interface AnyProcess {
  /** In a node with several: 'web1.NAME' is the process of this name of web1. One may be without, and is called as the node. */
  name?: string;
  /** Variables of the environment, besides those of this process. */
  env?: Readonly<Record<string, string>>;
  /** The directory, that of this process by default. */
  cwd?: string;
  /** When it counts as ready; by default as soon as it runs. */
  ready?: ReadyDefinition;
  /** Milliseconds until it has to be ready; 30,000 by default. */
  timeout?: number;
  /** The processes that have to be ready before it is started, and that end after it: ['db', 'web1.cache']. */
  after?: string | readonly string[];
}

/** A program that runs in a node. */
export interface CommandDefinition extends AnyProcess {
  /** ['node', 'server.js'] */
  command: readonly string[];
  uid?: number;
  gid?: number;
  /** false: it has no mount namespace of its own, as of `spawn`. */
  mounts?: boolean;
  /** Milliseconds that it has to end after SIGTERM, before SIGKILL; 5,000 by default. */
  grace?: number;
}

/** A worker thread of this process, whose sockets are in a node. */
export interface WorkerDefinition extends AnyProcess {
  /** The file, which counts from `cwd`. */
  worker: string;
  workerData?: unknown;
}

/** What runs in a node. */
export type ProcessDefinition = CommandDefinition | WorkerDefinition;
