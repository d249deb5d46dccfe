import { errorText, type Words } from '../common/error-text';
import { GET_CAPABILITY, WANTS } from '../common/wants';
import { isSystemError } from '../common/system-error';
import type { Attempt } from '../netlink/error';
import { ownReason } from './refusal';

/** What a caller has asked for: words that the namespace follows, 'listen in namespace', or what a request attempts. */
export type Asked = string | Attempt;

/** What people attempt with namespaces themselves, apart from what is in them. */
export interface NetnsErrorDetails {
  /** 'ENOENT', or of our own: 'ERR_NETNS_CLOSED', 'ERR_NOT_A_NETNS'. */
  code: string;
  errno?: number | undefined;
  /** 'create namespace' */
  operation: Asked;
  /** Name, path or number of the namespace. */
  netns: string;
  reason: string;
  /** Whether it is the handle that fails, whatever is asked of it: it is closed, or its namespace cannot be entered. */
  unusable?: boolean;
}

/** An operation on a network namespace itself failed: its file, its mount, its handle. */
export class NetnsError extends Error {
  // node prints it where an error is not caught, and a bundler renames a class that refers to itself
  static override readonly name: string = 'NetnsError';
  override readonly name = 'NetnsError';
  /** 'ENOENT', or of this library: 'ERR_NETNS_CLOSED'. */
  readonly code: string;
  /** The system's error number, where it was the system that refused. */
  readonly errno: number | undefined;
  /** What was attempted: 'create namespace'. */
  readonly operation: string;
  /** Name, path or number of the namespace. */
  readonly netns: string;
  /**
   * Where something could not be taken back that was made before the failure: an error for each step, which names what is
   * left.
   */
  declare readonly rollbackErrors?: readonly unknown[];

  readonly #details: NetnsErrorDetails;

  /** @hidden */
  constructor(details: NetnsErrorDetails, options?: ErrorOptions) {
    const { code, errno, operation: asked, netns, reason } = details;
    const attempted = typeof asked === 'string' ? [asked] : [asked.operation, asked.device, 'in namespace'];
    super(errorText({ code, attempted: [...attempted, netns], explanation: reason }), options);
    this.code = code;
    this.errno = errno;
    this.operation = typeof asked === 'string' ? asked : asked.operation;
    this.netns = netns;
    this.#details = details;
  }

  /** @internal Of a step towards what was asked for: the same error with that, and with what the step is for. */
  asStep(operation: string, netns: string, purpose: string): NetnsError {
    const reason = `${purpose}: ${this.#details.reason}`;
    return new NetnsError({ ...this.#details, operation, netns, reason }, { cause: this.cause });
  }

  /** @internal Where the handle failed in a step: the same error with what the caller has asked for. Others stay as they are. */
  during(asked: Asked): NetnsError {
    if (this.#details.unusable !== true) return this;
    const { rollbackErrors } = this;
    const error = new NetnsError({ ...this.#details, operation: asked }, { cause: this.cause });
    return rollbackErrors === undefined ? error : Object.assign(error, { rollbackErrors });
  }
}

/** The error of a step, with what the caller has asked for where it is the handle that fails; any other error as it is. */
export function during(error: unknown, asked: Asked): unknown {
  return error instanceof NetnsError ? error.during(asked) : error;
}

const WORDS: Words = {
  EEXIST: 'a namespace of that name exists already',
  ENOENT: 'there is no such namespace',
  ESRCH: 'there is no such process',
  ECANCELED: 'a thread of this library was killed, as by a seccomp filter: it may have been done by then',
  EPERM: `CAP_SYS_ADMIN is missing (it is needed to make, enter and name namespaces): ${GET_CAPABILITY}`,
  EACCES: 'the file may not be opened by this user (the namespaces of other users need CAP_SYS_PTRACE)',
  ENOSPC: 'a limit on the number of namespaces or mounts is reached: user.max_net_namespaces, fs.mount-max',
  ...WANTS,
  EROFS: 'the directory of the names is on a file system that is mounted read-only',
};

/** Where a name is made or removed. */
export const NAMING_WORDS: Words = {
  EACCES: "this user may not write the directory of the names: run as root, or under 'rtnetns sandbox'",
  EISDIR: 'it is a directory, not a namespace',
};

/**
 * The system's refusal with what was attempted; anything else is handed back as it is. `words` are for the codes
 * that mean something else here.
 */
export function toNetnsError(error: unknown, operation: Asked, netns: string, words: Words = {}): unknown {
  if (!isSystemError(error)) return error;
  const reason = ownReason(error.code) ?? words[error.code] ?? WORDS[error.code] ?? error.message;
  const { code, syscall } = error;
  // node's own errors have the number below zero
  const errno = Math.abs(error.errno);
  // 'thread': the thread that was to enter the namespace was killed
  const unusable = syscall === 'setns' || syscall === 'thread';
  return new NetnsError(
    { code, errno, operation, netns, reason: `${reason} (${syscall})`, unusable },
    { cause: error },
  );
}
