import { constants } from 'node:os';
import { errorText } from '../common/error-text';

export interface NetnsPoolErrorDetails {
  /** 'ETIMEDOUT', or of this library: 'ERR_NETNS_POOL_CLOSED'. */
  code: string;
  /** 'acquire from' */
  operation: string;
  /** What the pool is called, where it has a name. */
  pool: string | undefined;
  reason: string;
}

/** A pool of namespaces cannot do what it is asked for. What its namespaces fail by is thrown as it is. */
export class NetnsPoolError extends Error {
  override readonly name = 'NetnsPoolError';
  /** 'ETIMEDOUT', or of this library: 'ERR_NETNS_POOL_CLOSED'. */
  readonly code: string;
  /** The system's number of the code, where it has one. */
  readonly errno: number | undefined;
  /** What was attempted: 'acquire from'. */
  readonly operation: string;
  /** The option `name` of the pool. */
  readonly pool: string;

  /** @hidden */
  constructor({ code, operation, pool = '(without a name)', reason }: NetnsPoolErrorDetails) {
    super(errorText({ code, attempted: [operation, 'namespace pool', pool], explanation: reason }));
    this.code = code;
    this.errno = code === 'ETIMEDOUT' ? constants.errno.ETIMEDOUT : undefined;
    this.operation = operation;
    this.pool = pool;
  }
}

export function closedError(operation: string, pool: string | undefined): NetnsPoolError {
  return new NetnsPoolError({ code: 'ERR_NETNS_POOL_CLOSED', operation, pool, reason: 'it is closed' });
}

export function lateError(operation: string, pool: string | undefined, reason: string): NetnsPoolError {
  return new NetnsPoolError({ code: 'ETIMEDOUT', operation, pool, reason });
}
