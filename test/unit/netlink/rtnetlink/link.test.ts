import {
  encode,
  NLM_F_ACK,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REQUEST,
  NLMSG_DONE,
  readAcknowledgement,
} from '../../../../lib/netlink/message';
import { IFF, link, type LinkMessage } from '../../../../lib/netlink/rtnetlink/link';
import { capture } from '../../../golden/captures';
import { ATTEMPT, received, type Sent, testRequests, unacknowledged } from '../../support/requests';

type Value = Parameters<typeof link.add>[0];

const NEW = NLM_F_CREATE | NLM_F_EXCL;
const RTM_NEWLINKPROP = 108;
const AF_PACKET = 17;
const RTEXT_FILTER_VF = 1;
const RTEXT_FILTER_SKIP_STATS = 8;

/** struct ifinfomsg */
const EMPTY = { family: 0, hardware: 0, index: 0, flags: 0, change: 0 };

function add(flags: number, value: Value): Sent<Value> {
  return { value, bytes: link.add(value, flags, ATTEMPT).bytes };
}

function remove(value: Value): Sent<Value> {
  return { value, bytes: link.remove(value, ATTEMPT).bytes };
}

function get(value: Value): Sent<Value> {
  return { value, bytes: unacknowledged(link.get(value, ATTEMPT).bytes) };
}

function dump(value: Value): Sent<Value> {
  return { value, bytes: link.dump(value, ATTEMPT).bytes };
}

describe('the requests of ip link', () => {
  const altNames = { index: 20, altNames: ['uplink-to-the-core', 'also-known-as'] };
  const all = { family: AF_PACKET, extMask: RTEXT_FILTER_VF };

  testRequests('link', link.codec, EMPTY, {
    'ip link add index 10 name br0 address 02:00:00:00:00:10 type bridge': add(NEW, {
      index: 10,
      mac: '02:00:00:00:00:10',
      name: 'br0',
      info: { kind: 'bridge' },
    }),
    'ip link add index 11 name br1 address 02:00:00:00:00:11 mtu 1400 txqueuelen 500 group 7 type bridge':
      add(NEW, {
        index: 11,
        mac: '02:00:00:00:00:11',
        mtu: 1400,
        txQueueLength: 500,
        group: 7,
        name: 'br1',
        info: { kind: 'bridge' },
      }),
    'ip link add index 20 name va type veth peer index 21 name vb': add(NEW, {
      index: 20,
      name: 'va',
      info: { kind: 'veth', data: { peer: { ...EMPTY, index: 21, name: 'vb' } } },
    }),
    ['ip link add index 30 name vc address 02:00:00:00:00:30 mtu 1400 numtxqueues 1 numrxqueues 1 type veth ' +
    'peer index 31 name vd address 02:00:00:00:00:31 mtu 1300 numtxqueues 1 numrxqueues 1']: add(NEW, {
      index: 30,
      mac: '02:00:00:00:00:30',
      mtu: 1400,
      txQueues: 1,
      rxQueues: 1,
      name: 'vc',
      info: {
        kind: 'veth',
        data: {
          peer: {
            ...EMPTY,
            index: 31,
            mac: '02:00:00:00:00:31',
            mtu: 1300,
            txQueues: 1,
            rxQueues: 1,
            name: 'vd',
          },
        },
      },
    }),
    ['ip link add index 40 name ve address 02:00:00:00:00:40 up master br0 type veth ' +
    'peer index 41 name eth0 address 02:00:00:00:00:41 netns red']: add(NEW, {
      index: 40,
      flags: IFF.up,
      change: IFF.up,
      mac: '02:00:00:00:00:40',
      master: 10,
      name: 've',
      info: {
        kind: 'veth',
        data: { peer: { ...EMPTY, index: 41, mac: '02:00:00:00:00:41', netnsFd: 4, name: 'eth0' } },
      },
    }),
    'ip link add index 50 name port%d address 02:00:00:00:00:50 type veth peer index 51': add(NEW, {
      index: 50,
      mac: '02:00:00:00:00:50',
      name: 'port%d',
      info: { kind: 'veth', data: { peer: { ...EMPTY, index: 51 } } },
    }),
    'ip link add name br0 type bridge': add(NEW, { name: 'br0', info: { kind: 'bridge' } }),
    'ip link set va up': add(0, { index: 20, flags: 1, change: 1 }),
    'ip link set va down': add(0, { index: 20, flags: 0, change: 1 }),
    'ip link set va mtu 1400': add(0, { index: 20, mtu: 1400 }),
    'ip link set va mtu 70000': add(0, { index: 20, mtu: 70000 }),
    'ip link set va address 02:00:00:00:00:20': add(0, { index: 20, mac: '02:00:00:00:00:20' }),
    'ip link set vb address 02:00:00:00:00:21': add(0, { index: 21, mac: '02:00:00:00:00:21' }),
    'ip link set va alias uplink': add(0, { index: 20, alias: 'uplink' }),
    "ip link set vb alias ''": add(0, { index: 21, alias: '' }),
    'ip link set va group 42': add(0, { index: 20, group: 42 }),
    'ip link set va txqueuelen 500': add(0, { index: 20, txQueueLength: 500 }),
    'ip link set va promisc on': add(0, { index: 20, flags: IFF.promisc, change: IFF.promisc }),
    'ip link set va promisc off': add(0, { index: 20, flags: 0, change: IFF.promisc }),
    'ip link set va arp off': add(0, { index: 20, flags: IFF.noarp, change: IFF.noarp }),
    'ip link set va arp on': add(0, { index: 20, flags: 0, change: IFF.noarp }),
    'ip link set va addrgenmode none': add(0, { index: 20, perFamily: { inet6: { addrGenMode: 'none' } } }),
    'ip link set va addrgenmode eui64': add(0, { index: 20, perFamily: { inet6: { addrGenMode: 'eui64' } } }),
    'ip link set vb name veth-b': add(0, { index: 21, name: 'veth-b' }),
    'ip link set va master br0': add(0, { index: 20, master: 10 }),
    'ip link show dev va': get({ extMask: RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS, name: 'va' }),
    'ip link set va nomaster': add(0, { index: 20, master: 0 }),
    'ip link set vc netns red': add(0, { index: 30, netnsFd: 4 }),
    'ip link set vd netns red name eth1': add(0, { index: 31, netnsFd: 4, name: 'eth1' }),
    'ip link set veth-b netns 4194305': add(0, { index: 21, netnsPid: 4194305 }),
    'ip link property add dev va altname uplink-to-the-core altname also-known-as': {
      value: altNames,
      bytes: encode(RTM_NEWLINKPROP, NLM_F_REQUEST | NLM_F_ACK | NEW | NLM_F_APPEND, link.codec, altNames),
    },
    'ip link show dev uplink-to-the-core': get({
      extMask: RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS,
      altName: 'uplink-to-the-core',
    }),
    'ip link show': dump(all),
    'ip link show master br0': dump({ ...all, master: 10 }),
    'ip link show type veth': dump({ ...all, info: { kind: 'veth' } }),
    'ip link del veth-b': remove({ index: 21 }),
    'ip link del dev br1 type bridge': remove({ index: 11, info: { kind: 'bridge' } }),
  });
});

describe('what the kernel answers', () => {
  const replies = (command: string) => received(capture('link', command).reply);
  const links = (command: string): LinkMessage[] =>
    replies(command)
      .filter(({ type }) => type !== NLMSG_DONE)
      .map((message) => link.read(message));

  test('one end of a veth pair, which is a port', () => {
    const [va] = links('ip link show dev va');
    expect(va).toMatchObject({
      index: 20,
      hardware: 1,
      flags: IFF.broadcast | IFF.multicast,
      name: 'va',
      mac: '02:00:00:00:00:20',
      broadcast: 'ff:ff:ff:ff:ff:ff',
      mtu: 1400,
      minMtu: 68,
      maxMtu: 65535,
      alias: 'uplink',
      group: 42,
      txQueueLength: 500,
      qdisc: 'noqueue',
      operState: 'down',
      carrier: false,
      carrierChanges: 1,
      carrierDownCount: 1,
      link: 21,
      master: 10,
      promiscuity: 1,
      allMulticast: 1,
      netnsImmutable: false,
      headroom: 0,
      tailroom: 0,
      info: { kind: 'veth', portKind: 'bridge', portData: { state: 'disabled', cost: 2, number: 2 } },
      perFamily: { inet6: { addrGenMode: 'eui64' } },
    });
  });

  test('all devices', () => {
    expect(links('ip link show')).toMatchObject([
      { index: 1, name: 'lo', hardware: 772, mtu: 65536, operState: 'unknown', mac: '00:00:00:00:00:00' },
      {
        index: 10,
        name: 'br0',
        info: { kind: 'bridge', data: { forwardDelay: 1500 } },
        netnsImmutable: true,
      },
      { index: 11, name: 'br1', mtu: 1400, group: 7, txQueueLength: 500 },
      { index: 20, name: 'va', altNames: ['uplink-to-the-core', 'also-known-as'] },
      { index: 21, name: 'veth-b', link: 20 },
      { index: 40, name: 've', master: 10, flags: IFF.up | IFF.broadcast | IFF.multicast, linkNsid: 0 },
      { index: 50, name: 'port0', link: 51 },
      { index: 51, name: 'veth0', link: 50 },
    ]);
    expect(replies('ip link show').at(-1)).toMatchObject({ type: NLMSG_DONE });
  });

  test('those that a filter leaves', () => {
    expect(links('ip link show master br0').map(({ name }) => name)).toEqual(['ve']);
    expect(links('ip link show type veth').map(({ name }) => name)).toEqual([
      'va',
      'veth-b',
      've',
      'port0',
      'veth0',
    ]);
  });

  test('nothing is left raw but counters of 32 bits, the memory map, XDP and what drivers add', () => {
    const IFLA = { stats: 7, map: 14, xdp: 43, devlinkPort: 62, dpllPin: 65 };
    const left = links('ip link show').flatMap(({ unknown = [] }) =>
      unknown.map(({ type }) => type & 0x3fff),
    );
    expect([...new Set(left)].sort((a, b) => a - b)).toEqual(Object.values(IFLA));
  });

  test('refusals', () => {
    const [exists] = replies('ip link add name br0 type bridge');
    expect(readAcknowledgement(exists!)).toEqual({ errno: 17 });
    const [greater] = replies('ip link set va mtu 70000');
    expect(readAcknowledgement(greater!)).toEqual({ errno: 22, sentence: 'mtu greater than device maximum' });
  });
});
