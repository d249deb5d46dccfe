import { type AddFilterOptions, u32Keys } from '../../../lib';
import type { Capability } from '../../support/capabilities';

type WithoutPlace<T> = T extends unknown ? Omit<T, 'parent'> : never;

export interface FilterExample {
  options: WithoutPlace<AddFilterOptions>;
  /** Words of tc; of a program, '_' stands for a space. */
  words: string;
  /** 'ingress' by default. */
  place?: 'ingress' | 'egress' | '1:';
  /** Whether all kernels have its kind and its actions. */
  everywhere?: true;
  /** What they need beside the filters and actions that most have. */
  needs?: Capability;
}

const DROP = [{ kind: 'gact', control: 'drop' }] as const;
const ALL = { kind: 'matchall', priority: 5 } as const;

export const EXAMPLES: readonly FilterExample[] = [
  { options: { ...ALL, actions: DROP }, words: 'prio 5 matchall action drop' },
  {
    options: { ...ALL, protocol: 'arp', classId: '1:10' },
    words: 'prio 5 protocol arp matchall flowid 1:10',
    place: '1:',
  },
  {
    options: { kind: 'matchall', protocol: 'ip', handle: 7, chain: 3, actions: DROP },
    words: 'protocol ip chain 3 handle 0x7 matchall action drop',
    place: 'egress',
  },
  {
    options: { ...ALL, actions: [{ kind: 'mirred', mode: 'redirect', device: 'lo' }] },
    words: 'prio 5 matchall action mirred egress redirect dev lo',
  },
  {
    options: {
      ...ALL,
      actions: [
        { kind: 'mirred', mode: 'mirror', direction: 'ingress', device: 'lo' },
        { kind: 'gact', control: { jump: 1 } },
        { kind: 'gact', control: 'reclassify', chance: { type: 'every', value: 5, control: 'pass' } },
        { kind: 'gact', control: { chain: 4 } },
      ],
    },
    words:
      'prio 5 matchall action mirred ingress mirror dev lo action jump 1 action reclassify random determ ok 5 action goto chain 4',
  },
  {
    options: { ...ALL, actions: [{ kind: 'police', rate: 1_000_000, burst: 10_240 }] },
    words: 'prio 5 matchall action police rate 1mbit burst 10k conform-exceed drop',
  },
  {
    options: {
      ...ALL,
      actions: [
        {
          ...{ kind: 'police', rate: 40_000_000_000, burst: 1_000_000, mtu: 65_535, overhead: 24 },
          ...{ exceed: 'continue', conform: 'pipe' },
        },
        {
          kind: 'police',
          rate: 8_000_000,
          burst: 20_000,
          mtu: 3000,
          peakRate: 80_000_000,
          linkLayer: 'atm',
          exceed: 'reclassify',
        },
      ],
    },
    words:
      'prio 5 matchall action police rate 40gbit burst 1000000 mtu 65535 overhead 24 conform-exceed continue/pipe action police rate 8mbit burst 20000 mtu 3000 peakrate 80mbit linklayer atm',
  },
  {
    // newer kernels (6.12) take a queue of what leaves the device only
    place: 'egress',
    options: {
      ...ALL,
      actions: [
        { kind: 'skbedit', priority: 0x10010, mark: 7, mask: 0xff, queue: 2, packetType: 'host' },
        { kind: 'skbedit', inheritDsField: true, control: 'pass' },
      ],
    },
    words:
      'prio 5 matchall action skbedit queue_mapping 2 priority 1:10 mark 7/0xff ptype host action skbedit inheritdsfield ok',
  },
  {
    options: {
      ...ALL,
      actions: [
        { kind: 'vlan', mode: 'push', id: 5, protocol: '802.1ad', priority: 3 },
        { kind: 'vlan', mode: 'modify', id: 6, control: 'continue' },
        { kind: 'vlan', mode: 'pop' },
      ],
    },
    words:
      'prio 5 matchall action vlan push id 5 protocol 802.1ad priority 3 action vlan modify id 6 continue action vlan pop',
  },
  {
    options: { kind: 'u32', protocol: 'ip', priority: 6, classId: '1:10', keys: u32Keys({ tos: 0x10 }) },
    words: 'protocol ip prio 6 u32 match ip tos 0x10 0xff flowid 1:10',
    place: '1:',
    everywhere: true,
  },
  {
    options: {
      ...{
        kind: 'u32',
        protocol: 'ip',
        priority: 6,
        actions: [{ kind: 'mirred', mode: 'mirror', device: 'lo' }],
      },
      keys: u32Keys({
        ...{ source: '10.0.0.0/9', destination: '192.168.1.2', ipProtocol: 'tcp' },
        ...{ sourcePort: 1024, destinationPort: 80 },
      }),
    },
    words:
      'protocol ip prio 6 u32 match ip src 10.0.0.0/9 match ip dst 192.168.1.2 match ip protocol 6 0xff match ip sport 1024 0xffff match ip dport 80 0xffff action mirred egress mirror dev lo',
    everywhere: true,
  },
  {
    options: {
      ...{ kind: 'u32', protocol: 'ipv6', priority: 6, classId: '1:10' },
      keys: u32Keys({
        source: 'fd00:1:2::/47',
        destination: 'fd00::1',
        ipProtocol: 'udp',
        tos: 0x20,
        destinationPort: 53,
      }),
    },
    words:
      'protocol ipv6 prio 6 u32 match ip6 src fd00:1:2::/47 match ip6 dst fd00::1 match ip6 protocol 17 0xff match ip6 priority 0x20 0xff match ip6 dport 53 0xffff flowid 1:10',
    place: '1:',
    everywhere: true,
  },
  {
    options: {
      ...{ kind: 'u32', priority: 6, handle: 0x123, classId: '1:10' },
      keys: [
        { value: 0xffff1234, mask: 0xff00ff00, offset: -16 },
        { value: 80 * 0x10000, mask: 0xffff0000, offset: 4, behindIp: true },
      ],
    },
    words:
      'prio 6 handle ::123 u32 match u32 0xff001200 0xff00ff00 at -16 match u32 0x500000 0xffff0000 at nexthdr+4 flowid 1:10',
    place: '1:',
    everywhere: true,
  },
  {
    options: {
      ...{ kind: 'flower', protocol: 'ip', priority: 7, source: '10.0.0.0/8', destination: '10.0.0.2' },
      ...{
        ipProtocol: 'tcp',
        sourcePort: { from: 1000, to: 2000 },
        destinationPort: { from: 80, to: 81 },
        actions: DROP,
      },
    },
    words:
      'protocol ip prio 7 flower ip_proto tcp src_ip 10.0.0.0/8 dst_ip 10.0.0.2 src_port 1000-2000 dst_port 80-81 action drop',
  },
  {
    options: {
      ...{ kind: 'flower', protocol: 'ipv6', priority: 7, source: 'fd00::/63', destination: 'fd00::1' },
      ...{
        ipProtocol: 'udp',
        sourcePort: 53,
        destinationPort: { value: 0x100, mask: 0xff00 },
        actions: DROP,
      },
    },
    words:
      'protocol ipv6 prio 7 flower ip_proto udp src_ip fd00::/63 dst_ip fd00::1 src_port 53 dst_port 0x100/0xff00 action drop',
  },
  {
    options: {
      kind: 'flower',
      protocol: 'ip',
      priority: 7,
      ipProtocol: 'sctp',
      sourcePort: 9,
      destinationPort: 10,
      classId: '1:10',
    },
    words: 'protocol ip prio 7 flower ip_proto sctp src_port 9 dst_port 10 classid 1:10',
    place: '1:',
  },
  {
    options: {
      ...{ kind: 'flower', protocol: '802.1Q', priority: 7, destinationMac: '02:00:00:00:00:01' },
      ...{ sourceMac: '02:00:00:00:00:00/ff:ff:00:00:00:00', destination: '10.0.0.1' },
      ...{ vlan: { id: 5, priority: 3, etherType: 'ip' }, actions: DROP },
    },
    words:
      'protocol 802.1Q prio 7 flower vlan_id 5 vlan_prio 3 vlan_ethtype ipv4 dst_mac 02:00:00:00:00:01 src_mac 02:00:00:00:00:00/ff:ff:00:00:00:00 dst_ip 10.0.0.1 action drop',
  },
  {
    options: { kind: 'fw', mark: 6, priority: 8, classId: '1:10' },
    words: 'prio 8 handle 6 fw classid 1:10',
    place: '1:',
  },
  {
    options: { kind: 'fw', mark: 6, mask: 0xff, priority: 8, actions: DROP },
    words: 'prio 8 handle 6/0xff fw action drop',
  },
];
