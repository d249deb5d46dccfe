import { constants, type FileHandle, open } from 'node:fs/promises';
import os from 'node:os';
import { fromBytes, toBytes } from '../../common/byte-text';
import type { Netns } from '../../netns/netns';
import { NetnsError, toNetnsError } from '../../netns/netns-error';

/** Bytes of a file of /etc that is read. */
const LONGEST = 2 ** 24;

/**
 * What a process that `ip netns exec` has put into the namespace finds in /etc: its own file, or that of all.
 *
 * @throws {@link NetnsError} with the operation, for a file that is there and cannot be read.
 */
export async function readEtc(
  netns: Netns,
  file: 'resolv.conf' | 'hosts',
  operation: string,
): Promise<string> {
  const read = async (path: string) => {
    const refuse = (code: 'EINVAL' | 'EFBIG', reason: string) => {
      const errno = os.constants.errno[code];
      return new NetnsError({ code, errno, operation, netns: netns.toString(), reason: `${path} ${reason}` });
    };
    try {
      return await readIfThere(path, refuse);
    } catch (error) {
      throw toNetnsError(error, operation, netns.toString(), { EACCES: `this user may not read ${path}` });
    }
  };
  const own = netns.name === undefined ? undefined : await read(`/etc/netns/${netns.name}/${file}`);
  return own ?? (await read(`/etc/${file}`)) ?? '';
}

type Refuse = (code: 'EINVAL' | 'EFBIG', reason: string) => Error;

async function readIfThere(path: string, refuse: Refuse): Promise<string | undefined> {
  let handle: FileHandle;
  try {
    // Namespaces may be called by any bytes. The file may be made by somebody else: a FIFO would be waited for.
    handle = await open(toBytes(path), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
  try {
    const { size } = await checkFile(handle, refuse);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, 0);
    return fromBytes(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

async function checkFile(handle: FileHandle, refuse: Refuse) {
  const stat = await handle.stat();
  if (!stat.isFile()) throw refuse('EINVAL', 'is no regular file');
  if (stat.size > LONGEST) throw refuse('EFBIG', 'is larger than 16 MiB');
  return stat;
}
