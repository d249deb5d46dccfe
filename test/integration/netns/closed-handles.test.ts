// A handle that was closed: whatever step of a function meets it first, the error has what the caller has asked for.
import { stat } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import {
  addAddr,
  addAltName,
  addBridgeVlan,
  setBridgeVlan,
  setBridgeVlanGlobal,
  listBridgeVlanGlobals,
  setBridgeMst,
  listBridgeMst,
  addVni,
  removeVni,
  listVnis,
  getFdb,
  getMdb,
  flushMdb,
  flushNexthops,
  listNexthopBuckets,
  addFdb,
  addMdb,
  addClass,
  addNeighbor,
  addMplsRoute,
  addNexthop,
  addFilter,
  addFilterChain,
  addQdisc,
  addRoute,
  addRule,
  attachNetns,
  type BridgeNetwork,
  capture,
  clearImpairment,
  connect,
  connector,
  createBridge,
  createBridgeNetwork,
  createLink,
  createNetns,
  createSocket,
  createStar,
  createVeth,
  createWorker,
  deleteConntrack,
  deleteLink,
  deleteLinkGroup,
  deleteNetns,
  deleteStar,
  doctor,
  enslaveLink,
  exec,
  getChannels,
  getFeatures,
  getLink,
  getLinkSettings,
  getNsid,
  getPause,
  getRings,
  getWireguard,
  flushRoutes,
  getMplsRoute,
  getNexthop,
  getRoute,
  getSysctl,
  httpAgent,
  httpsAgent,
  flushAddrs,
  flushFdb,
  flushNeighbors,
  flushRules,
  getNeighbor,
  getCoalesce,
  getDeviceStatistics,
  getDriverInfo,
  listAddrs,
  listBridgePorts,
  listClasses,
  listConntrack,
  listen,
  listBridgeVlans,
  listFdb,
  listFilterChains,
  listFilters,
  listMdb,
  listMulticastRouters,
  listLinks,
  listNeighbors,
  iterateRoutes,
  listMplsRoutes,
  listNexthops,
  listNeighborTables,
  listQdiscs,
  listRoutes,
  listRules,
  moveLink,
  type Netns,
  netnsPids,
  nft,
  openTun,
  ping,
  releaseLink,
  removeAddr,
  requestRaw,
  removeAltName,
  removeBridgeVlan,
  removeFdb,
  removeMdb,
  removeClass,
  removeNeighbor,
  removeMplsRoute,
  removeNexthop,
  removeFilter,
  removeFilterChain,
  removeQdisc,
  removeRoute,
  removeRule,
  setNeighborTable,
  renameLink,
  resolve,
  setBridge,
  setBridgePort,
  setChannels,
  setCoalesce,
  setFeatures,
  setClass,
  setImpairment,
  setLink,
  setNsid,
  setPause,
  setRings,
  setQdisc,
  setSysctl,
  setWireguard,
  spawn,
  trace,
  waitForAddr,
  waitForLink,
  waitForPort,
  waitGone,
  watch,
} from '../../../lib';
import { kernelHas } from '../../support/capabilities';
import { descriptors } from '../../support/descriptors';
import { failure, until } from '../../support/ip';
import { publicFunctions } from '../../support/signatures';

interface Scene {
  closed: Netns;
  open: Netns;
  /** A network whose host is open, and one whose host was closed. */
  network: BridgeNetwork;
  orphan: BridgeNetwork;
}

const table = { family: 'inet', name: 't' } as const;
const set = { table, name: 's', key: 'ipv4_addr' } as const;
const CLASS = { kind: 'htb', handle: '1:1', rate: 1_000_000 } as const;
const route = { to: 'default', device: 'eth0' };
const dns = { host: 'x.test', port: 80 };

const request = async (agent: http.Agent) =>
  new Promise((_, reject) => http.get('http://10.0.0.1/', { agent }).on('error', reject));

const dialed = async (netns: Netns) =>
  new Promise((_, reject) =>
    connector(netns)({ hostname: '10.0.0.1', protocol: 'http:', port: '80' }, (...[error]) =>
      reject(error ?? new Error('it connected')),
    ),
  );

/** What is called, how, and the words that the namespace follows in its error. */
const ROWS: readonly [name: string, call: (scene: Scene) => unknown, words: string][] = [
  ['attachNetns', ({ closed }) => attachNetns('name', closed), 'attach namespace'],
  ['deleteNetns', ({ closed }) => deleteNetns(closed), 'delete namespace'],
  ['deleteNetns', ({ closed }) => deleteNetns(closed, { wait: true }), 'delete namespace'],
  ['netnsPids', ({ closed }) => netnsPids(closed), 'list processes of namespace'],
  ['waitGone', ({ closed }) => waitGone(closed), 'wait for the end of namespace'],
  ['getNsid', ({ closed, open }) => getNsid(closed, open), 'get nsid in namespace'],
  ['getNsid', ({ closed, open }) => getNsid(open, closed), 'get nsid in namespace'],
  ['setNsid', ({ closed, open }) => setNsid(closed, open), 'set nsid in namespace'],
  ['setNsid', ({ closed, open }) => setNsid(open, closed), 'set nsid in namespace'],
  ['getChannels', ({ closed }) => getChannels(closed, 'lo'), 'get channels of lo in namespace'],
  ['setChannels', ({ closed }) => setChannels(closed, 'lo', {}), 'set channels of lo in namespace'],
  ['getRings', ({ closed }) => getRings(closed, 'lo'), 'get rings of lo in namespace'],
  ['setRings', ({ closed }) => setRings(closed, 'lo', {}), 'set rings of lo in namespace'],
  ['getPause', ({ closed }) => getPause(closed, 'lo'), 'get pause of lo in namespace'],
  ['setPause', ({ closed }) => setPause(closed, 'lo', {}), 'set pause of lo in namespace'],
  ['getWireguard', ({ closed }) => getWireguard(closed, 'lo'), 'get wireguard lo in namespace'],
  ['setWireguard', ({ closed }) => setWireguard(closed, 'lo', {}), 'set wireguard lo in namespace'],
  ['getLinkSettings', ({ closed }) => getLinkSettings(closed, 'lo'), 'get link settings of lo in namespace'],
  ['getCoalesce', ({ closed }) => getCoalesce(closed, 'lo'), 'get coalescing of lo in namespace'],
  ['setCoalesce', ({ closed }) => setCoalesce(closed, 'lo', {}), 'set coalescing of lo in namespace'],
  ['getDriverInfo', ({ closed }) => getDriverInfo(closed, 'lo'), 'get driver of lo in namespace'],
  [
    'getDeviceStatistics',
    ({ closed }) => getDeviceStatistics(closed, 'lo'),
    'get statistics of lo in namespace',
  ],
  ['openTun', ({ closed }) => openTun(closed, 'tun0', { mode: 'tun' }), 'open a queue of tun0 in namespace'],
  ['getFeatures', ({ closed }) => getFeatures(closed, 'lo'), 'get features of lo in namespace'],
  ['setFeatures', ({ closed }) => setFeatures(closed, 'lo', {}), 'set features of lo in namespace'],
  ['getLink', ({ closed }) => getLink(closed, 'lo'), 'get link lo in namespace'],
  ['listLinks', ({ closed }) => listLinks(closed), 'list links in namespace'],
  ['listLinks', ({ closed }) => listLinks(closed, { master: 'br0' }), 'list links in namespace'],
  ['setLink', ({ closed }) => setLink(closed, 'lo', { addrGenMode: 'none' }), 'set link lo in namespace'],
  ['renameLink', ({ closed }) => renameLink(closed, 'lo', 'x'), "rename to 'x' the link lo in namespace"],
  [
    'requestRaw',
    ({ closed }) => requestRaw(closed, { type: 18, header: new Uint8Array(16) }),
    'send a message of type 18 in namespace',
  ],
  [
    'addAltName',
    ({ closed }) => addAltName(closed, 'lo', 'x'),
    "add alternative name 'x' to lo in namespace",
  ],
  [
    'removeAltName',
    ({ closed }) => removeAltName(closed, 'lo', 'x'),
    "remove alternative name 'x' from lo in namespace",
  ],
  ['deleteLinkGroup', ({ closed }) => deleteLinkGroup(closed, 7), 'delete links of group 7 in namespace'],
  ['deleteLink', ({ closed }) => deleteLink(closed, 'lo'), 'delete link lo in namespace'],
  ['enslaveLink', ({ closed }) => enslaveLink(closed, 'lo', 'a'), "enslave to 'a' the link lo in namespace"],
  ['releaseLink', ({ closed }) => releaseLink(closed, 'lo'), 'release link lo in namespace'],
  ['createLink', ({ closed }) => createLink(closed, { kind: 'dummy' }), 'create dummy in namespace'],
  [
    'createLink',
    ({ closed }) => createLink(closed, { kind: 'vlan', name: 'v', link: 'lo', id: 1 }),
    'create vlan v in namespace',
  ],
  ['addQdisc', ({ closed }) => addQdisc(closed, 'lo', { kind: 'pfifo' }), 'add pfifo to lo in namespace'],
  ['setQdisc', ({ closed }) => setQdisc(closed, 'lo', { kind: 'pfifo' }), 'set pfifo of lo in namespace'],
  [
    'removeQdisc',
    ({ closed }) => removeQdisc(closed, 'lo'),
    'remove queueing discipline from lo in namespace',
  ],
  ['listQdiscs', ({ closed }) => listQdiscs(closed), 'list queueing disciplines in namespace'],
  [
    'listQdiscs',
    ({ closed }) => listQdiscs(closed, { device: 'lo' }),
    'list queueing disciplines of lo in namespace',
  ],
  ['addClass', ({ closed }) => addClass(closed, 'lo', CLASS), 'add class 1:1 to lo in namespace'],
  ['setClass', ({ closed }) => setClass(closed, 'lo', CLASS), 'set class 1:1 of lo in namespace'],
  [
    'removeClass',
    ({ closed }) => removeClass(closed, 'lo', { handle: '1:1' }),
    'remove class 1:1 from lo in namespace',
  ],
  ['listClasses', ({ closed }) => listClasses(closed, 'lo'), 'list classes of lo in namespace'],
  [
    'addFilter',
    ({ closed }) => addFilter(closed, 'lo', { kind: 'u32', parent: 'ingress', keys: [] }),
    'add u32 to lo in namespace',
  ],
  [
    'removeFilter',
    ({ closed }) => removeFilter(closed, 'lo', { parent: 'ingress' }),
    'remove filter from lo in namespace',
  ],
  [
    'addFilterChain',
    ({ closed }) => addFilterChain(closed, 'lo', { parent: 'ingress', chain: 5 }),
    'add chain 5 of filters to lo in namespace',
  ],
  [
    'removeFilterChain',
    ({ closed }) => removeFilterChain(closed, 'lo', { parent: 'ingress', chain: 5 }),
    'remove chain 5 of filters from lo in namespace',
  ],
  [
    'listFilterChains',
    ({ closed }) => listFilterChains(closed, 'lo'),
    'list chains of filters of lo in namespace',
  ],
  ['listFilters', ({ closed }) => listFilters(closed, 'lo'), 'list filters of lo in namespace'],
  ['setImpairment', ({ closed }) => setImpairment(closed, 'lo', {}), 'set impairment of lo in namespace'],
  ['clearImpairment', ({ closed }) => clearImpairment(closed, 'lo'), 'clear impairment of lo in namespace'],
  ['createBridge', ({ closed }) => createBridge(closed, 'br0'), 'create bridge br0 in namespace'],
  ['setBridge', ({ closed }) => setBridge(closed, 'br0', { stp: true }), 'set bridge br0 in namespace'],
  [
    'setBridgePort',
    ({ closed }) => setBridgePort(closed, 'p', { cost: 1 }),
    'set bridge port p in namespace',
  ],
  ['listBridgePorts', ({ closed }) => listBridgePorts(closed, 'br0'), 'list bridge ports of namespace'],
  [
    'addFdb',
    ({ closed }) => addFdb(closed, 'p', '02:00:00:00:00:01'),
    'add 02:00:00:00:00:01 to the forwarding table of p in namespace',
  ],
  [
    'removeFdb',
    ({ closed }) => removeFdb(closed, 'p', '02:00:00:00:00:01'),
    'remove 02:00:00:00:00:01 from the forwarding table of p in namespace',
  ],
  ['flushFdb', ({ closed }) => flushFdb(closed, 'br0'), 'flush the forwarding table of br0 in namespace'],
  ['addBridgeVlan', ({ closed }) => addBridgeVlan(closed, 'p', 7), 'add VLAN 7 to p in namespace'],
  [
    'removeBridgeVlan',
    ({ closed }) => removeBridgeVlan(closed, 'p', { from: 7, to: 9 }),
    'remove VLAN 7-9 from p in namespace',
  ],
  ['listBridgeVlans', ({ closed }) => listBridgeVlans(closed), 'list VLANs of bridges in namespace'],
  ['addMdb', ({ closed }) => addMdb(closed, 'b', '239.1.1.1'), 'add group 239.1.1.1 to b in namespace'],
  [
    'removeMdb',
    ({ closed }) => removeMdb(closed, 'b', '239.1.1.1'),
    'remove group 239.1.1.1 from b in namespace',
  ],
  ['listMdb', ({ closed }) => listMdb(closed), 'list multicast groups in namespace'],
  [
    'listMulticastRouters',
    ({ closed }) => listMulticastRouters(closed, { bridge: 'b' }),
    'list multicast routers in namespace',
  ],
  ['listFdb', ({ closed }) => listFdb(closed), 'list forwarding tables in namespace'],
  ['listFdb', ({ closed }) => listFdb(closed, { bridge: 'b' }), 'list forwarding tables in namespace'],
  [
    'createVeth',
    ({ closed, open }) => createVeth({ netns: closed, bridge: 'br0' }, { netns: open }),
    'create veth in namespace',
  ],
  [
    'createVeth',
    ({ closed, open }) => createVeth({ netns: open, name: 'a' }, { netns: closed }),
    'create veth a in namespace',
  ],
  [
    'addAddr',
    ({ closed }) => addAddr(closed, 'lo', '10.0.0.1/8'),
    'add address 10.0.0.1/8 to lo in namespace',
  ],
  [
    'removeAddr',
    ({ closed }) => removeAddr(closed, 'lo', '10.0.0.1/8'),
    'remove address 10.0.0.1/8 from lo in namespace',
  ],
  ['listAddrs', ({ closed }) => listAddrs(closed), 'list addresses in namespace'],
  ['listAddrs', ({ closed }) => listAddrs(closed, { device: 'lo' }), 'list addresses of lo in namespace'],
  [
    'addNeighbor',
    ({ closed }) => addNeighbor(closed, 'lo', '10.0.0.1', { mac: '02:00:00:00:00:01' }),
    'add neighbor 10.0.0.1 to lo in namespace',
  ],
  [
    'removeNeighbor',
    ({ closed }) => removeNeighbor(closed, 'lo', '10.0.0.1'),
    'remove neighbor 10.0.0.1 from lo in namespace',
  ],
  [
    'listNeighbors',
    ({ closed }) => listNeighbors(closed, { device: 'lo' }),
    'list neighbors of lo in namespace',
  ],
  ['addRoute', ({ closed }) => addRoute(closed, route), 'add route to default by eth0 in namespace'],
  ['removeRoute', ({ closed }) => removeRoute(closed, route), 'remove route to default by eth0 in namespace'],
  ['flushRoutes', ({ closed }) => flushRoutes(closed, { table: 7 }), 'flush routes in namespace'],
  [
    'iterateRoutes',
    ({ closed }) => iterateRoutes(closed, { device: 'lo' }).next(),
    'list routes by lo in namespace',
  ],
  ['listRoutes', ({ closed }) => listRoutes(closed, { device: 'lo' }), 'list routes by lo in namespace'],
  [
    'getRoute',
    ({ closed }) => getRoute(closed, '10.0.0.1', { outputDevice: 'lo' }),
    'get route to 10.0.0.1 in namespace',
  ],
  [
    'addMplsRoute',
    ({ closed }) => addMplsRoute(closed, { label: 100, device: 'lo' }),
    'add route of label 100 by lo in namespace',
  ],
  [
    'removeMplsRoute',
    ({ closed }) => removeMplsRoute(closed, { label: 100 }),
    'remove route of label 100 in namespace',
  ],
  ['getMplsRoute', ({ closed }) => getMplsRoute(closed, 100), 'get route of label 100 in namespace'],
  ['listMplsRoutes', ({ closed }) => listMplsRoutes(closed), 'list routes of MPLS in namespace'],
  ['addNexthop', ({ closed }) => addNexthop(closed, { blackhole: true }), 'add next hop in namespace'],
  ['removeNexthop', ({ closed }) => removeNexthop(closed, 7), 'remove next hop 7 in namespace'],
  ['getNexthop', ({ closed }) => getNexthop(closed, 7), 'get next hop 7 in namespace'],
  ['listNexthops', ({ closed }) => listNexthops(closed, { master: 'br0' }), 'list next hops in namespace'],
  [
    'setBridgeVlan',
    ({ closed }) => setBridgeVlan(closed, 'p', 7, { state: 'blocking' }),
    'set VLAN 7 of p in namespace',
  ],
  [
    'setBridgeVlanGlobal',
    ({ closed }) => setBridgeVlanGlobal(closed, 'b', 7, { msti: 1 }),
    'set VLAN 7 of bridge b in namespace',
  ],
  [
    'listBridgeVlanGlobals',
    ({ closed }) => listBridgeVlanGlobals(closed),
    'list settings of VLANs of bridges in namespace',
  ],
  [
    'setBridgeMst',
    ({ closed }) => setBridgeMst(closed, 'p', 2, { state: 'blocking' }),
    'set spanning tree 2 of p in namespace',
  ],
  ['listBridgeMst', ({ closed }) => listBridgeMst(closed), 'list spanning trees of VLANs in namespace'],
  ['addVni', ({ closed }) => addVni(closed, 'p', 7), 'add network 7 to p in namespace'],
  ['removeVni', ({ closed }) => removeVni(closed, 'p', 7), 'remove network 7 from p in namespace'],
  ['listVnis', ({ closed }) => listVnis(closed), 'list networks of vxlans in namespace'],
  [
    'getFdb',
    ({ closed }) => getFdb(closed, 'p', '02:00:00:00:00:01'),
    'get 02:00:00:00:00:01 of the forwarding table of p in namespace',
  ],
  ['getMdb', ({ closed }) => getMdb(closed, 'b', '239.1.1.1'), 'get group 239.1.1.1 of b in namespace'],
  ['flushMdb', ({ closed }) => flushMdb(closed, 'b'), 'flush multicast groups of b in namespace'],
  ['flushNexthops', ({ closed }) => flushNexthops(closed, { family: 4 }), 'flush next hops in namespace'],
  [
    'listNexthopBuckets',
    ({ closed }) => listNexthopBuckets(closed),
    'list buckets of next hops in namespace',
  ],
  ['addRule', ({ closed }) => addRule(closed, { table: 5 }), 'add rule in namespace'],
  ['removeRule', ({ closed }) => removeRule(closed, { priority: 5 }), 'remove rule 5 in namespace'],
  ['flushAddrs', ({ closed }) => flushAddrs(closed, { family: 4 }), 'flush addresses in namespace'],
  ['flushRules', ({ closed }) => flushRules(closed, { table: 7 }), 'flush rules in namespace'],
  ['flushNeighbors', ({ closed }) => flushNeighbors(closed, { family: 4 }), 'flush neighbors in namespace'],
  [
    'getNeighbor',
    ({ closed }) => getNeighbor(closed, 'lo', '10.0.0.1'),
    'get neighbor 10.0.0.1 of lo in namespace',
  ],
  ['listNeighborTables', ({ closed }) => listNeighborTables(closed), 'list neighbor tables in namespace'],
  [
    'setNeighborTable',
    ({ closed }) => setNeighborTable(closed, 4, { device: 'lo', unicastProbes: 1 }),
    'set neighbor table arp_cache of lo in namespace',
  ],
  ['listRules', ({ closed }) => listRules(closed), 'list rules in namespace'],
  [
    'getSysctl',
    ({ closed }) => getSysctl(closed, 'net.ipv4.ip_forward'),
    'read sysctl net.ipv4.ip_forward of',
  ],
  ['getSysctl', ({ closed }) => getSysctl(closed, ['net.a', 'net.b']), 'read sysctls of'],
  [
    'setSysctl',
    ({ closed }) => setSysctl(closed, 'net.ipv4.ip_forward', 1),
    'write sysctl net.ipv4.ip_forward of',
  ],
  ['spawn', ({ closed }) => spawn(closed, 'true'), 'run a command in'],
  ['exec', ({ closed }) => exec(closed, 'true'), 'run a command in'],
  ['createWorker', ({ closed }) => createWorker(closed, './x.js'), 'create a worker in namespace'],
  ['listen', ({ closed }) => listen(closed, new net.Server()), 'listen in namespace'],
  ['listen', ({ closed }) => listen(closed, new net.Server(), { host: 'fe80::1%lo' }), 'listen in namespace'],
  ['listen', ({ closed }) => listen(closed, new net.Server(), { host: 'x.test' }), 'listen in namespace'],
  ['listen', ({ closed }) => listen(closed, new net.Server(), { device: 'lo' }), 'listen in namespace'],
  ['connect', ({ closed }) => connect(closed, dns), 'connect to x.test in namespace'],
  [
    'connect',
    ({ closed }) => connect(closed, { port: 80, device: 'lo' }),
    'connect to localhost in namespace',
  ],
  ['connect', ({ closed }) => connect(closed, { path: '\0x' }), 'connect to \\x00x in namespace'],
  ['connector', ({ closed }) => dialed(closed), 'connect to 10.0.0.1 in namespace'],
  ['httpAgent', ({ closed }) => request(httpAgent(closed)), 'connect to 10.0.0.1 in namespace'],
  ['createSocket', ({ closed }) => createSocket(closed, 'udp4'), 'create a UDP socket in namespace'],
  [
    'createSocket',
    ({ closed }) => createSocket(closed, 'udp6', { address: 'fe80::1%lo', multicastDevice: 'lo' }),
    'create a UDP socket in namespace',
  ],
  ['resolve', ({ closed }) => resolve(closed, 'x.test'), 'resolve x.test in namespace'],
  [
    'waitForPort',
    ({ closed }) => waitForPort(closed, 'x.test', 80),
    'wait for port 80 of x.test from namespace',
  ],
  ['ping', ({ closed }) => ping(closed, '10.0.0.1', { device: 'lo' }), 'ping 10.0.0.1 in namespace'],
  ['capture', ({ closed }) => capture(closed, 'lo').next(), 'capture on lo in namespace'],
  ['capture', ({ closed }) => capture(closed).next(), 'capture on all devices in namespace'],
  ['listConntrack', ({ closed }) => listConntrack(closed), 'list connections in namespace'],
  ['deleteConntrack', ({ closed }) => deleteConntrack(closed), 'delete connections in namespace'],
  ['nft.listRuleset', ({ closed }) => nft.listRuleset(closed), 'list ruleset in namespace'],
  [
    'nft.listElements',
    ({ closed }) => nft.listElements(closed, set),
    'list elements of set inet t s in namespace',
  ],
  ['nft.apply', ({ closed }) => nft.apply(closed, []), 'apply nf_tables transaction in namespace'],
  ['nft.apply', ({ closed }) => nft.apply(closed, () => []), 'apply nf_tables transaction in namespace'],
  ['nft.watchRuleset', ({ closed }) => nft.watchRuleset(closed).next(), 'watch ruleset in namespace'],
  ['nft.watchTrace', ({ closed }) => nft.watchTrace(closed).next(), 'watch nftrace in namespace'],
  ['watch', ({ closed }) => watch(closed).next(), 'watch namespace'],
  ['waitForLink', ({ closed }) => waitForLink(closed, 'x'), 'wait for link x in namespace'],
  [
    'waitForAddr',
    ({ closed }) => waitForAddr(closed, 'x', '10.0.0.1/24'),
    'wait for address 10.0.0.1/24 of link x in namespace',
  ],
  [
    'createStar',
    ({ closed }) => createStar(closed, { bridge: { name: 'br0' }, members: [] }),
    'create star in namespace',
  ],
  [
    'deleteStar',
    ({ closed }) => deleteStar(closed, { bridge: { index: 2, name: 'br0', found: false }, members: [] }),
    'delete star in namespace',
  ],
  [
    'createBridgeNetwork',
    ({ closed }) => createBridgeNetwork(closed, { name: 'shop', subnet: '10.0.0.0/24' }),
    'create network shop in namespace',
  ],
  ['trace', ({ closed }) => trace(closed, { to: '10.0.0.1' }), 'trace a packet in namespace'],
  [
    'trace',
    ({ closed, open }) => trace(open, { to: '10.0.0.1', from: closed }),
    'send a packet to trace from namespace',
  ],
  ['doctor', ({ closed }) => doctor(closed), 'look for faults in namespace'],
  ['doctor', ({ closed }) => doctor(closed, { port: 80 }), 'look for faults in namespace'],
  [
    'moveLink',
    ({ closed, open }) => moveLink(closed, 'lo', open),
    'move to namespace OPEN the link lo in namespace',
  ],
  [
    'moveLink',
    ({ closed, open }) => moveLink(open, 'lo', closed),
    'move link lo from namespace OPEN to namespace',
  ],
  ['BridgeNetwork.attach', ({ closed, network }) => network.attach(closed), 'attach to network n the member'],
  ...(
    [
      ['attach', (orphan, open) => orphan.attach(open), 'attach to'],
      ['detach', (orphan, open) => orphan.detach(open), 'detach from'],
      ['publish', (orphan, open) => orphan.publish(open, [{ hostPort: 80, port: 80 }]), 'publish in'],
      ['unpublish', (orphan, open) => orphan.unpublish(open, [{ hostPort: 80, port: 80 }]), 'unpublish from'],
      ['allow', (orphan, open) => orphan.allow(open, { domains: [] }), 'allow in'],
      ['deny', (orphan, open) => orphan.deny(open, { domains: [] }), 'deny in'],
      ['allowAll', (orphan, open) => orphan.allowAll(open), 'allow in'],
      ['inspect', (orphan) => orphan.inspect(), 'inspect'],
      ['serveDns', (orphan) => orphan.serveDns(), 'serve DNS in'],
      ['repair', (orphan) => orphan.repair(), 'repair'],
      ['remove', (orphan) => orphan.remove(), 'remove'],
    ] as [string, (orphan: BridgeNetwork, open: Netns) => unknown, string][]
  ).map(([name, call, words]): [string, (scene: Scene) => unknown, string] => [
    `BridgeNetwork.${name}`,
    ({ orphan, open }) => call(orphan, open),
    `${words} network orphan in namespace`,
  ]),
];

const hasNetworks = kernelHas('nf_tables in the families ip, ip6 and inet');

describe('NetnsError', () => {
  let scene: Scene;
  let host: Netns;

  beforeAll(async () => {
    const closed = await createNetns();
    const open = await createNetns();
    host = await createNetns();
    // not before: user-mode 6.1 gives the inode of a freed namespace to the next, and messages name these by it
    closed.close();
    scene = { closed, open } as Scene;
    if (hasNetworks) {
      scene.network = await createBridgeNetwork(open, { name: 'n', subnet: '10.7.0.0/24' });
      scene.orphan = await createBridgeNetwork(host, { name: 'orphan', subnet: '10.8.0.0/24' });
    }
    const inode = await host.lend('look at', async ({ fd }) => (await stat(`/proc/self/fd/${fd}`)).ino);
    host.close();
    // what the network still does in its host ends by itself
    await until(() => !descriptors().some((one) => one.endsWith(`net:[${inode}]`)));
  });

  afterAll(() => {
    if (hasNetworks) {
      scene.network.close();
      scene.orphan.close();
    }
    scene.open.close();
  });

  test.each(hasNetworks ? ROWS : ROWS.filter(([name]) => !name.startsWith('BridgeNetwork.')))(
    '%s with a closed handle names what was asked for',
    async (_, call, words) => {
      const error = await failure(Promise.resolve().then(() => call(scene)));
      const { closed, open } = scene;
      const netns = words.includes('orphan') ? host : closed;
      expect(error).toMatchObject({
        name: 'NetnsError',
        code: 'ERR_NETNS_CLOSED',
        message: `ERR_NETNS_CLOSED: ${words.replace('OPEN', open.toString())} ${netns.toString()}: the handle was closed`,
      });
    },
  );

  test('each function that takes a handle has its row', () => {
    const taking = publicFunctions().filter(({ parameters }) => parameters.some(({ handle }) => handle));
    const rows = new Set(ROWS.map(([name]) => name));
    // one connects as httpAgent does, and a pool takes back a closed handle as well
    expect(httpsAgent).toBeInstanceOf(Function);
    const others = ['httpsAgent', 'NetnsPool.release'];
    expect(taking.map(({ name }) => name).filter((name) => !rows.has(name))).toEqual(others);
  });
});
