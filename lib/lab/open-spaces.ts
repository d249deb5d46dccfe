import { allDone } from '../common/all-done';
import { openIfThere } from '../netns/create-netns';
import { listNetns } from '../netns/names';
import type { Netns } from '../netns/netns';
import { isMarked } from './ownership';
import { Spaces } from './spaces';

// The namespaces NAME and NAME.NODE that have the mark of a lab's.

/** Undefined where there is no lab of that name. */
export async function openSpaces(name: string): Promise<Spaces | undefined> {
  const switches = await openMarked(name);
  if (switches === undefined) return undefined;
  const spaces = new Spaces(switches, name);
  try {
    for (const [node, netns] of await openNodes(name)) spaces.nodes.set(node, netns);
  } catch (error) {
    spaces.close();
    throw error;
  }
  return spaces;
}

/** The nodes that are left where somebody has deleted the namespace of the switches, as `ip netns del NAME` does. None of a whole lab. */
export async function openOrphans(name: string): Promise<Map<string, Netns>> {
  const nodes = await openNodes(name);
  try {
    // only now: a lab that was created meanwhile has other nodes than these
    const switches = await openMarked(name);
    if (switches === undefined) return nodes;
    switches.close();
  } catch (error) {
    closeAll(nodes);
    throw error;
  }
  closeAll(nodes);
  return new Map();
}

async function openNodes(lab: string): Promise<Map<string, Netns>> {
  const nodes = new Map<string, Netns>();
  const names = (await listNetns()).map(({ name }) => name).filter((name) => name.startsWith(`${lab}.`));
  try {
    await allDone(
      names.map(async (name) => {
        const netns = await openMarked(name);
        if (netns !== undefined) nodes.set(name.slice(lab.length + 1), netns);
      }),
    );
  } catch (error) {
    closeAll(nodes);
    throw error;
  }
  return nodes;
}

function closeAll(nodes: ReadonlyMap<string, Netns>): void {
  for (const netns of nodes.values()) netns.close();
}

/** Undefined where there is no namespace of that name, or it is no lab's. */
async function openMarked(name: string): Promise<Netns | undefined> {
  const netns = await openIfThere(name);
  try {
    if (netns === undefined || (await isMarked(netns))) return netns;
  } catch (error) {
    netns?.close();
    throw error;
  }
  netns.close();
  return undefined;
}
