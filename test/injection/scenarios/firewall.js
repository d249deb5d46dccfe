'use strict';
const { answersLost, end, namespaces, rtnetns, ruleset } = require('./scene');

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
