import type { Capability } from '../../support/capabilities';
import type { FilterExample } from './filter-examples';

const KEYS: Capability = 'filters by ARP, ICMP, MPLS, connections and tunnels, and the actions of tunnels';
const STATES: Capability = 'filters by packets that belong to no connection, or answer';
const MORE: Capability = 'the actions bpf, connmark, sample and simple';
const ZONES: Capability = 'the action ct with zones, marks and labels';

const DROP = [{ kind: 'gact', control: 'drop' }] as const;
const FLOWER = { kind: 'flower', priority: 7, actions: DROP } as const;
const IP = { ...FLOWER, protocol: 'ip' } as const;
const ALL = { kind: 'matchall', priority: 5 } as const;
const LABELS = Buffer.from('0102030405060708090a0b0c0d0e0f10', 'hex');
const LABELS_MASK = Buffer.from('ffff00000000000000000000000000ff', 'hex');

/** Of the keys of flower in headers, of connections and of tunnels, and of the actions of tunnels. */
export const KEY_EXAMPLES: readonly (FilterExample & { needs: Capability })[] = [
  {
    needs: KEYS,
    options: {
      ...{ ...FLOWER, protocol: 'arp' },
      arp: {
        ...{ operation: 'request', source: '10.0.0.0/8', target: '10.0.0.2' },
        ...{ sourceMac: '02:00:00:00:00:00/ff:ff:00:00:00:00', targetMac: '02:00:00:00:00:01' },
      },
    },
    words:
      'protocol arp prio 7 flower arp_op request arp_sip 10.0.0.0/8 arp_tip 10.0.0.2 arp_sha 02:00:00:00:00:00/ff:ff:00:00:00:00 ' +
      'arp_tha 02:00:00:00:00:01 action drop',
  },
  {
    needs: KEYS,
    options: {
      ...{ ...IP, ipProtocol: 'icmp', icmp: { type: 8, code: 0 }, tos: { value: 0x10, mask: 0xfc } },
      ...{ ttl: 64, ipFlags: { fragment: false } },
    },
    words:
      'protocol ip prio 7 flower ip_proto icmp type 8 code 0 ip_tos 0x10/0xfc ip_ttl 64 ip_flags nofrag action drop',
  },
  {
    needs: KEYS,
    options: {
      ...{ ...FLOWER, protocol: 'ipv6', ipProtocol: 'icmpv6' },
      ...{ icmp: { type: { value: 128, mask: 240 } }, ipFlags: { fragment: true, firstFragment: false } },
    },
    words: 'protocol ipv6 prio 7 flower ip_proto icmpv6 type 128/240 ip_flags frag/nofirstfrag action drop',
  },
  {
    needs: KEYS,
    options: {
      ...FLOWER,
      protocol: 'mpls_uc',
      mpls: { label: 16, trafficClass: 3, bottom: true, ttl: 64 },
    },
    words: 'protocol mpls_uc prio 7 flower mpls_label 16 mpls_tc 3 mpls_bos 1 mpls_ttl 64 action drop',
  },
  {
    needs: KEYS,
    options: { ...IP, ipProtocol: 'tcp', tcpFlags: { value: 2, mask: 0x12 } },
    words: 'protocol ip prio 7 flower ip_proto tcp tcp_flags 0x2/0x12 action drop',
  },
  {
    needs: KEYS,
    options: { ...IP, ipProtocol: 'tcp', tcpFlags: 0x12 },
    words: 'protocol ip prio 7 flower ip_proto tcp tcp_flags 0x12 action drop',
  },
  {
    needs: KEYS,
    options: { ...IP, ctState: { tracked: true, established: true, new: false } },
    words: 'protocol ip prio 7 flower ct_state +trk+est-new action drop',
  },
  {
    needs: STATES,
    options: { ...IP, ctState: { tracked: true, invalid: false, reply: true, related: false } },
    words: 'protocol ip prio 7 flower ct_state +trk-inv+rpl-rel action drop',
  },
  {
    needs: ZONES,
    options: {
      ...{ ...IP, ctZone: 5, ctMark: { value: 5, mask: 0xf } },
      ctLabels: { value: LABELS, mask: LABELS_MASK },
    },
    words: `protocol ip prio 7 flower ct_zone 5 ct_mark 5/0xf ct_label ${LABELS.toString('hex')}/${LABELS_MASK.toString('hex')} action drop`,
  },
  {
    needs: ZONES,
    options: { ...IP, ctZone: { value: 4, mask: 6 }, ctMark: 5, ctLabels: LABELS },
    words: `protocol ip prio 7 flower ct_zone 4/6 ct_mark 5 ct_label ${LABELS.toString('hex')} action drop`,
  },
  {
    needs: KEYS,
    options: {
      ...FLOWER,
      tunnel: {
        ...{ id: 77, source: '10.0.0.0/8', destination: '10.0.0.2', destinationPort: 4789 },
        ...{ tos: { value: 0x10, mask: 0xfc }, ttl: 64 },
      },
    },
    words:
      'prio 7 flower enc_key_id 77 enc_src_ip 10.0.0.0/8 enc_dst_ip 10.0.0.2 enc_dst_port 4789 enc_tos 0x10/0xfc enc_ttl 64 action drop',
  },
  {
    needs: KEYS,
    options: { ...FLOWER, tunnel: { id: 5, source: 'fd00::/64', destination: 'fd00::1' } },
    words: 'prio 7 flower enc_key_id 5 enc_src_ip fd00::/64 enc_dst_ip fd00::1 action drop',
  },
  {
    needs: KEYS,
    options: {
      ...ALL,
      actions: [
        {
          ...{ kind: 'tunnel_key', mode: 'set', source: '10.0.0.1', destination: '10.0.0.2', id: 77 },
          ...{ destinationPort: 4789, tos: 16, ttl: 64, checksum: false },
        },
        { kind: 'tunnel_key', mode: 'unset' },
        {
          ...{ kind: 'tunnel_key', mode: 'set', source: 'fd00::1', destination: 'fd00::2' },
          ...{ checksum: true, control: 'pass' },
        },
      ],
    },
    words:
      'prio 5 matchall action tunnel_key set src_ip 10.0.0.1 dst_ip 10.0.0.2 id 77 dst_port 4789 tos 0x10 ttl 64 nocsum pipe ' +
      'action tunnel_key unset pipe action tunnel_key set src_ip fd00::1 dst_ip fd00::2 csum pass',
  },
  {
    needs: MORE,
    options: {
      ...ALL,
      actions: [
        { kind: 'connmark', zone: 3 },
        { kind: 'connmark', control: 'continue' },
      ],
    },
    words: 'prio 5 matchall action connmark zone 3 action connmark continue',
  },
  {
    needs: MORE,
    options: {
      ...ALL,
      actions: [
        { kind: 'sample', rate: 100, group: 5, truncate: 128 },
        { kind: 'sample', rate: 1, group: 6, control: 'pass' },
      ],
    },
    words: 'prio 5 matchall action sample rate 100 group 5 trunc 128 action sample rate 1 group 6 ok',
  },
  {
    needs: MORE,
    options: {
      ...ALL,
      actions: [
        { kind: 'bpf', program: [[6, 0, 0, 0xffffffff]] },
        {
          ...{ kind: 'bpf', control: 'drop' },
          program: [
            [40, 0, 0, 12],
            [6, 0, 0, 0],
          ],
        },
      ],
    },
    words:
      'prio 5 matchall action bpf bytecode 1,6_0_0_4294967295 pipe action bpf bytecode 2,40_0_0_12,6_0_0_0 drop',
  },
];
