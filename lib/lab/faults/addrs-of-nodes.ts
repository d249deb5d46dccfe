import { listAddrs } from '../../addresses/addresses';
import { allDone } from '../../common/all-done';
import type { Family } from '../../common/check';
import type { Netns } from '../../netns/netns';

/** Those by which a host reaches itself alone. */
const OWN = /^(?:127\.|::1\/)/;

/** The addresses that nodes have now, by their family. Two devices may have the same one, which is there once. */
export async function addrsOfNodes(
  nodes: readonly Netns[],
): Promise<Readonly<Record<Family, readonly string[]>>> {
  const all = (await allDone(nodes.map(async (netns) => listAddrs(netns)))).flat();
  const of = (wanted: Family): string[] => {
    const own = all.filter(({ family, addr }) => family === wanted && !OWN.test(addr));
    return [...new Set(own.map(({ addr }) => addr.slice(0, addr.indexOf('/'))))];
  };
  return { 4: of(4), 6: of(6) };
}
