import { type Family, parsePrefix, parseSubnet, type Prefix } from '../common/check';
import { IPV6_MIN_MTU } from '../common/limits';
import { inSubnet } from '../common/subnet';
import { NumberRanges } from '../pool/number-ranges';
import { addressSpace, BITS, ipNumber, placeIn, type Space, subnetSpace, textAt } from '../pool/space';
import type { Findings } from './findings';
import type { Topology, TopologyEnd, TopologyLink } from './topology';

/** RFC 2544 and RFC 5180: for measurements between networks, and so for nothing else that a lab has to reach. */
const LINK_SUBNETS: Readonly<Record<Family, string>> = { 4: '198.18.0.0/15', 6: '2001:2::/48' };

/** The addresses that devices have already, by {@link endKey}. */
export type Held = ReadonlyMap<string, readonly string[]>;

export function endKey({ node, device }: Pick<TopologyEnd, 'node' | 'device'>): string {
  return `${node} ${device}`;
}

/**
 * Gives addresses to the devices that have none. Those that are written down are taken first, then those that devices have already, so
 * that a node that is added takes no other's.
 */
export function drawAddrs(
  { switches, nodes, links }: Topology,
  bases: readonly string[] | undefined,
  held: Held,
  findings: Findings,
): void {
  const portsOf = new Map<string, TopologyEnd[]>([...switches.keys()].map((name) => [name, []]));
  for (const { ports } of nodes.values()) for (const port of ports) portsOf.get(port.switch)?.push(port);
  for (const { name, subnets, gateway } of switches.values()) {
    const ports = portsOf.get(name) ?? [];
    ports.sort((a, b) => Number(b.node === gateway) - Number(a.node === gateway));
    drawIn(subnets, ports, held, findings);
  }
  const asked = [...switches.values(), ...links].flatMap(({ subnets }) => subnets);
  const pieces = (bases ?? basesFor(asked)).map((base) => piecesOf(links, base, asked, held, findings));
  for (const link of links) {
    const own = pieces.flatMap((ofBase) => ofBase.get(link) ?? []);
    drawIn([...link.subnets, ...own], link.ends, held, findings);
  }
}

/** Links lead IPv6 where the lab has it. */
function basesFor(subnets: readonly Prefix[]): string[] {
  const six = subnets.some(({ family }) => family === 6);
  return six ? [LINK_SUBNETS[4], LINK_SUBNETS[6]] : [LINK_SUBNETS[4]];
}

function drawIn(
  subnets: readonly Prefix[],
  ends: readonly TopologyEnd[],
  held: Held,
  findings: Findings,
): void {
  checkInside(subnets, ends, findings);
  for (const subnet of subnets) {
    const { space } = addressSpace({ subnet: `${subnet.address}/${subnet.length}`, gateway: null });
    const free = new Free(space);
    for (const end of ends) {
      for (const addr of end.drawn ? [] : end.addrs) {
        if (free.isExcluded(addr))
          findings.add([...end.place, 'addrs'], `${addr} is no address of a host in ${space.name}`);
        else if (!free.take(addr)) findings.add([...end.place, 'addrs'], `${addr} is another device's`);
      }
    }
    const drawn = ends.filter((end) => end.drawn);
    const kept = new Map(
      drawn.map((end) => [end, held.get(endKey(end))?.find((addr) => free.take(addr, 'inside'))]),
    );
    for (const end of drawn) {
      const addr = kept.get(end) ?? free.next();
      if (addr !== undefined) end.addrs = [...end.addrs, addr];
      else findings.add(end.place, `no address is left in ${space.name}`);
    }
  }
}

/** An address that is written down has to be of one of the subnets, if there are any of its family. */
function checkInside(subnets: readonly Prefix[], ends: readonly TopologyEnd[], findings: Findings): void {
  for (const { drawn, addrs, place } of ends) {
    if (drawn) continue;
    addrs.forEach((addr, i) => {
      const { family, address } = parsePrefix(addr, 'addr');
      const wanted = subnets.filter((subnet) => subnet.family === family);
      if (wanted.length === 0 || wanted.some((subnet) => inSubnet(subnet)(address))) return;
      const names = wanted.map((subnet) => `${subnet.address}/${subnet.length}`).join(', ');
      findings.add([...place, 'addrs', i], `${addr} is outside of ${names}`);
    });
  }
}

/** The addresses of a subnet that nobody has. */
class Free {
  readonly #taken = new NumberRanges();
  #from = 0n;

  constructor(private readonly space: Space) {
    for (const [first, last] of space.excluded) this.#taken.add(first, last);
  }

  /** Whether it is that of the subnet itself, or of all its hosts. */
  isExcluded(addr: string): boolean {
    const place = this.#placeOf(addr);
    return place !== undefined && this.space.excluded.has(place);
  }

  /** Whether nobody has it yet. One of another subnet is nobody's here, unless it has to be `inside`. */
  take(addr: string, where: 'inside' | 'anywhere' = 'anywhere'): boolean {
    const place = this.#placeOf(addr);
    if (place === undefined) return where === 'anywhere';
    if (this.#taken.has(place)) return false;
    this.#taken.add(place);
    return true;
  }

  #placeOf(addr: string): bigint | undefined {
    const { family, address } = parsePrefix(addr, 'addr');
    return family === this.space.family ? placeIn(this.space, address) : undefined;
  }

  next(): string | undefined {
    const place = this.#taken.after(this.#from);
    if (place >= this.space.count) return undefined;
    this.#taken.add(place);
    this.#from = place;
    return textAt(this.space, place);
  }
}

/** Of links that name no subnet, a piece of two addresses each, which a link keeps that has it already (RFC 3021, RFC 6164). */
function piecesOf(
  links: readonly TopologyLink[],
  base: string,
  used: readonly Prefix[],
  held: Held,
  findings: Findings,
): Map<TopologyLink, Prefix> {
  const { family } = parseSubnet(base, 'linkSubnets');
  const asking = links.filter(
    ({ drawing, subnets, mtu = IPV6_MIN_MTU }) =>
      drawing && subnets.length === 0 && (family === 4 || mtu >= IPV6_MIN_MTU),
  );
  const pieces = new Map<TopologyLink, Prefix>();
  if (asking.length === 0) return pieces;
  const exclude = used.map(({ address, length }) => `${address}/${length}`);
  const space = subnetSpace({ base, prefixLength: BITS[family] - 1, exclude });
  const taken = new NumberRanges();
  for (const [first, last] of space.excluded) taken.add(first, last);
  const give = (link: TopologyLink, place: bigint): void => {
    taken.add(place);
    pieces.set(link, parseSubnet(textAt(space, place), 'linkSubnets'));
  };
  for (const link of asking) {
    const place = heldPiece(space, link, held);
    if (place !== undefined && !taken.has(place)) give(link, place);
  }
  for (const link of asking) {
    if (pieces.has(link)) continue;
    const place = taken.after(0n);
    if (place < space.count) give(link, place);
    else findings.add(link.place, `no subnet is left in ${space.name}`);
  }
  return pieces;
}

/** The piece of which both ends have an address. */
function heldPiece(space: Space, { ends }: TopologyLink, held: Held): bigint | undefined {
  const [first = [], second = []] = ends.map((end) =>
    (held.get(endKey(end)) ?? [])
      .map((addr) => parsePrefix(addr, 'addr'))
      .filter(({ family }) => family === space.family)
      .map(({ address }) => (ipNumber(address) - space.base) >> 1n),
  );
  return first.find((place) => place >= 0n && place < space.count && second.includes(place));
}
