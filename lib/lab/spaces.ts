import { isText } from '../common/options';
import { didYouMean } from '../common/similar-name';
import type { Descriptor } from '../addon/native';
import { setLink } from '../links/set-link';
import { createNetns } from '../netns/create-netns';
import { attachNetns } from '../netns/names';
import type { Netns } from '../netns/netns';
import { LabError, labError } from './lab-error';
import { DEVICE_MARK, KEPT } from './marks';
import { own } from './ownership';
import { Processes } from './processes/processes';
import { LabRecord } from './record';

/** The open namespaces of a lab, and what was started in them. */
export class Spaces {
  readonly nodes = new Map<string, Netns>();
  readonly record = new LabRecord();
  readonly processes = new Processes(this.record);
  /** By which the lab is this process's. */
  owner: Descriptor | undefined;

  /** `switches` is the namespace in which the switches are, and `name` that of the lab, if it has one. */
  constructor(
    readonly switches: Netns,
    readonly name: string | undefined,
  ) {}

  /** @throws LabError where there is no such node, TypeError for what is no name. */
  node(name: string): Netns {
    isText(name, 'name');
    const netns = this.nodes.get(name);
    if (netns === undefined)
      throw new LabError({
        code: 'ERR_LAB_NODE',
        lab: this.name,
        operation: 'look up a node',
        reason: `there is no node '${name}'${didYouMean(name, [...this.nodes.keys()])}`,
      });
    return netns;
  }

  close(): void {
    this.processes.kill();
    this.owner?.close();
    for (const netns of [...this.nodes.values(), this.switches]) netns.close();
  }
}

/** The namespaces of a lab that has no nodes yet. */
export async function createSpaces(name: string | undefined, keep: boolean): Promise<Spaces> {
  const switches = await createMarked(keep ? { alias: KEPT } : {});
  const spaces = new Spaces(switches, name);
  try {
    if (name !== undefined) {
      // before others find it, and might sweep it away
      spaces.owner = await own(switches).catch((error: unknown) => {
        throw labError(error, { operation: 'own all', lab: name });
      });
      await giveName(switches, name);
    }
  } catch (error) {
    spaces.close();
    throw error;
  }
  return spaces;
}

/** A namespace that has no name yet, but has the mark of a lab's. */
export async function createMarked(besides: { alias?: string } = {}): Promise<Netns> {
  const netns = await createNetns();
  try {
    await setLink(netns, 'lo', { up: true, ...DEVICE_MARK, ...besides });
  } catch (error) {
    netns.close();
    throw error;
  }
  return netns;
}

/**
 * Only what is marked gets a name: a process that is killed before leaves nothing, and one that is killed later leaves what can be told
 * from other namespaces.
 */
export async function giveName(netns: Netns, name: string): Promise<void> {
  await attachNetns(name, netns);
  netns.named(name);
}
