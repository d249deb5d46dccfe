import { listAddrs, listLinks, listRoutes, type Netns } from '../../lib';
import { Bytes } from '../../lib/netlink/bytes';
import { ip, written } from '../../lib/netlink/codec';
import { Connection } from '../../lib/netlink/connection';
import { encode, messages, NLM_F_MULTI, setSequence } from '../../lib/netlink/message';
import type { NetlinkObject, Request } from '../../lib/netlink/object';
import { address } from '../../lib/netlink/rtnetlink/address';
import { link } from '../../lib/netlink/rtnetlink/link';
import { route } from '../../lib/netlink/rtnetlink/route';
import { indexOf } from '../../lib/netns/device';
import { format, summarize } from '../runner/stats';

/**
 * What the decoding of answers costs, without a kernel: the library's own functions, whose namespace answers with bytes
 * that are there already. They are as those of Linux 6.18, with the attributes that the library has no name for.
 */

const ROUNDS = Number(process.argv[2] ?? 200);
const MANY = 1000;

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;

const zeros = (type: number, length: number) => ({ type, data: new Uint8Array(length) });

const veth = (i: number) => ({
  family: 0,
  hardware: 1,
  index: i,
  flags: 0x11043,
  name: `veth${i.toString(16)}`,
  txQueueLength: 1000,
  operState: 'up' as const,
  linkMode: 0,
  netnsImmutable: false,
  mtu: 1500,
  minMtu: 68,
  maxMtu: 65535,
  group: 0,
  promiscuity: 0,
  allMulticast: 0,
  txQueues: 1,
  gsoMaxSegments: 65535,
  gsoMaxSize: 65536,
  groMaxSize: 65536,
  gsoIpv4MaxSize: 65536,
  groIpv4MaxSize: 65536,
  tsoMaxSize: 524280,
  tsoMaxSegments: 65535,
  maxPacingOffloadHorizon: 0,
  rxQueues: 1,
  carrier: true,
  qdisc: 'noqueue',
  carrierChanges: 2,
  carrierUpCount: 1,
  carrierDownCount: 1,
  headroom: 0,
  tailroom: 0,
  protoDown: false,
  mac: `02:00:00:00:${(i >> 8).toString(16).padStart(2, '0')}:${(i & 255).toString(16).padStart(2, '0')}`,
  broadcast: 'ff:ff:ff:ff:ff:ff',
  link: 2,
  linkNsid: i,
  perFamily: { unknown: [zeros(2, 136)], inet6: { addrGenMode: 'eui64' as const, unknown: [zeros(2, 244)] } },
  unknown: [zeros(23, 200), zeros(7, 96), zeros(43, 8), zeros(14, 32), zeros(0x8000 | 62, 0)],
});

const bridgeId = { priority: 32768, mac: '02:00:00:00:00:10' };
const portData = {
  state: 'forwarding' as const,
  priority: 32,
  cost: 2,
  hairpin: false,
  guard: false,
  rootBlock: false,
  fastLeave: false,
  multicastToUnicast: false,
  learning: true,
  unicastFlood: true,
  multicastFlood: true,
  broadcastFlood: true,
  proxyArp: false,
  proxyArpWifi: false,
  rootId: bridgeId,
  bridgeId,
  designatedPort: 32770,
  designatedCost: 0,
  id: 32770,
  number: 2,
  topologyChangeAck: false,
  configPending: false,
  vlanTunnel: false,
  groupForwardMask: 0,
  neighborSuppress: false,
  isolated: false,
  locked: false,
  messageAgeTimer: 0,
  forwardDelayTimer: 0,
  holdTimer: 0,
  multicastRouter: 1,
  multicastEhtHostsLimit: 512,
  multicastEhtHosts: 0,
};

const ipv6 = (i: number) => `fd00:0:${i.toString(16)}::${(i + 1).toString(16)}`;

/** All of a list, as one dump of it brings them. */
function dumped<H, A extends object>(
  { verbs, codec }: NetlinkObject<H, A>,
  make: (i: number) => Partial<H> & A,
): Buffer {
  const parts = Array.from({ length: MANY }, (_, i) => encode(verbs.add, NLM_F_MULTI, codec, make(i + 1)));
  return Buffer.concat([...parts, end(NLMSG_DONE, NLM_F_MULTI)]);
}

/** The end of an answer, without an error. */
function end(type: number, flags: number): Buffer {
  const message = Buffer.alloc(36);
  message.writeUInt32LE(36, 0);
  message.writeUInt16LE(type, 4);
  message.writeUInt16LE(flags, 6);
  return message;
}

/** A namespace whose kernel gives one answer. */
function answering(bytes: Buffer): Netns {
  for (const { start } of messages(new Bytes(bytes))) setSequence(bytes.subarray(start - 16), 1);
  const request = async <T>(one: Request<T>) =>
    new Connection(() => Promise.resolve({ bytes, errno: 0 }), 'bench').request(one);
  return { request, toString: () => 'bench' } as unknown as Netns;
}

interface Case {
  title: string;
  /** What the result is divided by. */
  times: number;
  unit: 'ms' | 'µs' | 'ns';
  run: () => unknown;
}

const links = answering(dumped(link, veth));
const ports = answering(
  dumped(link, (i) => ({ ...veth(i), master: 1, info: { kind: 'veth', portKind: 'bridge', portData } })),
);
const addrs = answering(
  dumped(address, (i) => ({
    family: 10,
    prefixLength: 64,
    flags8: 0x80,
    index: i,
    address: ipv6(i),
    lifetime: { preferred: 0xffffffff, valid: 0xffffffff, created: 0, updated: 0 },
    flags: 0x80,
    proto: 3,
  })),
);
const routes = answering(
  dumped(route, (i) => ({
    family: 10,
    dstLength: 64,
    table8: 254,
    protocol: 'static' as const,
    type: 'unicast' as const,
    table: 254,
    dst: ipv6(i),
    metric: 1024,
    index: 2,
    gateway: 'fe80::1',
    preference: 0,
    unknown: [zeros(12, 32)], // RTA_CACHEINFO
  })),
);
const named = answering(Buffer.concat([encode(link.verbs.add, 0, link.codec, veth(7)), end(NLMSG_ERROR, 0)]));
const sixteen = Array.from({ length: MANY }, (_, i) => new Bytes(written(ip, ipv6(i + 1))));
const texts = sixteen.map((bytes) => ip.read(bytes, 0, 16));

const number = MANY.toLocaleString('en-US');
const CASES: readonly Case[] = [
  { title: `list ${number} links`, times: 1, unit: 'ms', run: () => listLinks(links) },
  { title: `list ${number} ports of a bridge`, times: 1, unit: 'ms', run: () => listLinks(ports) },
  { title: `list ${number} addresses of IPv6`, times: 1, unit: 'ms', run: () => listAddrs(addrs) },
  {
    title: `list ${number} routes of IPv6`,
    times: 1,
    unit: 'ms',
    run: () => listRoutes(routes, { table: 'all' }),
  },
  {
    title: 'look up an index by name',
    times: 100,
    unit: 'µs',
    run: async () => {
      for (let i = 0; i < 100; i++) await indexOf(named, 'veth7', 'look up an index in namespace');
    },
  },
  {
    title: 'read an address of IPv6',
    times: MANY,
    unit: 'ns',
    run: () => sixteen.map((bytes) => ip.read(bytes, 0, 16)),
  },
  {
    title: 'write an address of IPv6',
    times: MANY,
    unit: 'ns',
    run: () => texts.map((text) => written(ip, text)),
  },
];

const PER_MS = { ms: 1, µs: 1e3, ns: 1e6 } as const;

async function main(): Promise<void> {
  for (const { title, times, unit, run } of CASES) {
    const taken: number[] = [];
    for (let round = -ROUNDS; round < ROUNDS; round++) {
      const before = performance.now();
      await run();
      if (round >= 0) taken.push(((performance.now() - before) * PER_MS[unit]) / times); // the first are start-up
    }
    const { median, min } = summarize(taken);
    console.log(`${title.padEnd(30)} ${format(median).padStart(6)} ${unit}, at best ${format(min)}`);
  }
}

void main();
