import { allDone } from '../../common/all-done';
import { listLinks } from '../../links/links';
import type { Netns } from '../../netns/netns';
import { removeQdisc } from '../../traffic/qdiscs';
import type { Spaces } from '../spaces';
import { changeMark, readMark } from './device-mark';
import { dropAllFaults } from './fault-tables';
import { shapeByNetem } from '../shaping/device-shape';
import { send, stoppedIn } from './processes';
import { plugIn } from './pulled-wires';

/** Takes away all faults that are in the kernel, whoever has left them there. */
export async function healLeft(spaces: Spaces): Promise<void> {
  const all = [spaces.switches, ...spaces.nodes.values()];
  await dropAllFaults(all);
  await allDone(all.map(async (netns) => mendDevices(netns)));
  await goOnLeft(spaces);
}

/**
 * Lets go on what is stopped in a lab with a name: the process that has paused it may have been killed. Who has stopped it, nobody could say. In a
 * lab without a name, no other process has.
 */
export async function goOnLeft({ name, nodes }: Spaces): Promise<void> {
  if (name === undefined) return;
  for (const one of await stoppedIn([...nodes.values()])) send(one, 'SIGCONT');
}

async function mendDevices(netns: Netns): Promise<void> {
  for (const { name, alias } of await listLinks(netns)) {
    const mark = readMark(alias);
    if (mark?.cut === true) await plugIn({ netns, device: name });
    if (mark?.base === undefined) continue;
    await removeQdisc(netns, name, { kind: 'tbf', ifMissing: 'ignore' });
    await shapeByNetem(netns, name, { whole: mark.base ?? undefined, flows: [] });
    await changeMark({ netns, device: name }, { base: undefined });
  }
}
