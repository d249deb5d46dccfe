import { NetlinkError } from './netlink/error';

// Handlers for catch() of a request.

/** The same error with words of ours where the kernel gave only a number. */
export function explaining(code: string, words: () => string): (error: unknown) => never {
  return (error) => {
    throw error instanceof NetlinkError && error.code === code ? error.explained(words()) : error;
  };
}

/** Nothing went wrong if it was only this. */
export function ignoring(code: string): (error: unknown) => undefined {
  return (error) => {
    if (!(error instanceof NetlinkError && error.code === code)) throw error;
  };
}

export function rethrow(error: unknown): never {
  throw error;
}
