'use strict';
const { end, namespaces, rtnetns } = require('./scene');

const inRed = (operation, run, more = {}) => ({
  operation,
  once: true,
  setup: () => namespaces('red'),
  run,
  teardown: end,
  ...more,
});

const refused = (error) => ({ error });

module.exports = {
  'watch, until it is ready': inRed(/watch|receive events/, async ({ red }) => {
    for await (const { kind } of rtnetns.watch(red, { links: true, addrs: true, routes: true }))
      if (kind === 'ready') break;
  }),
  'watch, of a change': inRed(/watch|receive events/, async ({ red }) => {
    // another handle, with a netlink socket already, so that it is watch alone that is made to fail
    for await (const event of rtnetns.watch(red, { addrs: true })) {
      if (event.kind === 'ready') void rtnetns.addAddr(red, 'lo', '10.7.7.7/32').catch(refused);
      else break;
    }
  }),
  watchNetns: {
    operation: /watch/,
    async run() {
      for await (const { kind } of rtnetns.watchNetns()) if (kind === 'ready') break;
    },
  },
  'watchNetns, of a change': {
    operation: /watch|create namespace/,
    restore: () => rtnetns.deleteNetns('watched', { ifMissing: 'ignore' }),
    async run() {
      let made;
      try {
        for await (const { kind } of rtnetns.watchNetns()) {
          if (kind !== 'ready') break;
          made = await rtnetns.createNetns('watched');
        }
      } finally {
        made?.close();
        await rtnetns.deleteNetns('watched', { ifMissing: 'ignore' }).catch(refused);
      }
    },
  },
  waitForLink: inRed(/wait for link|receive events|get link|open a netlink/, async ({ red }) => {
    const there = rtnetns.waitForLink(red, 'd0', { up: true, timeout: 2000 });
    there.catch(refused);
    await rtnetns.createBridge(red, 'd0', { up: true }).catch(refused);
    await there;
  }),
  'waitForLink, of one that is there': inRed(
    /wait for link|receive events|get link|open a netlink/,
    ({ red }) => rtnetns.waitForLink(red, 'lo', { up: true }),
  ),
  waitForAddr: inRed(/wait for|receive events|get link|list addresses|open a netlink/, ({ red }) =>
    rtnetns.waitForAddr(red, 'lo', '127.0.0.1/8', { timeout: 2000 }),
  ),
};
