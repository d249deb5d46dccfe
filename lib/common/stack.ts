import { types } from 'node:util';

/**
 * An error that was made when an answer came, with the stack of those who wait for the answer: V8 knows them here, in the
 * function that has awaited it, and this costs nothing until something fails.
 */
export function withCallers(error: unknown): unknown {
  if (types.isNativeError(error)) Error.captureStackTrace(error, withCallers);
  return error;
}
