import { types } from 'node:util';

/** A handler for `catch` that ignores errors of node's fs and of the addon with this code, and throws others. */
export function ignoringSystem(code: string): (error: unknown) => undefined {
  return (error) => {
    if (!(isSystemError(error) && error.code === code)) throw error;
  };
}

export function rethrow(error: unknown): never {
  throw error;
}

/** An error of the addon or of node's fs. */
export interface SystemError extends Error {
  /** 'EADDRINUSE' */
  code: string;
  /** The negative error number, as node has it. */
  errno: number;
  /** 'bind' */
  syscall: string;
}

export function isSystemError(error: unknown): error is SystemError {
  // `instanceof` would fail under jest, because its tests run in another context than the one of the addon's errors.
  return types.isNativeError(error) && 'code' in error && 'errno' in error && 'syscall' in error;
}
