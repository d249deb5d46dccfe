import type { Capability } from '../../support/capabilities';
import type { FilterExample } from './filter-examples';

const EDITS: Capability = 'filters of the kind bpf, and the actions pedit, csum and ct';
const ZONES: Capability = 'the action ct with zones, marks and labels';

const ALL = { kind: 'matchall', protocol: 'ip', priority: 5 } as const;
const LABELS = Buffer.from('0102030405060708090a0b0c0d0e0f10', 'hex');
const LABELS_MASK = Buffer.from('ffff00000000000000000000000000ff', 'hex');

/** Of the actions that change packets, and of filters by a program. */
export const EDIT_EXAMPLES: readonly (FilterExample & { needs: Capability })[] = [
  {
    needs: EDITS,
    options: {
      ...ALL,
      actions: [
        {
          kind: 'pedit',
          edits: [
            { field: 'ip ttl', set: 64 },
            { field: 'ip ttl', add: 255 },
            { field: 'ip src', set: '10.0.0.1' },
            { field: 'ip tos', set: 0x10 },
            { field: 'eth dst', set: '02:00:00:00:00:01' },
            { field: 'eth src', set: '02:00:00:00:00:02' },
            { field: 'eth type', set: 'ipv6' },
            { field: 'ip6 dst', set: 'fd00::1' },
            { field: 'ip6 hoplimit', set: 3 },
            { field: 'tcp sport', set: 81 },
            { field: 'tcp dport', set: 80 },
            { field: 'udp dport', set: 53 },
          ],
        },
        { kind: 'csum', checksums: ['ip', 'tcp', 'udp'], control: 'pass' },
      ],
    },
    words:
      'protocol ip prio 5 matchall action pedit ex munge ip ttl set 64 munge ip ttl add 255 munge ip src set 10.0.0.1 munge ip tos set 0x10 ' +
      'munge eth dst set 02:00:00:00:00:01 munge eth src set 02:00:00:00:00:02 munge eth type set 0x86dd munge ip6 dst set fd00::1 ' +
      'munge ip6 hoplimit set 3 munge tcp sport set 81 munge tcp dport set 80 munge udp dport set 53 pipe ' +
      'action csum ip4h and tcp and udp',
  },
  {
    needs: EDITS,
    options: {
      ...ALL,
      actions: [
        {
          kind: 'pedit',
          edits: [
            { header: 'network', offset: 0, mask: 0xff000000, value: 0x05000000 },
            {
              header: 'network',
              offset: 12,
              mask: 0xffffffff,
              value: 5,
              start: { at: 0, mask: 0x0f, shift: 2 },
            },
            { header: 'network', offset: 16, mask: 0, value: 0xffffffff },
          ],
          control: 'drop',
        },
      ],
    },
    words:
      'protocol ip prio 5 matchall action pedit munge offset 0 u8 set 0x5 munge offset 12 u32 at 0 0f 2 set 5 munge offset 16 u32 invert drop',
  },
  {
    needs: EDITS,
    options: { ...ALL, actions: [{ kind: 'csum', checksums: ['icmp', 'igmp', 'udplite', 'sctp'] }] },
    words: 'protocol ip prio 5 matchall action csum icmp and igmp and udplite and sctp pipe',
  },
  {
    needs: EDITS,
    options: { ...ALL, actions: [{ kind: 'ct', clear: true }] },
    words: 'protocol ip prio 5 matchall action ct clear',
  },
  {
    needs: EDITS,
    options: {
      ...ALL,
      actions: [
        {
          ...{ kind: 'ct', commit: true, force: true, control: 'pass' },
          nat: {
            side: 'source',
            address: { from: '10.0.0.1', to: '10.0.0.9' },
            port: { from: 100, to: 200 },
          },
        },
      ],
    },
    words:
      'protocol ip prio 5 matchall action ct commit force nat src addr 10.0.0.1-10.0.0.9 port 100-200 pass',
  },
  {
    needs: EDITS,
    options: {
      ...{ ...ALL, protocol: 'ipv6' },
      actions: [
        { kind: 'ct', nat: 'as before' },
        { kind: 'ct', commit: true, nat: { side: 'destination', address: 'fd00::1', port: 80 } },
      ],
    },
    words: 'protocol ipv6 prio 5 matchall action ct nat action ct commit nat dst addr fd00::1 port 80',
  },
  {
    needs: ZONES,
    options: {
      ...ALL,
      actions: [
        { kind: 'ct', zone: 2, commit: true, mark: 5, labels: LABELS },
        { kind: 'ct', zone: 3, commit: true, mark: 4, markMask: 6, labels: LABELS, labelsMask: LABELS_MASK },
      ],
    },
    words:
      `protocol ip prio 5 matchall action ct commit zone 2 mark 5 label ${LABELS.toString('hex')} ` +
      `action ct commit zone 3 mark 4/6 label ${LABELS.toString('hex')}/${LABELS_MASK.toString('hex')}`,
  },
  {
    needs: EDITS,
    options: {
      ...{ kind: 'bpf', protocol: 'ip', priority: 5, actions: [{ kind: 'gact', control: 'drop' }] },
      program: [
        [40, 0, 0, 12],
        [21, 0, 1, 2048],
        [6, 0, 0, 262_144],
        [6, 0, 0, 0],
      ],
    },
    words: 'protocol ip prio 5 bpf bytecode 4,40_0_0_12,21_0_1_2048,6_0_0_262144,6_0_0_0 action drop',
  },
  {
    needs: EDITS,
    options: {
      ...{ kind: 'bpf', priority: 5, classId: '1:10', handle: 7 },
      program: [[6, 0, 0, 0xffffffff]],
    },
    words: 'prio 5 handle 7 bpf bytecode 1,6_0_0_4294967295 classid 1:10',
    place: '1:',
  },
];
