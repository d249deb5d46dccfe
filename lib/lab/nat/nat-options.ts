import {
  integerFrom,
  isText,
  oneOf,
  type OptionCheck,
  optionsOf,
  optionTable,
  trueOrFalse,
} from '../../common/options';
import { allOf, allOptionsOf } from '../check-all';
import type {
  NatBehavior,
  NatOptions,
  NatPortRange,
  NatPreset,
  NatTimeouts,
  PublishDefinition,
} from './behavior';
import { NAT_PRESETS } from './presets';

const isDependence = oneOf(['endpointIndependent', 'addressDependent', 'addressAndPortDependent']);
const isPort = integerFrom(1, 0xffff);
const isSeconds = integerFrom(1, 0x7fffffff);

const RANGE = optionTable<NatPortRange>({ from: isPort, to: isPort }, ['from', 'to']);
const isRange = optionsOf(RANGE);

const arePorts: OptionCheck = (value, path) => {
  if (typeof value !== 'object') {
    oneOf(['preserve', 'random'])(value, path);
    return;
  }
  isRange(value, path);
  const { from, to } = value as NatPortRange;
  if (from > to) throw new RangeError(`${path}: expected a range from low to high, got ${from}-${to}`);
};

const TIMEOUTS = optionTable<NatTimeouts>({
  udp: isSeconds,
  udpStream: isSeconds,
  tcpEstablished: isSeconds,
  icmp: isSeconds,
});

const isPreset = oneOf(Object.keys(NAT_PRESETS));

const NAT = optionTable<NatOptions>({
  preset: isPreset,
  mapping: isDependence,
  filtering: isDependence,
  ports: arePorts,
  hairpinning: trueOrFalse,
  timeouts: allOptionsOf(TIMEOUTS),
  blockUdp: trueOrFalse,
  ipv6: oneOf(['firewall', 'open']),
});

const isOptions = allOptionsOf(NAT);

/** A preset's name, or options. */
export const isNat: OptionCheck = (value, path) => {
  if (typeof value === 'object') isOptions(value, path);
  else isPreset(value, path);
};

const PUBLISH = optionTable<PublishDefinition>(
  { protocol: oneOf(['tcp', 'udp']), port: isPort, to: isText, toPort: isPort },
  ['port', 'to'],
);

export const arePublished = allOf(allOptionsOf(PUBLISH));

/** The options with all that they do not say. */
export function behaviorOf(nat: NatPreset | NatOptions): NatBehavior & { preset: NatPreset } {
  const {
    preset = 'home',
    timeouts,
    ...options
  }: NatOptions = typeof nat === 'string' ? { preset: nat } : nat;
  const base = NAT_PRESETS[preset];
  return { preset, ...base, ...options, timeouts: { ...base.timeouts, ...timeouts } };
}

/** The sysctls of a namespace by which its conntrack forgets connections. */
const SYSCTLS: { readonly [K in keyof Required<NatTimeouts>]: string } = {
  udp: 'net.netfilter.nf_conntrack_udp_timeout',
  udpStream: 'net.netfilter.nf_conntrack_udp_timeout_stream',
  tcpEstablished: 'net.netfilter.nf_conntrack_tcp_timeout_established',
  icmp: 'net.netfilter.nf_conntrack_icmp_timeout',
};

export function natSysctls({ timeouts }: NatBehavior): Record<string, number> {
  return Object.fromEntries(
    Object.entries(SYSCTLS).map(([name, key]) => [key, timeouts[name as keyof NatTimeouts]]),
  );
}
