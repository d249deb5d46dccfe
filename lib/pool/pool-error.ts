import { getSystemErrorMap } from 'node:util';
import { errorText, type Words } from '../common/error-text';
import { isSystemError } from '../common/system-error';

export interface PoolErrorDetails {
  /**
   * 'EADDRINUSE', 'EEXIST', 'ENOSPC', …, or a code of this library: 'ERR_POOL_EXHAUSTED', 'ERR_POOL_DAMAGED',
   * 'ERR_POOL_MISMATCH', 'ERR_POOL_UNSAFE', 'ERR_POOL_CLOSED'.
   */
  code: string;
  errno?: number | undefined;
  /** 'allocate from' */
  operation: string;
  /** '10.200.0.0/16' */
  pool: string;
  /** The address or subnet at fault. */
  address?: string | undefined;
  /** The owner of that address or subnet. */
  owner?: string | undefined;
  /** The file at fault. */
  path?: string | undefined;
  reason: string;
}

/** An operation on a pool of addresses or subnets failed, and gave or released nothing. */
export class PoolError extends Error {
  override readonly name = 'PoolError';
  /** 'EADDRINUSE', or of this library: 'ERR_POOL_EXHAUSTED'. */
  readonly code: string;
  /** The errno, where the system refused. */
  readonly errno: number | undefined;
  /** What was attempted: 'allocate from'. */
  readonly operation: string;
  /** '10.200.0.0/16' */
  readonly pool: string;
  /** The address or subnet at fault. */
  readonly address: string | undefined;
  /** The owner of that address or subnet. */
  readonly owner: string | undefined;
  /** The file at fault. */
  readonly path: string | undefined;

  /** @hidden */
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
  ELOOP: 'a file of the pool is a symbolic link, in',
};

/** Where a directory is created. */
const CREATING: Words = { ENOENT: 'no directory can be created for' };

/** A PoolError with the operation for an error of the system. Any other error is returned as it is. */
export function toPoolError(error: unknown, operation: string, pool: string, path: string): unknown {
  if (!isSystemError(error)) return error;
  const { code, syscall } = error;
  const errno = Math.abs(error.errno); // that of node's fs is negative
  const sentence = getSystemErrorMap().get(-errno)?.[1] ?? error.message;
  const words = syscall === 'mkdir' ? { ...WORDS, ...CREATING } : WORDS;
  const reason = `${words[code] ?? `${sentence}, in`} ${path} (${syscall})`;
  return new PoolError({ code, errno, operation, pool, path, reason }, { cause: error });
}
