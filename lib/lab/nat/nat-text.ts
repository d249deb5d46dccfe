import type { Nat, NatDependence, NatPortRange, NatPreset } from './behavior';
import { NAT_PRESETS } from './presets';

// The comment of a NAT's table, from which a plan sees what is there: 'home eth1 203.0.113.1 endpoint port preserve hairpinning udp firewall 120'.
// The longest one has 110 of the 127 bytes that there are.

const DEPENDENCES: Readonly<Record<NatDependence, string>> = {
  endpointIndependent: 'endpoint',
  addressDependent: 'address',
  addressAndPortDependent: 'port',
};

/** All but the published ports, which are in a map. */
type NatText = Omit<Nat, 'published'>;

export function natText(nat: NatText): string {
  const { preset, device, addr = '-', mapping, filtering, ports, hairpinning, blockUdp, ipv6, lasting } = nat;
  return [
    preset,
    device,
    addr,
    DEPENDENCES[mapping],
    DEPENDENCES[filtering],
    typeof ports === 'object' ? `${ports.from}-${ports.to}` : ports,
    hairpinning ? 'hairpinning' : '-',
    blockUdp ? '-' : 'udp',
    ipv6,
    lasting,
  ].join(' ');
}

/** Undefined where a table has another comment. */
export function readNatText(text: string): NatText | undefined {
  const words = text.split(' ');
  const [
    preset = '',
    device = '',
    addr = '',
    map = '',
    filter = '',
    ports = '',
    hairpin,
    udp,
    ipv6,
    lasting,
  ] = words;
  const nat = {
    preset: preset as NatPreset,
    device,
    ...(addr !== '-' && { addr }),
    mapping: dependenceOf(map),
    filtering: dependenceOf(filter),
    ports: portsOf(ports),
    hairpinning: hairpin === 'hairpinning',
    blockUdp: udp === '-',
    ipv6: ipv6 as Nat['ipv6'],
    lasting: Number(lasting),
  };
  return Object.hasOwn(NAT_PRESETS, preset) && natText(nat) === text ? nat : undefined;
}

function dependenceOf(word: string): NatDependence {
  const all = Object.keys(DEPENDENCES) as NatDependence[];
  return all.find((one) => DEPENDENCES[one] === word) ?? 'addressAndPortDependent';
}

function portsOf(word: string): 'preserve' | 'random' | NatPortRange {
  const [, from, to] = /^(\d+)-(\d+)$/.exec(word) ?? [];
  if (from === undefined || to === undefined) return word as 'preserve';
  return { from: Number(from), to: Number(to) };
}
