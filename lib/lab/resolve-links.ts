import { parseSubnet, type Prefix } from '../common/check';
import { didYouMean } from '../common/similar-name';
import type { LinkEndDefinition } from './definition';
import type { Findings, Place } from './findings';
import { listed } from './lists';
import type { LinkPart } from './parts';
import type { TopologyEnd, TopologyLink, TopologyNode } from './topology';

/** Links, whose devices are named after those of the nodes' ports: 'eth2' where there are two. */
export function resolveLinks(
  parts: readonly LinkPart[],
  nodes: ReadonlyMap<string, TopologyNode>,
  findings: Findings,
): TopologyLink[] {
  const next = new Map([...nodes.values()].map(({ name, ports }) => [name, ports.length]));
  return parts.flatMap(({ definition, place, ends: places }) => {
    const { ends, subnet, mtu, impair } = definition;
    const resolved = ends.flatMap((end, i) => {
      const at = places[i] ?? place;
      const { node, ...asked }: LinkEndDefinition = typeof end === 'string' ? { node: end } : end;
      const number = next.get(node);
      if (number === undefined) {
        findings.add(at, `there is no node '${node}'${didYouMean(node, [...nodes.keys()])}`);
        return [];
      }
      next.set(node, number + 1);
      return [toEnd({ node, device: `eth${number}`, ...(impair && { impair }), ...asked }, at)];
    });
    const [first, second] = resolved;
    if (first === undefined || second === undefined) return [];
    const drawing = subnet !== false && resolved.some(({ drawn }) => drawn);
    const subnets = subnet === false ? [] : prefixesOf(subnet);
    return [{ ends: [first, second], subnets, drawing, mtu, place }];
  });
}

type AskedEnd = LinkEndDefinition & { device: string };

export function toEnd({ node, device, addrs, mac, impair }: AskedEnd, place: Place): TopologyEnd {
  return { node, device, addrs: addrs ?? [], drawn: addrs === undefined, mac, impair, place };
}

export function prefixesOf(subnets: string | readonly string[] | undefined): Prefix[] {
  return listed(subnets).map((one) => parseSubnet(one, 'subnet'));
}
