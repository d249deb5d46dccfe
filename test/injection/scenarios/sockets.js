'use strict';
// Sockets of node's own, whose errors are like those of node: 'connect EMFILE 127.0.0.1:80'.
const net = require('node:net');
const { once } = require('node:events');
const { end, namespaces, rtnetns } = require('./scene');

const HOST = '127.0.0.1';
const LIKE_NODE = ['Error', 'NetnsError', 'NetlinkError'];

const inRed = (operation, run, undo, more = {}) => ({
  operation,
  errors: LIKE_NODE,
  setup: () => namespaces('red'),
  run,
  undo,
  teardown: end,
  ...more,
});

const closed = async (emitter, close) => {
  const gone = once(emitter, 'close');
  close();
  await gone;
};

const serving = {
  async setup() {
    const scene = await namespaces('red');
    const server = await rtnetns.listen(
      scene.red,
      net.createServer((socket) => socket.on('error', () => undefined).end()),
      { host: HOST },
    );
    return { ...scene, server, port: server.address().port };
  },
  async teardown(scene) {
    await new Promise((resolve) => scene.server.close(resolve));
    await end(scene);
  },
};

module.exports = {
  connect: inRed(
    /connect/,
    ({ red, port }) => rtnetns.connect(red, { host: HOST, port }),
    (_, socket) => closed(socket, () => socket.on('error', () => undefined).destroy()),
    serving,
  ),
  'connect, to nobody': inRed(/connect/, ({ red }) =>
    rtnetns.connect(red, { host: HOST, port: 9 }).then(
      () => {
        throw new Error('somebody is there');
      },
      (error) => {
        if (error.code !== 'ECONNREFUSED') throw error;
      },
    ),
  ),
  'connect, to an abstract name': inRed(
    /connect/,
    ({ red }) => rtnetns.connect(red, { path: '\0rtnetns-injection' }),
    (_, socket) => closed(socket, () => socket.on('error', () => undefined).destroy()),
    {
      async setup() {
        const scene = await namespaces('red');
        const server = await rtnetns.listen(
          scene.red,
          net.createServer((socket) => socket.on('error', () => undefined).end()),
          { path: '\0rtnetns-injection' },
        );
        return { ...scene, server };
      },
      teardown: serving.teardown,
    },
  ),
  listen: inRed(
    /listen/,
    ({ red }) => rtnetns.listen(red, net.createServer(), { host: HOST }),
    (_, server) => closed(server, () => server.close()),
  ),
  createSocket: inRed(
    /bind|create|socket/,
    ({ red }) => rtnetns.createSocket(red, 'udp4', { address: HOST }),
    (_, socket) => closed(socket, () => socket.close()),
  ),
  waitForPort: inRed(
    /wait|connect/,
    ({ red, port }) => rtnetns.waitForPort(red, HOST, port, { timeout: 2000 }),
    undefined,
    serving,
  ),
  ping: inRed(/ping/, async ({ red }) => {
    await rtnetns.ping(red, HOST, { timeout: 500 });
  }),
  capture: inRed(/capture|open a netlink/, async ({ red }) => {
    const packets = rtnetns.capture(red, 'lo', { count: 2 });
    await packets.ready;
    const pinged = rtnetns.ping(red, HOST, { timeout: 500 }).catch(() => undefined);
    const timer = setTimeout(() => packets.close(), 1500);
    for (;;) if ((await packets.next()).done) break;
    clearTimeout(timer);
    await pinged;
  }),
};
