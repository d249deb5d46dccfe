import { errorText, type Words } from '../common/error-text';
import { isSystemError } from '../common/system-error';
import { ownReason } from './refusal';

/** What people attempt with namespaces themselves, apart from what is in them. */
export interface NetnsErrorDetails {
  /** 'ENOENT', or of our own: 'ERR_NETNS_CLOSED', 'ERR_NOT_A_NETNS'. */
  code: string;
  errno?: number | undefined;
  /** 'create namespace' */
  operation: string;
  /** Name, path or number of the namespace. */
  netns: string;
  reason: string;
}

/** An operation on a network namespace itself failed: its file, its mount, its handle. */
export class NetnsError extends Error {
  override readonly name = 'NetnsError';
  readonly code: string;
  /** The system's error number, where it was the system that refused. */
  readonly errno: number | undefined;
  readonly operation: string;
  readonly netns: string;
  /**
   * Where something could not be taken back that was made before the failure: an error for each step, which names what is
   * left.
   */
  declare readonly rollbackErrors?: readonly unknown[];

  constructor({ code, errno, operation, netns, reason }: NetnsErrorDetails, options?: ErrorOptions) {
    super(errorText({ code, attempted: [operation, netns], explanation: reason }), options);
    this.code = code;
    this.errno = errno;
    this.operation = operation;
    this.netns = netns;
  }
}

const WORDS: Words = {
  EEXIST: 'a namespace of that name exists already',
  ENOENT: 'there is no such namespace',
  ESRCH: 'there is no such process',
  ECANCELED: 'a thread of this library was killed, as by a seccomp filter: it may have been done by then',
  EPERM:
    'CAP_SYS_ADMIN is missing (it is needed to make, enter and name namespaces): ' +
    "run as root, give the process the capability, or run it under 'rtnetns sandbox'",
  EACCES: 'the file may not be opened by this user (the namespaces of other users need CAP_SYS_PTRACE)',
  ENOSPC: 'a limit on the number of namespaces or mounts is reached: user.max_net_namespaces, fs.mount-max',
  EMFILE: 'this process has no descriptor left: raise its limit (ulimit -n), or close handles',
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
export function toNetnsError(error: unknown, operation: string, netns: string, words: Words = {}): unknown {
  if (!isSystemError(error)) return error;
  const reason = ownReason(error.code) ?? words[error.code] ?? WORDS[error.code] ?? error.message;
  const { code, errno } = error;
  return new NetnsError(
    { code, errno, operation, netns, reason: `${reason} (${error.syscall})` },
    { cause: error },
  );
}
