import { parsePrefix } from '../../common/check';
import { didYouMean } from '../../common/similar-name';
import type { RouterDefinition } from '../definition';
import type { Findings, Place } from '../findings';
import type { Topology, TopologyNat, TopologyNode, TopologyPort } from '../topology';
import { behaviorOf } from './nat-options';

/** What the NAT of a router does, and by which of its ports; undefined of a router without NAT. */
export function resolveNat(
  { nat, outside, publish }: Pick<RouterDefinition, 'nat' | 'outside' | 'publish'>,
  ports: readonly TopologyPort[],
  place: Place,
  findings: Findings,
): TopologyNat | undefined {
  if (nat === undefined) {
    for (const [name, value] of Object.entries({ outside, publish })) {
      if (value !== undefined) findings.add([...place, name], 'only a router with nat has an outer side');
    }
    return undefined;
  }
  const names = ports.map(({ switch: on }) => on);
  const port = ports.find(({ switch: on }) => outside === undefined || on === outside);
  if (port !== undefined) {
    const { switch: on, device } = port;
    return { ...behaviorOf(nat), outside: on, device, publish: publish ?? [], published: [], place };
  }
  if (outside === undefined)
    findings.add([...place, 'nat'], 'expected a port, by which the router leaves its inside');
  else findings.add([...place, 'outside'], `there is no port on '${outside}'${didYouMean(outside, names)}`);
  return undefined;
}

/** Finds the address of each node to which a port leads. */
export function publishPorts({ nodes }: Topology, findings: Findings): void {
  for (const { nat } of nodes.values()) {
    if (nat === undefined) continue;
    const seen = new Set<string>();
    nat.published = nat.publish.flatMap(({ protocol = 'tcp', port, to, toPort = port }, i) => {
      const place = [...nat.place, 'publish', i];
      const key = `${protocol} ${port}`;
      if (seen.has(key)) findings.add([...place, 'port'], `${key} is published already`);
      seen.add(key);
      const node = nodes.get(to);
      const addr = node && innerAddrOf(node, nat.outside);
      if (addr !== undefined) return [{ protocol, port, addr, toPort }];
      const fault =
        node === undefined
          ? `there is no node '${to}'${didYouMean(to, [...nodes.keys()])}`
          : `${to} has no address of IPv4 on a switch inside`;
      findings.add([...place, 'to'], fault);
      return [];
    });
  }
}

function innerAddrOf({ ports }: TopologyNode, outside: string): string | undefined {
  return ports
    .filter(({ switch: on }) => on !== outside)
    .flatMap(({ addrs }) => addrs.map((addr) => parsePrefix(addr, 'addr')))
    .find(({ family }) => family === 4)?.address;
}
