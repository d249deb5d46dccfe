import { processesWithSocket } from '../common/processes';
import type { Descriptor } from '../addon/native';
import { getLink } from '../links/links';
import { deleteNetns, openIfThere } from '../netns/create-netns';
import { listNetns } from '../netns/names';
import type { Netns } from '../netns/netns';
import { findHolder, holdName, isHeld } from '../sockets/held-name';
import { LabError } from './lab-error';
import { KEPT, LAB_GROUP } from './marks';

// Two names in the namespace of the switches: that of the process which changes the lab, and that of the process to which the lab belongs.
// The kernel frees both when the process ends, however it ends.
const CHANGES = 'rtnetns changes this lab';
const OWNS = 'rtnetns owns this lab';

/** Whether a namespace has the mark of a lab's. */
export async function isMarked(netns: Netns): Promise<boolean> {
  return (await getLink(netns, 'lo')).group === LAB_GROUP;
}

/**
 * Changes a lab while no other process does. A lab without a name is in this process alone.
 *
 * @throws LabError ERR_LAB_BUSY, which says who changes it.
 */
export async function whileNobodyElse<T>(
  { switches, name }: { switches: Netns; name: string | undefined },
  operation: string,
  work: () => Promise<T>,
): Promise<T> {
  if (name === undefined) return work();
  const held = await holdName(switches, CHANGES);
  if (held === undefined) {
    const reason = `${await holderWords(switches, CHANGES)} changes it`;
    throw new LabError({ code: 'ERR_LAB_BUSY', lab: name, operation, reason });
  }
  try {
    await removeUnfinishedNames(name);
    return await work();
  } finally {
    held.close();
  }
}

/**
 * A handle keeps the namespaces of its lab alive, also when another one has destroyed the lab.
 *
 * @throws LabError ERR_LAB_MISSING where the name of the lab is gone, or is another lab's.
 */
export async function checkThere(
  { switches, name }: { switches: Netns; name: string | undefined },
  operation: string,
): Promise<void> {
  if (name === undefined) return;
  const found = await openIfThere(name);
  found?.close();
  if (found?.ino === switches.ino && found.dev === switches.dev) return;
  const reason = 'another handle or process has destroyed it';
  throw new LabError({ code: 'ERR_LAB_MISSING', lab: name, operation, reason });
}

/**
 * A process that is killed between the file of a name and the mount on it leaves the file. Whoever changes the lab may remove the files of its
 * nodes, because no other process is between the two then.
 */
async function removeUnfinishedNames(lab: string): Promise<void> {
  const stale = (await listNetns()).flatMap(({ name, stale }) =>
    stale && name.startsWith(`${lab}.`) ? [name] : [],
  );
  await deleteNetns(stale, { ifMissing: 'ignore' });
}

/** 'process 4711', 'another handle of this process' */
async function holderWords(netns: Netns, name: string): Promise<string> {
  const holder = await findHolder(netns, name);
  const pids = holder === undefined ? [] : await processesWithSocket(holder.inode);
  if (pids.includes(process.pid)) return 'another handle of this process';
  return pids.length === 0 ? 'another process' : `process ${pids.join(', ')}`;
}

/** Makes the lab one of this process, until the returned descriptor is closed. */
export async function own(switches: Netns): Promise<Descriptor | undefined> {
  return holdName(switches, OWNS);
}

/** 'none' is a lab that was made to be kept. */
export async function ownerOf(switches: Netns): Promise<'alive' | 'dead' | 'none'> {
  if ((await getLink(switches, 'lo')).alias === KEPT) return 'none';
  return (await isHeld(switches, OWNS)) ? 'alive' : 'dead';
}
