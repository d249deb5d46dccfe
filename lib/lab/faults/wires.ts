import { allDone } from '../../common/all-done';
import { getLink } from '../../links/links';
import { endKey } from '../addresses';
import type { LabCore } from '../lab-core';
import type { Things } from '../things';
import { devicesOf, type LabDevice, type LabTarget, namesIn, targetWords } from './targets';
import type { Wire } from './wire';

/**
 * The wires of a target.
 *
 * @throws LabError ERR_LAB_DEVICE where it has none.
 */
export async function wiresOf(target: LabTarget, core: LabCore, operation: string): Promise<Wire[]> {
  for (const node of namesIn(target)) core.spaces.node(node);
  const devices = devicesOf(target, core.things);
  if (devices.length === 0) {
    const reason =
      typeof target === 'string'
        ? `'${target}' has no device on a switch or a link`
        : `there is no ${Array.isArray(target) ? 'link between the two nodes' : 'such device'}`;
    throw core.error('ERR_LAB_DEVICE', operation, `${reason} (${targetWords(target)})`);
  }
  return allDone(devices.map(async (one) => wireOf(one, core)));
}

async function wireOf({ node, device }: LabDevice, { spaces, things }: LabCore): Promise<Wire> {
  const inner = { netns: spaces.node(node), node, device };
  const peer = peerOf({ node, device }, things);
  if (peer !== undefined) return { inner, outer: { ...peer, netns: spaces.node(peer.node) } };
  // a port has a name of the library's where the node's is too long
  const { link = 0 } = await getLink(inner.netns, device);
  const { name } = await getLink(spaces.switches, link);
  return { inner, outer: { netns: spaces.switches, node: undefined, device: name } };
}

/** The other end of a link; undefined of a device on a switch. */
function peerOf(device: LabDevice, things: Things): LabDevice | undefined {
  for (const thing of things.values()) {
    if (thing.kind !== 'link') continue;
    const [first, second] = thing.ends;
    if (endKey(first) === endKey(device)) return { node: second.node, device: second.device };
    if (endKey(second) === endKey(device)) return { node: first.node, device: first.device };
  }
  return undefined;
}
