import { constants } from 'node:os';
import { type Descriptor, native } from '../addon/native';
import { toBytes } from '../common/byte-text';
import { isSystemError } from '../common/system-error';
import { type Attempt, NetlinkError } from '../netlink/error';
import type { Netns } from '../netns/netns';
import { toNetnsError } from '../netns/netns-error';
import type { Action } from './actions';
import type { Asked } from './kind-request';

/** linux/bpf.h, BPF_PROG_TYPE_*: what a program was loaded for. */
const FOR_FILTER = 3; // BPF_PROG_TYPE_SCHED_CLS
const FOR_ACTION = 4; // BPF_PROG_TYPE_SCHED_ACT

const WORDS: Readonly<Partial<Record<string, string>>> = {
  ENOENT: 'nothing is pinned there',
  ENOTDIR: 'nothing is pinned there',
  EACCES:
    'it is in no file system of the type bpf (mount -t bpf bpf /sys/fs/bpf), or this user may not open it',
  EPERM: 'CAP_BPF, or before 5.8 CAP_SYS_ADMIN, is missing in the first user namespace',
  ENOSYS: 'this kernel has no bpf(2)',
};

/** What is asked for, where each program that is pinned has a descriptor. */
interface Opened {
  asked: Asked;
  actions: readonly Action[];
}

/** Makes a request for which pinned programs are open, and closes them, whatever becomes of it. */
export async function withPrograms<T>(
  netns: Netns,
  { asked, actions }: Opened,
  attempt: Attempt,
  request: (opened: Opened) => Promise<T>,
): Promise<T> {
  const files: Descriptor[] = [];
  const opened = async <O extends object>(own: O, type: number, path: string): Promise<O> => {
    const { pinned, ...others } = own as O & { pinned?: unknown };
    if (typeof pinned !== 'string') return own;
    const file = await openProgram(netns, pinned, type, { ...attempt, option: `${path}pinned` });
    files.push(file);
    return { ...others, fd: file.fd } as O;
  };
  try {
    // one after another, because what another one has opened would be left where one fails
    const own = await opened(asked.own, FOR_FILTER, '');
    const found: Action[] = [];
    for (const [i, action] of actions.entries()) {
      found.push(await opened(action, FOR_ACTION, `actions[${i}].`));
    }
    return await request({ asked: { ...asked, own }, actions: found });
  } finally {
    for (const file of files) file.close();
  }
}

async function openProgram(
  netns: Netns,
  path: string,
  type: number,
  attempt: Attempt & { option: string },
): Promise<Descriptor> {
  const failed = (errno: number, explanation: string | undefined) =>
    new NetlinkError({ ...attempt, errno, netns: netns.toString() }, explanation);
  const opened = await native()
    .openPinned(toBytes(path))
    .catch((error: unknown) => {
      if (!isSystemError(error) || error.syscall !== 'bpf') {
        throw toNetnsError(error, attempt, netns.toString());
      }
      throw failed(error.errno, WORDS[error.code]);
    });
  if (opened.type === type) return opened.file;
  opened.file.close();
  const meant =
    type === FOR_FILTER ? 'a filter, BPF_PROG_TYPE_SCHED_CLS' : 'an action, BPF_PROG_TYPE_SCHED_ACT';
  throw failed(constants.errno.EINVAL, `what is pinned there is no program that was loaded for ${meant}`);
}
