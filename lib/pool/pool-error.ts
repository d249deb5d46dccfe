import { getSystemErrorMap } from 'node:util';
import { errorText, type Words } from '../common/error-text';
import { isSystemError } from '../common/system-error';

export interface PoolErrorDetails {
  /**
   * 'EADDRINUSE', 'EEXIST', 'ENOSPC', …, or of our own: 'ERR_POOL_EXHAUSTED', 'ERR_POOL_DAMAGED', 'ERR_POOL_MISMATCH',
   * 'ERR_POOL_CLOSED'.
   */
  code: string;
  errno?: number | undefined;
  /** 'allocate from' */
  operation: string;
  /** '10.200.0.0/16' */
  pool: string;
  /** The address or subnet that it is about. */
  address?: string | undefined;
  /** Who has it. */
  owner?: string | undefined;
  /** The file that it is about. */
  path?: string | undefined;
  reason: string;
}

/** An operation on a pool of addresses or subnets failed. Nothing was given or released by it. */
export class PoolError extends Error {
  override readonly name = 'PoolError';
  readonly code: string;
  /** The system's error number, where it was the system that refused. */
  readonly errno: number | undefined;
  readonly operation: string;
  readonly pool: string;
  readonly address: string | undefined;
  readonly owner: string | undefined;
  readonly path: string | undefined;

  constructor(details: PoolErrorDetails, options?: ErrorOptions) {
    const { code, operation, pool, reason } = details;
    super(errorText({ code, attempted: [operation, 'pool', pool], explanation: reason }), options);
    this.code = code;
    this.errno = details.errno;
    this.operation = operation;
    this.pool = pool;
    this.address = details.address;
    this.owner = details.owner;
    this.path = details.path;
  }
}

const WORDS: Words = {
  ENOSPC: 'there is no space left in',
  EDQUOT: "the user's quota is used up in",
  EROFS: 'the file system is mounted read-only, of',
  EACCES: 'this user may not write to',
  EPERM: 'this user may not write to',
  ENOENT: 'somebody has removed',
  ENOTDIR: 'there is no directory at',
  EEXIST: 'there is no directory at',
  ELOOP: 'the lock is a symbolic link, in',
};

/** The system's refusal with what was attempted; anything else is handed back as it is. */
export function toPoolError(error: unknown, operation: string, pool: string, path: string): unknown {
  if (!isSystemError(error)) return error;
  const { code, syscall } = error;
  const errno = Math.abs(error.errno); // that of node's fs is negative
  const sentence = getSystemErrorMap().get(-errno)?.[1] ?? error.message;
  const reason = `${WORDS[code] ?? `${sentence}, in`} ${path} (${syscall})`;
  return new PoolError({ code, errno, operation, pool, path, reason }, { cause: error });
}
