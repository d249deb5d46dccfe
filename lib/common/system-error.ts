import { types } from 'node:util';

/** The same of what node's fs and the addon refuse. */
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
  code: string;
  errno: number;
  syscall: string;
}

export function isSystemError(error: unknown): error is SystemError {
  // not `instanceof`: under jest, which runs its tests in another context, the addon's errors are of the first
  return types.isNativeError(error) && 'code' in error && 'errno' in error && 'syscall' in error;
}
