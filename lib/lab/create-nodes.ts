import { allDone } from '../common/all-done';
import { defined } from '../common/objects';
import type { Netns } from '../netns/netns';
import { createStar, type CreateStarOptions } from '../star/star';
import type { StarMember } from '../star/star-member';
import { labError } from './lab-error';
import { DEVICE_MARK, LAB_PROTOCOL } from './marks';
import { createMarked, giveName, type Spaces } from './spaces';
import { innerOf, outerOf } from './steps';
import { NO_SWITCH, type PortThing, type SwitchThing, type Thing } from './things';

/** A node that is to be created. */
interface NewNode {
  name: string;
  ports: PortThing[];
  /** How many links it is an end of. */
  links: number;
  /** Its addresses and routes. */
  things: Thing[];
}

interface CreateNodesOptions {
  signal?: AbortSignal;
  /** Called with how many things more are made. */
  onDone: (count: number) => void;
}

/**
 * Creates nodes, each together with its first port on a switch and all that this device needs, by one star for each switch, which is the
 * cheapest way. The switches of these ports are created where they are not there.
 *
 * @returns what is still to be created.
 */
export async function createNodes(
  spaces: Spaces,
  wanted: readonly Thing[],
  how: CreateNodesOptions,
): Promise<readonly Thing[]> {
  const nodes = newNodesOf(wanted);
  if (nodes.size === 0) return wanted;
  const switches = new Map(
    wanted.flatMap((thing) => (thing.kind === 'switch' ? [[thing.name, thing] as const] : [])),
  );
  const groups = new Map<string | undefined, NewNode[]>();
  for (const node of nodes.values()) {
    const [port] = node.ports;
    const on = port?.switch === NO_SWITCH ? undefined : port?.switch;
    const group = groups.get(on);
    if (group === undefined) groups.set(on, [node]);
    else group.push(node);
  }
  const done = new Set<Thing>();
  const create = async (on: string | undefined, members: readonly NewNode[]): Promise<void> => {
    if (on === undefined) return createAlone(spaces, members, how);
    const created = switches.get(on);
    if (created !== undefined) done.add(created);
    for (const thing of await createOn(spaces, bridgeOf(on, created), members, how)) done.add(thing);
    if (created !== undefined) how.onDone(1);
  };
  await allDone(
    [...groups].map(async ([on, members]) =>
      create(on, members).catch((error: unknown) => {
        const operation = `create nodes ${on === undefined ? 'without a switch' : `on ${on}`}`;
        throw labError(error, { operation, lab: spaces.name });
      }),
    ),
  );
  return wanted.filter((thing) => thing.kind !== 'node' && !done.has(thing));
}

function newNodesOf(wanted: readonly Thing[]): Map<string, NewNode> {
  const nodes = new Map<string, NewNode>();
  for (const thing of wanted) {
    if (thing.kind === 'node') nodes.set(thing.name, { name: thing.name, ports: [], links: 0, things: [] });
  }
  for (const thing of wanted) {
    if (thing.kind === 'port') nodes.get(thing.node)?.ports.push(thing);
    if (thing.kind === 'addr' || thing.kind === 'route') nodes.get(thing.node)?.things.push(thing);
    if (thing.kind !== 'link') continue;
    for (const { node } of thing.ends) {
      const end = nodes.get(node);
      if (end !== undefined) end.links++;
    }
  }
  return nodes;
}

/** The switch of a star: one that is to be created, or that is there. */
function bridgeOf(name: string, created: SwitchThing | undefined): CreateStarOptions['bridge'] {
  if (created === undefined) return { name, ifExists: 'ignore' };
  const { mtu, settings } = created;
  return { name, mtu, ...settings, ...DEVICE_MARK, ipv6: false };
}

/** Returns the things that were made. */
async function createOn(
  spaces: Spaces,
  bridge: CreateStarOptions['bridge'],
  nodes: readonly NewNode[],
  { signal, onDone }: CreateNodesOptions,
): Promise<Thing[]> {
  const made: Thing[] = [];
  const counts: number[] = [];
  const members = nodes.map(({ ports: [port, ...others], links, things }): StarMember => {
    if (port === undefined) return {};
    const addrs = things.flatMap((thing) =>
      thing.kind === 'addr' && thing.device === port.device ? [thing] : [],
    );
    // a node with more devices may have routes over those
    const only = others.length === 0 && links === 0;
    const routes = things.flatMap((thing) => (only && thing.kind === 'route' ? [thing] : []));
    made.push(port, ...addrs, ...routes);
    counts.push(2 + addrs.length + routes.length);
    return {
      device: { ...innerOf(port, port.mtu), addrs: addrs.map(({ addr }) => addr) },
      port: outerOf(port),
      routes: routes.map(({ route }) => ({ ...route, protocol: LAB_PROTOCOL })),
      lo: DEVICE_MARK,
    };
  });
  // which member it is that is done, does not matter to a sum
  const onProgress = (done: number): void => onDone(counts[done - 1] ?? 0);
  const star = await createStar(spaces.switches, { bridge, members, onProgress, ...defined({ signal }) });
  await allDone(
    star.members.map(async (member, i) => {
      const name = nodes[i]?.name;
      if (member.status === 'created' && name !== undefined) await adopt(spaces, name, member.netns);
    }),
  );
  return made;
}

/** Nodes without a port. */
async function createAlone(
  spaces: Spaces,
  nodes: readonly NewNode[],
  { onDone }: CreateNodesOptions,
): Promise<void> {
  await allDone(
    nodes.map(async ({ name }) => {
      await adopt(spaces, name, await createMarked());
      onDone(1);
    }),
  );
}

/** Counts a namespace among the lab's. */
async function adopt(spaces: Spaces, node: string, netns: Netns): Promise<void> {
  spaces.nodes.set(node, netns);
  if (spaces.name !== undefined) await giveName(netns, `${spaces.name}.${node}`);
}
