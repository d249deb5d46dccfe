'use strict';
const { answersLost, ask, end, namespaces, rtnetns, ruleset } = require('./scene');

const { nft } = rtnetns;
const table = { family: 'inet', name: 't' };

const inRed = (run, more = {}) => ({
  errors: ['NftError', 'NetlinkError', 'NetnsError'],
  once: true,
  setup: () => namespaces('red'),
  run,
  look: ({ red }) => ruleset(red),
  done: answersLost,
  teardown: end,
  ...more,
});

const set = { table, name: 's', key: 'ipv4_addr' };

const withTable = {
  async setup() {
    const scene = await namespaces('red');
    await nft.apply(scene.red, [nft.addTable(table), nft.addChain({ table, name: 'input', hook: 'input' })]);
    scene.red.close();
    return { red: await rtnetns.openNetns('red') };
  },
};

module.exports = {
  'nft.apply': inRed(({ red }) =>
    nft.apply(red, [nft.addTable(table), nft.addChain({ table, name: 'input', hook: 'input' })]),
  ),
  'nft.listRuleset': inRed(({ red }) => nft.listRuleset(red), withTable),
  'nft.watchRuleset': inRed(async ({ red }) => {
    for await (const { kind } of nft.watchRuleset(red)) if (kind === 'ruleset') break;
  }, withTable),
  'nft.listElements': inRed(({ red }) => nft.listElements(red, set), {
    async setup() {
      const scene = await withTable.setup();
      await nft.apply(scene.red, [nft.addSet(set), nft.addElements(set, [{ key: '10.0.0.1' }])]);
      scene.red.close();
      return { red: await rtnetns.openNetns('red') };
    },
  }),
  'nft.watchTrace': inRed(async ({ red }) => {
    for await (const { kind } of nft.watchTrace(red)) if (kind === 'ready') break;
  }, withTable),
  'nft.watchTrace, of a packet': inRed(
    async ({ red }) => {
      for await (const { kind } of nft.watchTrace(red)) {
        if (kind !== 'ready') break;
        ask(red, 'ping', '-c1', '127.0.0.1');
      }
    },
    {
      operation: /trace|receive events|open a netlink socket/,
      async setup() {
        const scene = await withTable.setup();
        const chain = { table, name: 'input' };
        await nft.apply(scene.red, [nft.addRule(chain, [nft.trace()])]);
        return scene;
      },
    },
  ),
  listConntrack: inRed(({ red }) => rtnetns.listConntrack(red)),
  deleteConntrack: inRed(({ red }) => rtnetns.deleteConntrack(red)),
  trace: inRed(
    ({ red, blue }) => rtnetns.trace(red, { from: blue, to: '10.0.0.1', port: 22, timeout: 800 }),
    {
      // a bind(2) that is refused is an error as of node's sockets
      errors: ['Error', 'NftError', 'NetlinkError', 'NetnsError'],
      async setup() {
        const scene = await namespaces('red', 'blue');
        await rtnetns.createVeth(
          { netns: scene.red, name: 'v0', up: true, addrs: ['10.0.0.1/24'] },
          { netns: scene.blue, name: 'v1', up: true, addrs: ['10.0.0.2/24'] },
        );
        await rtnetns.waitForLink(scene.blue, 'v1', { carrier: true });
        await nft.apply(scene.red, [
          nft.addTable(table),
          nft.addChain({ table, name: 'input', hook: 'input' }),
        ]);
        return scene;
      },
    },
  ),
};
