import { getSystemErrorMap, getSystemErrorName } from 'node:util';
import { printable } from '../../common/printable';
import type { SystemError } from '../../common/system-error';

/** What node writes for a socket that the system refused: net.Socket, net.Server, dgram.Socket, dns.lookup. */
export interface SocketError extends SystemError {
  address?: string;
  port?: number;
  localAddress?: string;
  localPort?: number;
}

/** Where it was to be connected or bound to. */
export interface SocketEnd {
  address: string;
  port?: number;
}

interface Wording {
  /** With the system's sentence, as net.Server has it. */
  sentence?: boolean;
  /** The local end, 'ADDRESS:PORT'. */
  local?: string;
}

/** `errno` is the system's positive one; node's is negative. */
export function socketError(
  syscall: string,
  errno: number,
  { address, port = 0 }: SocketEnd,
  { sentence = false, local }: Wording = {},
): SocketError {
  const code = getSystemErrorName(-errno);
  const [, words = 'unknown error'] = getSystemErrorMap().get(-errno) ?? [];
  const place = port > 0 ? `${address}:${port}` : address;
  const message = `${syscall} ${code}${sentence ? `: ${words}` : ''} ${place}`;
  const text = local === undefined ? message : `${message} - Local (${local})`;
  return Object.assign(new Error(printable(text)), {
    code,
    errno: -errno,
    syscall,
    address,
    ...(port > 0 && { port }),
  });
}

/** Of several attempts, as node has it: one error for itself, more than one in an AggregateError with the first's code. */
export function allFailed(errors: readonly Error[]): Error {
  const [first, ...others] = errors;
  if (first !== undefined && others.length === 0) return first;
  return Object.assign(new AggregateError(errors), { code: (first as SystemError | undefined)?.code });
}
