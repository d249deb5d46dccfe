'use strict';
// What is made of links, addresses, routes, rules and neighbors, over a netlink socket that the first call opens.
const { answersLost, ask, detail, end, everything, ip, namespaces, rtnetns, traffics } = require('./scene');

/** Steps that many calls have in common. */
const STEPS = 'open a netlink socket|find (device|master|bridge)|set link|get link|add address';

/** A call in namespace red, which has what `prepare` makes there. */
function inRed(operation, run, { prepare = () => undefined, ...more } = {}) {
  return {
    operation: new RegExp(`${STEPS}|${operation}`),
    once: true,
    async setup() {
      const scene = await namespaces('red', 'blue');
      await prepare(scene);
      scene.red.close();
      return { ...scene, red: await rtnetns.openNetns('red') };
    },
    run: ({ red, blue }) => run(red, blue),
    look: ({ red, blue }) => everything(red) + everything(blue),
    done: answersLost,
    teardown: end,
    ...more,
  };
}

const device = {
  prepare: ({ red }) =>
    rtnetns.createVeth(
      { netns: red, name: 'd0', up: true, addrs: ['10.0.0.1/24'], addrGenMode: 'none' },
      { netns: red, name: 'd9', up: true, addrGenMode: 'none' },
    ),
};

/** A device that has an alternative name. */
const altNamed = {
  async prepare(scene) {
    await device.prepare(scene);
    await rtnetns.addAltName(scene.red, 'd0', 'a0');
  },
};

const neighbor = {
  async prepare(scene) {
    await device.prepare(scene);
    await rtnetns.addNeighbor(scene.red, 'd0', '10.0.0.7', { mac: '02:00:00:00:00:07' });
  },
  look: ({ red }) => ip(red, 'neigh', 'show', '10.0.0.7'),
};

const route = {
  async prepare(scene) {
    await device.prepare(scene);
    await rtnetns.addRoute(scene.red, ROUTE);
  },
};
const ROUTE = { to: '10.7.0.0/16', via: '10.0.0.2' };

/** A next hop, which is looked at; `more` may prepare something else. */
const nexthop = (more = {}) => ({
  async prepare(scene) {
    await device.prepare(scene);
    await rtnetns.addNexthop(scene.red, { id: 7, via: ROUTE.via, device: 'd0' });
  },
  look: ({ red }) => ip(red, 'nexthop'),
  ...more,
});

const RULE = { from: '10.0.0.0/8', table: 100, priority: 1000 };

/** A bridge with a port, d0, whose settings `fields` are looked at. */
const bridge = (...fields) => ({
  async prepare({ red }) {
    await rtnetns.createBridge(red, 'br0', { up: true });
    await rtnetns.createVeth({ netns: red, name: 'd0', bridge: 'br0' }, { netns: red, name: 'd9' });
  },
  look: ({ red }) => detail(red, 'br0', fields) + detail(red, 'd0', fields),
});

/** An entry of the bridge's forwarding table. */
const fdb = {
  async prepare(scene) {
    await bridge().prepare(scene);
    await rtnetns.addFdb(scene.red, 'd0', MAC);
  },
  look: ({ red }) => ask(red, 'bridge', '-j', 'fdb', 'show', 'dev', 'd0', 'state', 'static'),
};
const MAC = '02:00:00:00:00:07';

/** A multicast group of the bridge's port. */
const mdb = {
  async prepare(scene) {
    await bridge().prepare(scene);
    await rtnetns.addMdb(scene.red, 'br0', GROUP, { port: 'd0' });
  },
  look: ({ red }) => String(ask(red, 'bridge', 'mdb', 'show').includes(GROUP)),
};
const GROUP = '239.1.1.1';

const TBF = { kind: 'tbf', handle: '1:', rate: 1_000_000, burst: 3000, latency: 50 };
const CLASS_HANDLE = { handle: '1:10' };
const CLASS = { kind: 'htb', handle: '1:10', rate: 1_000_000 };

/** A queueing discipline of d0, and its classes, if these are made before. */
const traffic = (...steps) => ({
  async prepare(scene) {
    await device.prepare(scene);
    for (const step of steps) await step(scene.red);
  },
  look: ({ red }) => traffics(red),
});
const withTbf = traffic((red) => rtnetns.addQdisc(red, 'd0', TBF));
const withHtb = traffic((red) => rtnetns.addQdisc(red, 'd0', { kind: 'htb', handle: '1:' }));
const withClass = traffic(
  (red) => rtnetns.addQdisc(red, 'd0', { kind: 'htb', handle: '1:' }),
  (red) => rtnetns.addClass(red, 'd0', CLASS),
);

const FILTER = { kind: 'u32', parent: '1:', priority: 5, keys: [], classId: '1:10' };
const withFilter = traffic(
  (red) => rtnetns.addQdisc(red, 'd0', { kind: 'htb', handle: '1:' }),
  (red) => rtnetns.addFilter(red, 'd0', FILTER),
);

const withChain = traffic(
  (red) => rtnetns.addQdisc(red, 'd0', { kind: 'htb', handle: '1:' }),
  (red) => rtnetns.addFilterChain(red, 'd0', { parent: '1:', chain: 5 }),
);

module.exports = {
  addFilter: inRed('add u32', (red) => rtnetns.addFilter(red, 'd0', FILTER), withHtb),
  removeFilter: inRed(
    'remove filter',
    (red) => rtnetns.removeFilter(red, 'd0', { parent: '1:', priority: 5 }),
    withFilter,
  ),
  listFilters: inRed('list filters', (red) => rtnetns.listFilters(red, 'd0'), withFilter),
  addFilterChain: inRed(
    'add chain 5 of filters',
    (red) => rtnetns.addFilterChain(red, 'd0', { parent: '1:', chain: 5 }),
    withHtb,
  ),
  removeFilterChain: inRed(
    'remove chain 5 of filters',
    (red) => rtnetns.removeFilterChain(red, 'd0', { parent: '1:', chain: 5 }),
    withChain,
  ),
  listFilterChains: inRed('list chains of filters', (red) => rtnetns.listFilterChains(red, 'd0'), withChain),
  addQdisc: inRed('add tbf', (red) => rtnetns.addQdisc(red, 'd0', TBF), traffic()),
  setQdisc: inRed('set tbf', (red) => rtnetns.setQdisc(red, 'd0', { kind: 'tbf', rate: 2_000_000 }), withTbf),
  removeQdisc: inRed('remove queueing', (red) => rtnetns.removeQdisc(red, 'd0'), withTbf),
  listQdiscs: inRed('list queueing', (red) => rtnetns.listQdiscs(red, { device: 'd0' }), withTbf),
  addClass: inRed('add class', (red) => rtnetns.addClass(red, 'd0', CLASS), withHtb),
  setClass: inRed(
    'set class',
    (red) => rtnetns.setClass(red, 'd0', { ...CLASS, rate: 2_000_000 }),
    withClass,
  ),
  removeClass: inRed('remove class', (red) => rtnetns.removeClass(red, 'd0', CLASS_HANDLE), withClass),
  listClasses: inRed('list classes', (red) => rtnetns.listClasses(red, 'd0'), withClass),
  createVeth: inRed('create (veth|link)', (red, blue) =>
    rtnetns.createVeth(
      { netns: red, name: 'v0', up: true, addrs: ['10.0.0.1/24'] },
      { netns: blue, name: 'v1', up: true, addrs: ['10.0.0.2/24'] },
    ),
  ),
  createBridge: inRed('create bridge', (red) =>
    rtnetns.createBridge(red, 'br0', { up: true, addrs: ['10.0.0.1/24'], alias: 'one' }),
  ),
  createLink: inRed('create bridge', (red) =>
    rtnetns.createLink(red, { kind: 'bridge', name: 'd0', up: true, alias: 'one' }),
  ),
  'createLink, of the kind tun': inRed('create tun', (red) =>
    rtnetns.createLink(red, { kind: 'tun', name: 'd0', mode: 'tap', uid: 0, up: true }),
  ),
  openTun: {
    ...inRed('open a queue of|read from|write to', async (red) => {
      const queue = await rtnetns.openTun(red, 'd0', { mode: 'tun' });
      try {
        await rtnetns.setLink(red, 'd0', { up: true });
        await queue.write((await queue.read()) ?? Buffer.alloc(0)); // a question for routers
      } finally {
        await queue.close();
      }
    }),
    once: false,
  },
  getDriverInfo: inRed('get driver of', (red) => rtnetns.getDriverInfo(red, 'd0'), device),
  getDeviceStatistics: inRed('get statistics of', (red) => rtnetns.getDeviceStatistics(red, 'd0'), device),
  setLink: inRed('set link', (red) => rtnetns.setLink(red, 'd0', { mtu: 1400, alias: 'two' }), device),
  getLinkSettings: inRed('get link settings', (red) => rtnetns.getLinkSettings(red, 'd0'), device),
  getFeatures: inRed('get features', (red) => rtnetns.getFeatures(red, 'd0'), device),
  setFeatures: inRed('set features', (red) => rtnetns.setFeatures(red, 'd0', { txChecksum: false }), {
    ...device,
    look: ({ red }) => ask(red, 'ethtool', '-k', 'd0'),
  }),
  renameLink: inRed('rename', (red) => rtnetns.renameLink(red, 'd0', 'd1'), device),
  moveLink: inRed('move', (red, blue) => rtnetns.moveLink(red, 'd0', blue), device),
  deleteLink: inRed('delete link', (red) => rtnetns.deleteLink(red, 'd0'), device),
  deleteLinkGroup: inRed('delete links of group', (red) => rtnetns.deleteLinkGroup(red, 7), {
    prepare: ({ red }) => rtnetns.createLink(red, { kind: 'bridge', name: 'd8', group: 7 }),
  }),
  requestRaw: inRed('send a message', (red) =>
    rtnetns.requestRaw(red, { type: 18, header: new Uint8Array(16), dump: true }),
  ),
  addAltName: inRed('add alternative name', (red) => rtnetns.addAltName(red, 'd0', 'a0'), device),
  removeAltName: inRed('remove alternative name', (red) => rtnetns.removeAltName(red, 'd0', 'a0'), altNamed),
  enslaveLink: inRed('enslave', async (red) => rtnetns.enslaveLink(red, 'd9', 'br0'), {
    ...bridge(),
    look: ({ red }) => ip(red, 'link'),
  }),
  releaseLink: inRed('release link', (red) => rtnetns.releaseLink(red, 'd0'), {
    ...bridge(),
    look: ({ red }) => ip(red, 'link'),
  }),
  setBridge: inRed(
    'set bridge',
    (red) => rtnetns.setBridge(red, 'br0', { ageingTime: 20_000, priority: 7 }),
    bridge('ageing_time', 'priority'),
  ),
  setBridgePort: inRed(
    'set bridge port',
    (red) => rtnetns.setBridgePort(red, 'd0', { cost: 7, isolated: true }),
    bridge('cost', 'isolated'),
  ),
  listBridgePorts: inRed('list (links|bridge ports)', (red) => rtnetns.listBridgePorts(red, 'br0'), bridge()),
  addFdb: inRed('add 02:.*', (red) => rtnetns.addFdb(red, 'd0', MAC), {
    ...fdb,
    ...bridge(),
    look: fdb.look,
  }),
  removeFdb: inRed('remove 02:.*', (red) => rtnetns.removeFdb(red, 'd0', MAC), fdb),
  flushFdb: inRed('flush the forwarding table', (red) => rtnetns.flushFdb(red, 'br0'), bridge()),
  listFdb: inRed('list the forwarding tables', (red) => rtnetns.listFdb(red, { device: 'd0' }), fdb),
  getFdb: inRed('get 02:.*', (red) => rtnetns.getFdb(red, 'd0', MAC), fdb),
  listVnis: inRed('list networks', (red) => rtnetns.listVnis(red)),
  addMdb: inRed('add group', (red) => rtnetns.addMdb(red, 'br0', GROUP, { port: 'd0' }), {
    ...mdb,
    ...bridge(),
    look: mdb.look,
  }),
  removeMdb: inRed('remove group', (red) => rtnetns.removeMdb(red, 'br0', GROUP, { port: 'd0' }), mdb),
  listMdb: inRed('list multicast groups', (red) => rtnetns.listMdb(red, { bridge: 'br0' }), mdb),
  listMulticastRouters: inRed('list multicast routers', (red) => rtnetns.listMulticastRouters(red), mdb),
  listBridgeVlans: inRed('list VLANs', (red) => rtnetns.listBridgeVlans(red, { device: 'd0' }), bridge()),
  getLink: inRed('get link', (red) => rtnetns.getLink(red, 'lo')),
  listLinks: inRed('list links', (red) => rtnetns.listLinks(red)),
  addAddr: inRed('add address', (red) => rtnetns.addAddr(red, 'lo', '10.9.9.9/32')),
  removeAddr: inRed('remove address', (red) => rtnetns.removeAddr(red, 'd0', '10.0.0.1/24'), device),
  flushAddrs: inRed('flush address', (red) => rtnetns.flushAddrs(red, { device: 'd0' }), device),
  listAddrs: inRed('list addresses', (red) => rtnetns.listAddrs(red)),
  addNeighbor: inRed(
    'add neighbor',
    (red) => rtnetns.addNeighbor(red, 'd0', '10.0.0.7', { mac: '02:00:00:00:00:07' }),
    { ...neighbor, ...device },
  ),
  removeNeighbor: inRed('remove neighbor', (red) => rtnetns.removeNeighbor(red, 'd0', '10.0.0.7'), neighbor),
  getNeighbor: inRed('get neighbor', (red) => rtnetns.getNeighbor(red, 'd0', '10.0.0.7'), neighbor),
  flushNeighbors: inRed(
    'flush neighbor',
    (red) => rtnetns.flushNeighbors(red, { device: 'd0', state: 'permanent' }),
    neighbor,
  ),
  listNeighborTables: inRed('list neighbor tables', (red) => rtnetns.listNeighborTables(red)),
  setNeighborTable: inRed(
    'set neighbor table',
    (red) => rtnetns.setNeighborTable(red, 4, { device: 'd0', baseReachableTime: 5000 }),
    {
      ...device,
      look: ({ red }) => ip(red, 'ntable', 'show', 'dev', 'd0').replaceAll(/ reachable \d+/g, ''),
    },
  ),
  listNeighbors: inRed('list neighbors', (red) => rtnetns.listNeighbors(red)),
  addRoute: inRed('add route', (red) => rtnetns.addRoute(red, ROUTE), device),
  removeRoute: inRed('remove route', (red) => rtnetns.removeRoute(red, ROUTE), route),
  getRoute: inRed('get route', (red) => rtnetns.getRoute(red, '127.0.0.1')),
  iterateRoutes: inRed('list routes', async (red) => {
    const found = [];
    for await (const one of rtnetns.iterateRoutes(red, { table: 'all' })) found.push(one);
    return found;
  }),
  flushRoutes: inRed('flush routes', (red) => rtnetns.flushRoutes(red, { via: ROUTE.via }), route),
  listMplsRoutes: inRed('list routes of MPLS', (red) => rtnetns.listMplsRoutes(red)),
  addNexthop: inRed(
    'add next hop',
    (red) => rtnetns.addNexthop(red, { id: 7, via: ROUTE.via, device: 'd0' }),
    nexthop({ ...device }),
  ),
  removeNexthop: inRed('remove next hop', (red) => rtnetns.removeNexthop(red, 7), nexthop()),
  getNexthop: inRed('get next hop', (red) => rtnetns.getNexthop(red, 7), nexthop()),
  flushNexthops: inRed('flush next hops', (red) => rtnetns.flushNexthops(red, { family: 4 }), nexthop()),
  listNexthopBuckets: inRed('list buckets', (red) => rtnetns.listNexthopBuckets(red), nexthop()),
  listNexthops: inRed('list next hops', (red) => rtnetns.listNexthops(red), nexthop()),
  listRoutes: inRed('list routes', (red) => rtnetns.listRoutes(red)),
  addRule: inRed('add rule', (red) => rtnetns.addRule(red, RULE)),
  removeRule: inRed('remove rule', (red) => rtnetns.removeRule(red, RULE), {
    prepare: ({ red }) => rtnetns.addRule(red, RULE),
  }),
  flushRules: inRed('flush rule', (red) => rtnetns.flushRules(red, { table: 100 }), {
    prepare: ({ red }) => rtnetns.addRule(red, RULE),
  }),
  listRules: inRed('list rules', (red) => rtnetns.listRules(red)),
  getSysctl: {
    ...inRed('(read|get|enter).*', (red) =>
      rtnetns.getSysctl(red, ['net.ipv4.ip_forward', 'net.ipv4.conf.lo.forwarding']),
    ),
    operation: /sysctl/,
  },
  setSysctl: {
    ...inRed('', (red) =>
      rtnetns.setSysctl(red, { 'net.ipv4.conf.lo.forwarding': 1, 'net.ipv4.conf.lo.rp_filter': 2 }),
    ),
    operation: /sysctl/,
  },
};
