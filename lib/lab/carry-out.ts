import { seeSolicited } from '../addresses/solicited';
import { allDone } from '../common/all-done';
import { defined } from '../common/objects';
import { deleteNetns } from '../netns/create-netns';
import { createNodes } from './create-nodes';
import { labError } from './lab-error';
import { settleLinkLocal } from './link-local';
import { groupedBy } from './lists';
import type { Step } from './plan';
import type { Spaces } from './spaces';
import { endProcesses, startProcesses } from './processes/carry-out-processes';
import { getSysctl } from '../sysctl/sysctls';
import { DEEDS } from './steps';
import type { Kind, Thing } from './things';

// What is to be created or changed goes in this order, and what is to be deleted in the reverse one: an address needs its device, the sysctls
// of conntrack need its module, which rules load, and a router forwards nothing before it translates.
const STAGES: readonly (readonly Kind[])[] = [
  ['switch'],
  ['port', 'link'],
  ['nat'],
  ['sysctl'],
  ['addr'],
  ['route'],
  ['impairment', 'rules'],
  // at the same place of a device as an impairment
  ['latency'],
];

/** How steps are carried out. */
export interface CarryOutOptions {
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/** Carries out the steps of a plan. The first failure ends the work; what was done by then stays. */
export async function carryOut(
  spaces: Spaces,
  steps: readonly Step[],
  { signal, onProgress }: CarryOutOptions = {},
): Promise<void> {
  let done = 0;
  const onDone = (count: number): void => {
    done += count;
    onProgress?.(done, steps.length);
  };
  await endProcesses(spaces, steps);
  await deleteThings(
    spaces,
    steps.filter(({ action }) => action === 'delete'),
    onDone,
  );
  signal?.throwIfAborted();
  const created = steps.flatMap(({ action, after }) =>
    action === 'create' && after !== undefined ? [after] : [],
  );
  const left = new Set(await createNodes(spaces, created, { onDone, ...defined({ signal }) }));
  for (const kinds of STAGES) {
    signal?.throwIfAborted();
    const due = steps.filter(
      ({ action, kind, after }) =>
        kinds.includes(kind) && (action === 'change' || (after !== undefined && left.has(after))),
    );
    await allDone(due.map(async (step) => carryOutOne(spaces, step, onDone)));
  }
  signal?.throwIfAborted();
  await seeAddrs(spaces, created, signal);
  await startProcesses(spaces, steps, signal);
  const processes = steps.filter(({ kind }) => kind === 'process').length;
  if (processes > 0) onDone(processes);
}

/** A lab that is made can be reached: the first packet to each of its new addresses finds its way. */
async function seeAddrs(
  spaces: Spaces,
  created: readonly Thing[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const addrs = created.filter((thing) => thing.kind === 'addr');
  await allDone(
    [...groupedBy(addrs, ({ node }) => node)].map(async ([node, own]) => {
      const [netns, operation] = [spaces.node(node), `see the addresses of ${node}`];
      const six = own.filter(({ addr }) => addr.includes(':'));
      if (six.length === 0) return;
      const bare = six.map(({ addr }) => addr.slice(0, addr.indexOf('/')));
      await seeSolicited(netns, bare, { operation }, signal);
      if ((await getSysctl(netns, 'net.ipv6.conf.all.forwarding')) === '0') return;
      const devices = [...new Set(six.map(({ device }) => device))];
      await settleLinkLocal(netns, devices, operation, signal);
    }),
  );
}

async function deleteThings(
  spaces: Spaces,
  steps: readonly Step[],
  onDone: (count: number) => void,
): Promise<void> {
  for (const kinds of [...STAGES].reverse()) {
    if (kinds.includes('switch')) await deleteNodes(spaces, steps, onDone);
    const due = steps.filter(({ kind }) => kinds.includes(kind));
    await allDone(due.map(async (step) => carryOutOne(spaces, step, onDone)));
  }
}

async function deleteNodes(
  spaces: Spaces,
  steps: readonly Step[],
  onDone: (count: number) => void,
): Promise<void> {
  const names = steps.flatMap(({ before }) => (before?.kind === 'node' ? [before.name] : []));
  try {
    await deleteNetns(names.map((name) => spaces.node(name)));
  } finally {
    for (const name of names) if (!spaces.node(name).open) spaces.nodes.delete(name);
  }
  if (names.length > 0) onDone(names.length);
}

async function carryOutOne(
  spaces: Spaces,
  { action, title, before, after }: Step,
  onDone: (count: number) => void,
): Promise<void> {
  const thing = (after ?? before) as Thing;
  if (thing.kind === 'node' || thing.kind === 'process') return;
  const deeds = DEEDS[thing.kind] as (typeof DEEDS)['port'];
  try {
    await deeds[action](thing as never, spaces, before as never);
  } catch (error) {
    throw labError(error, { operation: `${action} ${title}`, lab: spaces.name });
  }
  onDone(1);
}
