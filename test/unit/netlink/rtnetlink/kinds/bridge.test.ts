import type { ValueOf } from '../../../../../lib/netlink/codec';
import { Bytes, Writer } from '../../../../../lib/netlink/bytes';
import {
  encode,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REQUEST,
  NLMSG_DONE,
  readAcknowledgement,
} from '../../../../../lib/netlink/message';
import { link } from '../../../../../lib/netlink/rtnetlink/link';
import { type bridge } from '../../../../../lib/netlink/rtnetlink/kinds/bridge';
import { bridgePort } from '../../../../../lib/netlink/rtnetlink/kinds/bridge-port';
import { capture } from '../../../../golden/captures';
import { ATTEMPT, received, type Sent, testRequests, unacknowledged } from '../../../support/requests';

type Value = Parameters<typeof link.add>[0];
type Settings = ValueOf<typeof bridge.table>;
type PortSettings = ValueOf<typeof bridgePort>;

const AF_BRIDGE = 7;
const AF_PACKET = 17;
const RTM_SETLINK = 19;
const EMPTY = { family: 0, hardware: 0, index: 0, flags: 0, change: 0 };

function message(value: Value, flags = 0): Sent<Value> {
  return { value, bytes: link.add(value, flags, ATTEMPT).bytes };
}

function set(data: Settings): Sent<Value> {
  return message({ index: 10, info: { kind: 'bridge', data } });
}

function portBytes(settings: PortSettings): Buffer {
  const to = new Writer();
  bridgePort.write(to, settings);
  return to.take();
}

// `ip` writes 'bridge_slave' where the kind of the device itself belongs, so no table is chosen by it.
function setPort(settings: PortSettings): Sent<Value> {
  return message({ index: 20, info: { kind: 'bridge_slave', portData: portBytes(settings) } });
}

describe('the requests of ip link for bridges', () => {
  const show = { extMask: 9, name: 'br0' };
  const showPorts = { family: AF_PACKET, extMask: 1, master: 10 };
  const setlink = {
    family: AF_BRIDGE,
    index: 20,
    bridgePort: { cost: 30 },
  };

  testRequests('bridge', link.codec, EMPTY, {
    ['ip link add index 10 name br0 address 02:00:00:00:00:10 type bridge stp_state 1 forward_delay 400 ' +
    'hello_time 100 max_age 600 ageing_time 12000 priority 4096 group_fwd_mask 8']: message(
      {
        index: 10,
        mac: '02:00:00:00:00:10',
        name: 'br0',
        info: {
          kind: 'bridge',
          data: {
            stpState: 1,
            forwardDelay: 400,
            helloTime: 100,
            maxAge: 600,
            ageingTime: 12000,
            priority: 4096,
            groupForwardMask: 8,
          },
        },
      },
      NLM_F_CREATE | NLM_F_EXCL,
    ),
    'ip link set br0 type bridge vlan_filtering 1 vlan_default_pvid 10': set({
      vlanFiltering: true,
      vlanDefaultPvid: 10,
    }),
    'ip link set br0 type bridge vlan_protocol 802.1ad': set({ vlanProtocol: '802.1ad' }),
    'ip link set br0 type bridge group_address 01:80:c2:00:00:04': set({ groupAddress: '01:80:c2:00:00:04' }),
    'ip link set br0 type bridge fdb_flush': set({ fdbFlush: true }),
    'ip link set br0 type bridge mcast_router 2 mcast_snooping 0 mcast_query_use_ifaddr 1 mcast_querier 1':
      set({
        multicastRouter: 'always',
        multicastSnooping: false,
        multicastQueryUseIfaddr: true,
        multicastQuerier: true,
      }),
    'ip link set br0 type bridge mcast_hash_max 1024 mcast_last_member_count 3 mcast_startup_query_count 4':
      set({ multicastHashMax: 1024, multicastLastMemberCount: 3, multicastStartupQueryCount: 4 }),
    ['ip link set br0 type bridge mcast_last_member_interval 101 mcast_membership_interval 26001 ' +
    'mcast_querier_interval 25502 mcast_query_interval 12503 mcast_query_response_interval 1004 ' +
    'mcast_startup_query_interval 3105']: set({
      multicastLastMemberInterval: 101,
      multicastMembershipInterval: 26001,
      multicastQuerierInterval: 25502,
      multicastQueryInterval: 12503,
      multicastQueryResponseInterval: 1004,
      multicastStartupQueryInterval: 3105,
    }),
    'ip link set br0 type bridge mcast_stats_enabled 1 mcast_igmp_version 3 mcast_mld_version 2': set({
      multicastStats: true,
      multicastIgmpVersion: 3,
      multicastMldVersion: 2,
    }),
    'ip link set br0 type bridge nf_call_iptables 1 nf_call_ip6tables 1 nf_call_arptables 1': set({
      nfCallIptables: true,
      nfCallIp6tables: true,
      nfCallArptables: true,
    }),
    'ip link set br0 type bridge vlan_stats_enabled 1': set({ vlanStats: true }),
    'ip link set br0 type bridge vlan_stats_per_port 0': set({ vlanStatsPerPort: false }),
    'ip link set br0 type bridge no_linklocal_learn 1': set({ boolOptions: { value: 1, mask: 1 } }),
    'ip link set br0 type bridge stp_state 0': set({ stpState: 0 }),
    'ip link set va type bridge_slave cost 20 priority 16 state 3': setPort({
      cost: 20,
      priority: 16,
      state: 'forwarding',
    }),
    'ip link set va type bridge_slave hairpin on isolated on guard on root_block on fastleave on': setPort({
      hairpin: true,
      isolated: true,
      guard: true,
      rootBlock: true,
      fastLeave: true,
    }),
    'ip link set va type bridge_slave learning off flood off mcast_flood off bcast_flood off mcast_to_unicast on':
      setPort({
        learning: false,
        unicastFlood: false,
        multicastFlood: false,
        broadcastFlood: false,
        multicastToUnicast: true,
      }),
    'ip link set va type bridge_slave proxy_arp on proxy_arp_wifi on neigh_suppress on vlan_tunnel on locked on':
      setPort({
        proxyArp: true,
        proxyArpWifi: true,
        neighborSuppress: true,
        vlanTunnel: true,
        locked: true,
      }),
    'ip link set va type bridge_slave group_fwd_mask 16 mcast_router 2 fdb_flush': setPort({
      groupForwardMask: 16,
      multicastRouter: 'always',
      flush: true,
    }),
    'ip link set va type bridge_slave backup_port vb': setPort({ backupPort: 21 }),
    'ip link show dev br0': { value: show, bytes: unacknowledged(link.get(show, ATTEMPT).bytes) },
    'ip link show master br0': { value: showPorts, bytes: link.dump(showPorts, ATTEMPT).bytes },
    'bridge link set dev va cost 30': {
      value: setlink,
      bytes: encode(RTM_SETLINK, NLM_F_REQUEST | NLM_F_ACK, link.codec, setlink),
    },
  });
});

test.each<[string, PortSettings]>([
  ['cost 20 priority 16 state 3', { cost: 20, priority: 16, state: 'forwarding' }],
  [
    'hairpin on isolated on guard on root_block on fastleave on',
    { hairpin: true, isolated: true, guard: true, rootBlock: true, fastLeave: true },
  ],
  [
    'group_fwd_mask 16 mcast_router 2 fdb_flush',
    { groupForwardMask: 16, multicastRouter: 'always', flush: true },
  ],
])('the port settings %s', (words, settings) => {
  const { request } = capture('bridge', `ip link set va type bridge_slave ${words}`);
  const portData = link.codec.read(new Bytes(request), 16, request.length).info?.portData as Buffer;
  expect(bridgePort.read(new Bytes(portData), 0, portData.length)).toEqual(settings);
});

describe('what the kernel says', () => {
  const ID = { priority: 0x1000, mac: '02:00:00:00:00:10' };

  test('of a bridge', () => {
    const [message] = received(capture('bridge', 'ip link show dev br0').reply);
    const data = link.read(message!).info?.data;
    expect(data).toMatchObject({
      forwardDelay: 400,
      helloTime: 100,
      maxAge: 600,
      ageingTime: 12000,
      stpState: 0,
      priority: 0x1000,
      groupForwardMask: 8,
      bridgeId: ID,
      rootId: ID,
      rootPort: 0,
      rootPathCost: 0,
      groupAddress: '01:80:c2:00:00:04',
      boolOptions: { value: 1 },
      fdbLearned: 0,
      fdbMaxLearned: 0,
      multicastRouter: 'always',
      multicastSnooping: false,
      multicastQuerier: true,
      multicastQueryUseIfaddr: true,
      multicastStats: true,
      multicastHashMax: 1024,
      multicastHashElasticity: 16,
      multicastLastMemberCount: 3,
      multicastStartupQueryCount: 4,
      multicastIgmpVersion: 3,
      multicastMldVersion: 2,
      multicastQueryResponseInterval: 1004,
      nfCallIptables: true,
      nfCallIp6tables: true,
      nfCallArptables: true,
    });
    expect(data).not.toHaveProperty('unknown');
  });

  test('of a port', () => {
    const [message, done] = received(capture('bridge', 'ip link show master br0').reply);
    expect(done).toMatchObject({ type: NLMSG_DONE });
    const info = link.read(message!).info;
    expect(info).toMatchObject({
      kind: 'veth',
      portKind: 'bridge',
      portData: {
        state: 'forwarding',
        priority: 16,
        cost: 20,
        hairpin: true,
        isolated: true,
        guard: true,
        rootBlock: true,
        fastLeave: true,
        learning: false,
        unicastFlood: false,
        multicastFlood: false,
        broadcastFlood: false,
        multicastToUnicast: true,
        proxyArp: true,
        proxyArpWifi: true,
        neighborSuppress: true,
        vlanTunnel: true,
        locked: true,
        groupForwardMask: 16,
        multicastRouter: 'always',
        rootId: ID,
        bridgeId: ID,
        // eight bits of priority, then the port's number
        id: 0x4001,
        designatedPort: 0x4001,
        number: 1,
        designatedCost: 0,
        topologyChangeAck: false,
        configPending: false,
        multicastGroups: 0,
        multicastMaxGroups: 0,
      },
    });
    expect(info?.portData).not.toHaveProperty('unknown');
  });

  test('where it was built without VLAN filtering', () => {
    const command = 'ip link set br0 type bridge vlan_filtering 1 vlan_default_pvid 10';
    const [refusal] = received(capture('bridge', command).reply);
    expect(refusal === undefined || readAcknowledgement(refusal).errno === 95).toBe(true);
  });
});
