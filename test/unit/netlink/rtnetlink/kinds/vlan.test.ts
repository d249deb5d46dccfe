import { NLM_F_CREATE, NLM_F_EXCL } from '../../../../../lib/netlink/message';
import { kindView } from '../../../../../lib/netlink/rtnetlink/kinds';
import { vlan } from '../../../../../lib/netlink/rtnetlink/kinds/vlan';
import { link } from '../../../../../lib/netlink/rtnetlink/link';
import { ATTEMPT, type Sent, testRequests } from '../../../support/requests';

type Value = Parameters<typeof link.add>[0];

const NEW = NLM_F_CREATE | NLM_F_EXCL;
const EMPTY = { family: 0, hardware: 0, index: 0, flags: 0, change: 0 };

function add(flags: number, value: Value): Sent<Value> {
  return { value, bytes: link.add(value, flags, ATTEMPT).bytes };
}

describe('the requests of ip link for VLANs', () => {
  testRequests('vlan', link.codec, EMPTY, {
    'ip link add link br0 index 61 name br0.100 type vlan id 100': add(NEW, {
      index: 61,
      link: 10,
      name: 'br0.100',
      info: { kind: 'vlan', data: { id: 100 } },
    }),
    ['ip link add link br0 index 62 name br0.200 type vlan protocol 802.1ad id 200 reorder_hdr off gvrp on mvrp on ' +
    'loose_binding on bridge_binding off ingress-qos-map 1:2 3:4 egress-qos-map 5:6']: add(NEW, {
      index: 62,
      link: 10,
      name: 'br0.200',
      info: {
        kind: 'vlan',
        data: {
          protocol: '802.1ad',
          id: 200,
          ingressPriorities: [
            { from: 1, to: 2 },
            { from: 3, to: 4 },
          ],
          egressPriorities: [{ from: 5, to: 6 }],
          flags: { flags: 14, mask: 31 },
        },
      },
    }),
    'ip link set br0 type vlan gvrp off egress-qos-map 2:7': add(0, {
      index: 10,
      info: {
        kind: 'vlan',
        data: { egressPriorities: [{ from: 2, to: 7 }], flags: { flags: 0, mask: 2 } },
      },
    }),
  });
});

test('what is set is what is shown', () => {
  const options = {
    id: 200,
    protocol: '802.1ad',
    reorderHeader: false,
    gvrp: true,
    mvrp: true,
    looseBinding: true,
    bridgeBinding: false,
    ingressPriorities: [{ from: 1, to: 2 }],
    egressPriorities: [{ from: 5, to: 6 }],
  } as const;
  expect(kindView({ kind: 'vlan', data: vlan.toData(options) })).toEqual({ vlan: options });
});
