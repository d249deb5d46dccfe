'use strict';
const { answersLost, ask, end, namespaces, rtnetns } = require('./scene');

const { nft } = rtnetns;
const table = { family: 'inet', name: 't' };

const inRed = (operation, run, more = {}) => ({
  operation,
  once: true,
  setup: () => namespaces('red'),
  run,
  look: ({ red }) => ask(red, 'nft', '-j', 'list', 'ruleset'),
  done: answersLost,
  teardown: end,
  ...more,
});

const withTable = {
  async setup() {
    const scene = await namespaces('red');
    await nft.apply(scene.red, [nft.addTable(table), nft.addChain({ table, name: 'input', hook: 'input' })]);
    scene.red.close();
    return { red: await rtnetns.openNetns('red') };
  },
};

module.exports = {
  'nft.apply': inRed(/apply|nft/, ({ red }) =>
    nft.apply(red, [nft.addTable(table), nft.addChain({ table, name: 'input', hook: 'input' })]),
  ),
  'nft.listRuleset': inRed(/list|nft/, ({ red }) => nft.listRuleset(red), withTable),
  'nft.watchRuleset': inRed(
    /watch|receive|nft/,
    async ({ red }) => {
      for await (const { kind } of nft.watchRuleset(red)) if (kind === 'ruleset') break;
    },
    withTable,
  ),
  listConntrack: inRed(/conntrack|connection/, ({ red }) => rtnetns.listConntrack(red)),
  deleteConntrack: inRed(/conntrack|connection/, ({ red }) => rtnetns.deleteConntrack(red)),
  trace: inRed(
    /trace|nft|open a netlink/,
    ({ red, blue }) => rtnetns.trace(red, { from: blue, to: '10.0.0.1', port: 22, timeout: 800 }),
    {
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
