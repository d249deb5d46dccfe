import { readFileSync } from 'node:fs';
import { readFile, readlink } from 'node:fs/promises';
import { allDone } from '../../common/all-done';
import { processesByNetns } from '../../common/processes';
import { isSystemError } from '../../common/system-error';
import { netnsPids } from '../../netns/names';
import type { Netns } from '../../netns/netns';

/** A process. Its number may be another one's later, but not with the same time. */
export interface Process {
  readonly pid: number;
  /** When it began, in ticks of the kernel's clock. */
  readonly begun: string;
  readonly stopped: boolean;
}

/**
 * The processes that live in a namespace: their first thread is there. One that only has a thread there for a while, as this library has in
 * the namespaces of others, does not live there, and this process is none of them either.
 */
export async function processesIn(netns: Netns): Promise<Process[]> {
  const pids = (await netnsPids(netns)).filter((pid) => pid !== process.pid);
  const found = await allDone(pids.map(async (pid) => look(pid, `net:[${netns.ino}]`)));
  return found.filter((one) => one !== undefined);
}

/** Those that are stopped of all that live in these namespaces, by one look at the processes of the machine. */
export async function stoppedIn(places: readonly Netns[]): Promise<Process[]> {
  const pids = await processesByNetns();
  const found = await allDone(
    places
      .map(({ ino }) => `net:[${ino}]`)
      .flatMap((namespace) => (pids.get(namespace) ?? []).map(async (pid) => look(pid, namespace))),
  );
  return found.filter((one) => one?.stopped === true) as Process[];
}

/** Whether it has not ended. Wherever it lives: its namespace may be closed, and it may have gone to another one. */
export function isThere({ pid, begun }: Process): boolean {
  try {
    return parse(pid, readFileSync(`/proc/${pid}/stat`, 'utf8')).begun === begun;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

async function look(pid: number, namespace: string): Promise<Process | undefined> {
  try {
    if ((await readlink(`/proc/${pid}/ns/net`)) !== namespace) return undefined;
    return parse(pid, await readFile(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

/** proc_pid_stat(5): the name in brackets may have blanks; the third field is the state, the 22nd the time. */
function parse(pid: number, stat: string): Process {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { pid, begun: fields[19] ?? '', stopped: fields[0] === 'T' };
}

/** Sends a signal, unless the process has ended. */
export function send({ pid }: Process, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ESRCH') throw error;
  }
}

/** What no other process has. */
export function keyOf({ pid, begun }: Process): string {
  return `${pid} ${begun}`;
}
