'use strict';
const { mkdirSync, mkdtempSync, rmSync } = require('node:fs');
const { join } = require('node:path');
const { FileLock } = require('../../../build/js/pool/file-lock');
const { answersLost, end, everything, ip, namespaces, rtnetns, ruleset } = require('./scene');

const ERRORS = ['NetworkError', 'NftError', 'NetnsError', 'NetlinkError'];
const links = (netns) => ip(netns, 'link');

const members = [0, 1, 2].map((i) => ({
  name: `m${i}`,
  device: { addrs: [`10.1.0.${i + 2}/24`] },
  routes: [{ to: 'default', via: '10.1.0.1' }],
}));

const pool = (run, more = {}) => ({
  operation: /pool/,
  errors: ['PoolError'],
  setup: () => ({ directory: mkdtempSync('/run/rtnetns-pool-') }),
  run: async ({ directory }) => {
    const opened = await rtnetns.openAddressPool({
      directory: join(directory, 'pool'),
      subnet: '10.3.0.0/24',
      durable: false,
    });
    try {
      await run(opened);
    } finally {
      await opened.close();
    }
  },
  teardown: ({ directory }) => rmSync(directory, { recursive: true }),
  ...more,
});

const allocating = pool((opened) => opened.allocate({ owner: 'one' }));

/** Others have the lock, for a while. */
const afterOthers = {
  ...allocating,
  async setup() {
    const scene = await allocating.setup();
    mkdirSync(join(scene.directory, 'pool'));
    const others = new FileLock(join(scene.directory, 'pool', '10.3.0.0-24.lock'));
    await others.acquire();
    return { ...scene, others };
  },
  run(scene) {
    setTimeout(() => scene.others.close(), 50);
    return allocating.run(scene);
  },
  async teardown(scene) {
    scene.others.close();
    await allocating.teardown(scene);
  },
};

const network = {
  errors: ERRORS,
  once: true,
  look: ({ host, web }) => links(host) + ip(host, '-4', 'addr') + links(web) + ruleset(host),
  done: answersLost,
};

/** With a member, web, that has published a port. */
const withMember = {
  async setup() {
    const scene = await namespaces('host', 'web');
    const shop = await make(scene.host);
    await shop.attach(scene.web, { publish: [HTTP] });
    return { ...scene, shop };
  },
  async teardown({ shop, ...scene }) {
    await shop.remove();
    await end(scene);
  },
};

/** The same member, which is limited to names. */
const withLimits = {
  ...withMember,
  async setup() {
    const scene = await withMember.setup();
    await scene.shop.allow(scene.web, NAMES);
    return scene;
  },
};

const HTTP = { hostPort: 8080, port: 80 };
const HTTPS = { hostPort: 8443, port: 443 };
const NAMES = { domains: ['api.example.com', '*.example.org'], ports: [443] };

const make = (host) => rtnetns.createBridgeNetwork(host, { name: 'shop', subnet: '10.200.0.0/24' });

module.exports = {
  createStar: {
    once: true,
    setup: () => namespaces('host'),
    run: ({ host }) => rtnetns.createStar(host, { bridge: { name: 'br0', addrs: ['10.1.0.1/24'] }, members }),
    undo: ({ host }, star) => rtnetns.deleteStar(host, star),
    look: ({ host }) => everything(host),
    done: answersLost,
    teardown: end,
  },
  deleteStar: {
    once: true,
    async setup() {
      const scene = await namespaces('host');
      const star = await rtnetns.createStar(scene.host, {
        bridge: { name: 'br0', addrs: ['10.1.0.1/24'] },
        members,
      });
      return { ...scene, star };
    },
    run: ({ host, star }) => rtnetns.deleteStar(host, star),
    async teardown({ star, ...scene }) {
      for (const { netns } of star.members) netns.close();
      await rtnetns.deleteNetns(
        members.map(({ name }) => name),
        { ifMissing: 'ignore' },
      );
      await end(scene);
    },
  },
  createBridgeNetwork: {
    ...network,
    setup: () => namespaces('host', 'web'),
    run: ({ host }) => make(host),
    undo: (_, shop) => shop.remove(),
    teardown: end,
  },
  'BridgeNetwork.attach': {
    ...network,
    async setup() {
      const scene = await namespaces('host', 'web');
      return { ...scene, shop: await make(scene.host) };
    },
    run: ({ shop, web }) => shop.attach(web, { publish: [HTTP] }),
    async teardown({ shop, ...scene }) {
      await shop.remove();
      await end(scene);
    },
  },
  'BridgeNetwork.detach': {
    ...network,
    ...withMember,
    look: undefined,
    run: ({ shop, web }) => shop.detach(web),
  },
  'BridgeNetwork.publish': {
    ...network,
    ...withMember,
    run: ({ shop, web }) => shop.publish(web, [HTTPS]),
  },
  'BridgeNetwork.unpublish': {
    ...network,
    ...withMember,
    run: ({ shop, web }) => shop.unpublish(web, [HTTP]),
  },
  'BridgeNetwork.allow': {
    ...network,
    ...withMember,
    run: ({ shop, web }) => shop.allow(web, NAMES),
    undo: ({ shop, web }) => shop.allowAll(web),
  },
  'BridgeNetwork.deny': {
    ...network,
    ...withLimits,
    run: ({ shop, web }) => shop.deny(web, NAMES),
  },
  'BridgeNetwork.allowAll': {
    ...network,
    ...withLimits,
    run: ({ shop, web }) => shop.allowAll(web),
  },
  'BridgeNetwork.refusals': {
    ...network,
    ...withMember,
    async run({ shop }) {
      for await (const { kind } of shop.refusals()) if (kind === 'ready') break;
    },
  },
  'BridgeNetwork.inspect': {
    ...network,
    ...withMember,
    run: ({ shop }) => shop.inspect(),
  },
  'BridgeNetwork.serveDns': {
    ...network,
    ...withMember,
    run: ({ shop }) => shop.serveDns({ forward: false }),
    undo: (_, dns) => dns.close(),
  },
  'BridgeNetwork.repair': {
    ...network,
    async setup() {
      const scene = await withMember.setup();
      await rtnetns.deleteNetns(scene.web, { wait: true });
      return scene;
    },
    look: undefined,
    run: ({ shop }) => shop.repair(),
    teardown: withMember.teardown,
  },
  'BridgeNetwork.remove': {
    ...network,
    setup: withMember.setup,
    look: undefined,
    run: ({ shop }) => shop.remove(),
    async teardown({ shop, ...scene }) {
      shop.close();
      await end(scene);
    },
  },
  openAddressPool: pool(() => undefined),
  'AddressPool.allocate': allocating,
  'AddressPool.allocate, after others': afterOthers,
  'AddressPool.release': pool((opened) => opened.release({ owner: 'one' })),
  'AddressPool.list': pool((opened) => opened.list()),
  doctor: {
    setup: () => namespaces('host'),
    run: ({ host }) => rtnetns.doctor(host),
    teardown: end,
  },
};
