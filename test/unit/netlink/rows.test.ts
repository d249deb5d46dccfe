import type { AttributesCodec, HeadedCodec, Row } from '../../../lib/netlink/attributes';
import { Bytes, Writer } from '../../../lib/netlink/bytes';
import { type Codec, MalformedError, type Shape } from '../../../lib/netlink/codec';
import fc from 'fast-check';
import { channels } from '../../../lib/ethtool/tables/channels';
import { coalesce } from '../../../lib/ethtool/tables/coalesce';
import { features } from '../../../lib/ethtool/tables/features';
import { linkInfo, linkModes, linkState } from '../../../lib/ethtool/tables/link';
import { pause } from '../../../lib/ethtool/tables/pause';
import { rings } from '../../../lib/ethtool/tables/rings';
import { controller } from '../../../lib/netlink/genetlink/controller';
import { address } from '../../../lib/netlink/rtnetlink/address';
import { kindTables } from '../../../lib/netlink/rtnetlink/kinds';
import { bridgePort } from '../../../lib/netlink/rtnetlink/kinds/bridge-port';
import { link } from '../../../lib/netlink/rtnetlink/link';
import { bridgeVlans } from '../../../lib/netlink/rtnetlink/bridge-vlan';
import { vlanEntries, vlanEntryDump } from '../../../lib/netlink/rtnetlink/vlan-entries';
import { vniEntries } from '../../../lib/netlink/rtnetlink/vni-entries';
import { mdb, mdbChange } from '../../../lib/netlink/rtnetlink/mdb';
import { encapCodecs } from '../../../lib/netlink/rtnetlink/encaps';
import { neighbor } from '../../../lib/netlink/rtnetlink/neighbor';
import { mplsRoute } from '../../../lib/netlink/rtnetlink/mpls-route';
import { nexthop, nexthopBucket } from '../../../lib/netlink/rtnetlink/nexthop';
import { neighborTable } from '../../../lib/netlink/rtnetlink/neighbor-table';
import { nsid } from '../../../lib/netlink/rtnetlink/nsid';
import { route } from '../../../lib/netlink/rtnetlink/route';
import { actionCodecs, actions } from '../../../lib/netlink/rtnetlink/actions';
import { filterCodecs } from '../../../lib/netlink/rtnetlink/filters';
import { classCodecs, qdiscCodecs } from '../../../lib/netlink/rtnetlink/qdiscs';
import { rule } from '../../../lib/netlink/rtnetlink/rule';
import { filter, qdisc, trafficClass } from '../../../lib/netlink/rtnetlink/traffic';
import { allowedIp, device as wireguard, peer } from '../../../lib/wireguard/tables';
import { arbitrary } from '../support/arbitrary';

// Every row of every table: what is too long or too short for it, and that no two of a table share a number.

type Table = AttributesCodec<unknown>;

const FIXED: readonly Shape['kind'][] = [
  'integer',
  'choice',
  'boolean',
  'ip',
  'ipv4',
  'ipv6',
  'base64',
  'secret',
];

/** The tables of kinds, some of which are called as kinds of links are. */
function named(noun: string, codecs: Readonly<Record<string, Codec<unknown>>>) {
  return Object.fromEntries(Object.entries(codecs).map(([kind, codec]) => [`${noun} ${kind}`, codec]));
}

const ROOTS: Readonly<Record<string, Codec<unknown>>> = {
  link: link.codec,
  ...kindTables,
  'bridge port': bridgePort,
  address: address.codec,
  route: route.codec,
  'route of MPLS': mplsRoute.codec,
  nexthop: nexthop.codec,
  'nexthop bucket': nexthopBucket.codec,
  ...named('encapsulation', encapCodecs),
  neighbor: neighbor.codec,
  'neighbor table': neighborTable.codec,
  rule: rule.codec,
  nsid: nsid.codec,
  controller: controller.codec,
  features: features.codec,
  channels: channels.codec,
  coalesce: coalesce.codec,
  rings: rings.codec,
  pause: pause.codec,
  'link info': linkInfo.codec,
  'link modes': linkModes.codec,
  'link state': linkState.codec,
  'device of wireguard': wireguard.codec,
  'peer of wireguard': peer,
  'address of wireguard': allowedIp,
  mdb: mdb.codec,
  'changes of the mdb': mdbChange.codec,
  'bridge VLANs': bridgeVlans.codec,
  'settings of VLANs': vlanEntries.codec,
  'list of VLANs': vlanEntryDump.codec,
  'networks of vxlans': vniEntries.codec,
  qdisc: qdisc.codec,
  class: trafficClass.codec,
  ...named('qdisc', qdiscCodecs),
  ...named('class', classCodecs),
  filter: filter.codec,
  ...named('filter', filterCodecs),
  action: actions.item,
  ...named('action', actionCodecs),
};

function tableOf(codec: Codec<unknown>): Table | undefined {
  if ('rows' in codec) return codec as Table;
  if ('attributes' in codec) return (codec as HeadedCodec<unknown, unknown>).attributes;
  return undefined;
}

function codecsOf(row: Row): Codec<unknown>[] {
  return 'by' in row[1] ? Object.values(row[1].codecs) : [row[1]];
}

/** A table and all that are inside of it, by their way from the outermost. */
function* tables(name: string, codec: Codec<unknown>): Generator<[name: string, table: Table]> {
  const table = tableOf(codec);
  if (table === undefined) return;
  yield [name, table];
  for (const [inner, row] of Object.entries(table.rows)) {
    // a kind's own table has its own root
    if (!('by' in row[1])) for (const one of codecsOf(row)) yield* tables(`${name}.${inner}`, one);
  }
}

function sample(codec: Codec<unknown>): Buffer {
  const to = new Writer();
  const [value] = fc.sample(arbitrary(codec.shape), { numRuns: 1, seed: 1 });
  codec.write(to, value);
  return to.take();
}

function readRow(table: Table, type: number, content: Uint8Array): unknown {
  const to = new Writer();
  table.write(to, { unknown: [{ type, data: content }] });
  const bytes = to.take();
  return table.read(new Bytes(bytes), 0, bytes.length);
}

function refusal(action: () => unknown): MalformedError | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof MalformedError) return error;
    throw error;
  }
}

const ALL = Object.entries(ROOTS).flatMap(([name, codec]) => [...tables(name, codec)]);

/** The tables inside of those of kinds. */
const INNER: Readonly<Record<string, readonly string[]>> = {
  bond: ['ad'],
  bridge: ['multicastQuerierState'],
  netkit: ['peer', 'peer.perFamily', 'peer.perFamily.inet6'],
  veth: ['peer', 'peer.perFamily', 'peer.perFamily.inet6'],
};

test('there are tables inside of tables', () => {
  expect(ALL.map(([name]) => name)).toEqual([
    'link',
    'link.perFamily',
    'link.perFamily.inet6',
    'link.bridgePort',
    'link.info',
    ...Object.keys(kindTables).flatMap((kind) => [
      kind,
      ...(INNER[kind] ?? []).map((name) => `${kind}.${name}`),
    ]),
    'bridge port',
    'address',
    'route',
    'route.metrics',
    'route of MPLS',
    'nexthop',
    'nexthop.resilient',
    ...['nexthop bucket', 'nexthop bucket.bucket'],
    ...['mpls', 'ip', 'ip6', 'seg6', 'seg6local'].map((type) => `encapsulation ${type}`),
    ...['counters', 'flavors'].map((name) => `encapsulation seg6local.${name}`),
    ...['ila', 'rpl', 'ioam6', 'xfrm'].map((type) => `encapsulation ${type}`),
    'neighbor',
    ...['neighbor table', 'neighbor table.parameters'],
    'rule',
    'nsid',
    'controller',
    'features',
    'features.header',
    'features.hw',
    'features.wanted',
    'features.active',
    'features.noChange',
    ...[
      'channels',
      'channels.header',
      'coalesce',
      'coalesce.header',
      'rings',
      'rings.header',
      'pause',
      'pause.header',
    ],
    ...['link info', 'link info.header'],
    ...['link modes', 'link modes.header', 'link modes.ours', 'link modes.peer'],
    ...['link state', 'link state.header'],
    ...['device of wireguard', 'peer of wireguard', 'address of wireguard'],
    'mdb',
    'changes of the mdb',
    'changes of the mdb.options',
    ...['bridge VLANs', 'bridge VLANs.bridgePort'],
    'settings of VLANs',
    ...['entry', 'entry.tunnel', 'entry.statistics', 'global', 'global.routers'].map(
      (name) => `settings of VLANs.${name}`,
    ),
    ...['settings of VLANs.global.multicastQuerierState', 'list of VLANs'],
    ...['', '.entry', '.entry.statistics'].map((name) => `networks of vxlans${name}`),
    ...[
      'qdisc',
      'qdisc.statistics',
      'qdisc.sizeTable',
      'class',
      'class.statistics',
      'qdisc netem',
      'qdisc netem.lossModel',
    ],
    ...[
      'tbf',
      'red',
      'fq_codel',
      'fq',
      'cake',
      'codel',
      'pie',
      'hhf',
      'sfb',
      'choke',
      'fq_pie',
      'ets',
      'mqprio',
      'cbs',
      'etf',
      'htb',
      'drr',
      'qfq',
    ].map((kind) => `qdisc ${kind}`),
    ...['qdisc ingress', 'qdisc clsact'],
    ...['htb', 'hfsc', 'drr', 'qfq'].map((kind) => `class ${kind}`),
    ...['filter', 'filter.statistics'],
    ...['matchall', 'u32', 'u32.police', 'flower', 'fw', 'fw.police', 'bpf', 'bpf.police'].map(
      (kind) => `filter ${kind}`,
    ),
    ...['action', 'action.statistics'],
    ...Object.keys(actionCodecs).map((kind) => `action ${kind}`),
  ]);
});

test.each(ALL)('no number is twice in %s', (_, table) => {
  const numbers = Object.values(table.rows).map(([type]) => type & 0x3fff);
  expect([...new Set(numbers)]).toEqual(numbers);
});

test('no attribute has the name of a field of the struct in front of it', () => {
  const headed = [
    link,
    address,
    route,
    mplsRoute,
    nexthop,
    neighbor,
    neighborTable,
    rule,
    nsid,
    controller,
    features,
    wireguard,
    qdisc,
    trafficClass,
    filter,
  ].map(({ codec }) => codec);
  const both = headed.flatMap(({ header, attributes }) =>
    Object.keys(attributes.rows).filter((name) => header.names.has(name)),
  );
  expect(both).toEqual([]);
});

const ROWS = ALL.flatMap(([name, table]) =>
  Object.entries(table.rows).flatMap(([attribute, row]) =>
    // what depends on the kind is read by it, and has its own root
    ('by' in row[1] ? [] : codecsOf(row)).map((codec) => ({
      name: `${name}.${attribute}`,
      attribute,
      table,
      type: row[0],
      codec,
    })),
  ),
);

const scalars = ROWS.filter(({ codec }) => FIXED.includes(codec.shape.kind));
const structs = ROWS.filter(({ codec }) => codec.shape.kind === 'struct' && 'size' in codec);

test('most rows are scalars', () => {
  expect(scalars.length).toBeGreaterThan(180);
  expect(structs.map(({ name }) => name)).toEqual([
    'link.statistics',
    'link.bridgePort.rootId',
    'link.bridgePort.bridgeId',
    'bridge.rootId',
    'bridge.bridgeId',
    'bridge.boolOptions',
    'netkit.peer.statistics',
    'veth.peer.statistics',
    'vlan.flags',
    'vxlan.sourcePorts',
    'bridge port.rootId',
    'bridge port.bridgeId',
    'address.lifetime',
    'route.cacheinfo',
    'encapsulation ioam6.trace',
    'neighbor.cacheinfo',
    ...['neighbor table.config', 'neighbor table.statistics'],
    'rule.uidRange',
    'rule.sourcePorts',
    'rule.destinationPorts',
    'peer of wireguard.lastHandshake',
    'changes of the mdb.entry',
    ...['bridge VLANs.statistics', 'bridge VLANs.bridgePort.rootId', 'bridge VLANs.bridgePort.bridgeId'],
    'settings of VLANs.entry.vlan',
    ...['basic', 'queue', 'hardware'].map((name) => `qdisc.statistics.${name}`),
    'qdisc.sizeTable.base',
    ...['basic', 'queue', 'hardware'].map((name) => `class.statistics.${name}`),
    ...['correlations', 'reorder', 'corrupt', 'rate', 'slot'].map((name) => `qdisc netem.${name}`),
    'qdisc netem.lossModel.fourStates',
    'qdisc netem.lossModel.gilbert',
    ...[
      'tbf.parms',
      'red.parms',
      'red.flags',
      'sfb.parms',
      'choke.parms',
      'cbs.parms',
      'etf.parms',
      'htb.parms',
      'htb.init',
    ].map((name) => `qdisc ${name}`),
    ...['htb.parms', 'htb.init'].map((name) => `class ${name}`),
    ...['realTime', 'linkShare', 'upperLimit'].map((name) => `class hfsc.${name}`),
    ...['basic', 'queue', 'hardware'].map((name) => `filter.statistics.${name}`),
    'filter u32.mark',
    ...['u32', 'fw', 'bpf'].flatMap((kind) =>
      ['parms', 'times'].map((name) => `filter ${kind}.police.${name}`),
    ),
    ...['basic', 'queue', 'hardware'].map((name) => `action.statistics.${name}`),
    ...[
      'gact.times',
      'gact.parms',
      'gact.chance',
      'mirred.times',
      'mirred.parms',
      'police.parms',
      'police.times',
    ].map((name) => `action ${name}`),
    ...['skbedit', 'vlan'].flatMap((kind) => [`action ${kind}.times`, `action ${kind}.parms`]),
    'action pedit.times',
    ...['csum', 'ct'].flatMap((kind) => [`action ${kind}.parms`, `action ${kind}.times`]),
    ...['action tunnel_key.times', 'action tunnel_key.parms'],
    ...['action connmark.parms', 'action connmark.times'],
    ...['sample', 'simple', 'bpf'].flatMap((kind) => [`action ${kind}.times`, `action ${kind}.parms`]),
  ]);
});

test.each(scalars)('$name, overlong, cut off or empty', ({ attribute, table, type, codec }) => {
  const content = sample(codec);
  expect(readRow(table, type, content)).toHaveProperty([attribute]);
  for (const wrong of [Buffer.concat([content, Buffer.alloc(1)]), content.subarray(1), Buffer.alloc(0)]) {
    const error = refusal(() => readRow(table, type, wrong));
    expect(error?.path).toEqual([attribute]);
    expect(error?.message).toMatch(`${attribute}: ${wrong.length} bytes where `);
  }
});

test.each(structs)('$name, grown or cut off', ({ attribute, table, type, codec }) => {
  const content = sample(codec);
  const grown = Buffer.concat([content, Buffer.from([1, 2, 3, 4])]);
  expect(readRow(table, type, grown)).toEqual(readRow(table, type, content));
  const error = refusal(() => readRow(table, type, content.subarray(1)));
  expect(error?.message).toBe(`${attribute}: ${content.length - 1} bytes where ${content.length} belong`);
});
