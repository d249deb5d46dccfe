import { parsePrefix } from '../common/check';
import { inSubnet } from '../common/subnet';
import { endKey } from './addresses';
import type { Findings } from './findings';
import { groupedBy } from './lists';
import type { Topology, TopologyEnd } from './topology';

/** A device of a node, and what it is plugged into. */
interface Plugged {
  readonly end: TopologyEnd;
  /** The name of a switch, or a key of a link. */
  readonly wire: string;
}

/** Refuses devices of one node whose subnets overlap, because the node would send what is for the one by the other. */
export function checkOverlaps({ nodes, links }: Topology, findings: Findings): void {
  const ports = [...nodes.values()].flatMap((node) => node.ports);
  const plugged = [
    ...ports.map((end) => ({ end, wire: end.switch })),
    ...links.flatMap(({ ends }) => ends.map((end) => ({ end, wire: ends.map(endKey).join(' to ') }))),
  ];
  for (const devices of groupedBy(plugged, ({ end }) => end.node).values()) {
    for (const [i, one] of devices.entries())
      for (const other of devices.slice(0, i)) checkPair(one, other, findings);
  }
}

function checkPair(one: Plugged, other: Plugged, findings: Findings): void {
  if (one.wire === other.wire) return;
  for (const addr of one.end.addrs) {
    const overlapping = other.end.addrs.find((before) => overlap(addr, before));
    if (overlapping === undefined) continue;
    const { device } = other.end;
    findings.add(
      one.end.place,
      `${addr} and ${overlapping} of ${device} are in one subnet, so that nobody knows by which device to send`,
    );
    return;
  }
}

function overlap(one: string, other: string): boolean {
  const [first, second] = [one, other].map((addr) => parsePrefix(addr, 'addr'));
  if (first === undefined || second === undefined) return false;
  const [wider, narrower] = first.length < second.length ? [first, second] : [second, first];
  return inSubnet(wider)(narrower.address);
}
