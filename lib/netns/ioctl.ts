import { type Descriptor, type IoctlCall, native } from '../addon/native';
import { IFNAMSIZ } from '../common/limits';
import { withCallers } from '../common/stack';
import { isSystemError } from '../common/system-error';
import { WANTS } from '../common/wants';
import { type Codec, text, u16 } from '../netlink/codec';
import { type Attempt, NetlinkError } from '../netlink/error';
import { struct } from '../netlink/struct';
import type { Netns } from './netns';
import { toNetnsError } from './netns-error';

// What has no message over netlink is asked by ioctl(2), on a file or a socket that belongs to the namespace. A refusal is a
// NetlinkError all the same, because a caller need not know which of the two the kernel has for what is asked.

/** An array of char, which holds a text with a NUL at its end. */
export function charArray(size: number): Codec<string> {
  const inner = text(size - 1);
  return {
    shape: inner.shape,
    write(to, value) {
      const start = to.length;
      inner.write(to, value);
      to.reserve(size - (to.length - start));
    },
    read: (from, start, end) => inner.read(from, start, end),
  };
}

/** struct ifreq, of a 64-bit machine: what follows the name is a union, which is the flags here, or the address of other bytes. */
export const ifreq = struct([['name', charArray(IFNAMSIZ), IFNAMSIZ], ['flags', u16, 2], 22]);

/** Where the union begins. */
export const IFREQ_DATA = IFNAMSIZ;

/** A call, and the option that it sets. */
export interface NamedCall {
  call: IoctlCall;
  option?: string;
}

/** @internal Makes calls one after another, up to the first that is refused. Returns what the kernel has made of each. */
export async function ioctls(
  netns: Netns,
  file: Descriptor,
  calls: readonly NamedCall[],
  attempt: Attempt,
): Promise<Buffer[]> {
  const { results, errno } = await native()
    .ioctl(
      file,
      calls.map(({ call }) => call),
    )
    .catch((error: unknown) => {
      throw withCallers(toNetnsError(error, attempt, netns.toString()));
    });
  if (errno === 0) return results;
  const option = calls[results.length]?.option;
  throw withCallers(new NetlinkError({ ...attempt, errno, netns: netns.toString(), option }));
}

/** @internal Opens the file of a device in this namespace; it is the caller's. */
export async function openDevice(netns: Netns, path: string, attempt: Attempt): Promise<Descriptor> {
  return netns.lend(attempt, async ({ entry }) => {
    try {
      return await native().openDevice(entry, path);
    } catch (error) {
      if (!isSystemError(error) || error.syscall !== 'open') {
        throw toNetnsError(error, attempt, netns.toString());
      }
      const details = { ...attempt, errno: error.errno, netns: netns.toString() };
      throw new NetlinkError({ ...details, words: { ...WANTS, ...attempt.words } });
    }
  });
}
