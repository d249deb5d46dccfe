'use strict';
// Sockets of node's own, whose errors are like those of node: 'connect EMFILE 127.0.0.1:80'.
const { once } = require('node:events');
const http = require('node:http');
const net = require('node:net');
const dns = require('dns-packet');
const { end, etc, namespaces, rtnetns } = require('./scene');

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

function get({ red, port }) {
  const agent = rtnetns.httpAgent(red);
  return new Promise((resolve, reject) => {
    http
      .get({ host: HOST, port, agent }, (response) =>
        response.resume().on('end', resolve).on('error', reject),
      )
      .on('error', reject);
  }).finally(() => agent.destroy());
}

/** A name server in red, which knows 10.0.0.1 by every name. */
const naming = (options = '') => ({
  async setup() {
    const scene = await namespaces('red');
    const resolvConf = `nameserver ${HOST}\noptions timeout:1 attempts:1\n${options}\n`;
    const uncover = etc({ 'netns/red/resolv.conf': resolvConf });
    const reply = (bytes) => {
      const { id, questions } = dns.decode(bytes);
      const answers = [{ type: 'A', name: 'one.test', data: '10.0.0.1' }];
      return { type: 'response', id, flags: 0x8180, questions, answers };
    };
    const udp = await rtnetns.createSocket(scene.red, 'udp4', { address: HOST, port: 53 });
    udp.on('message', (bytes, { port, address }) => udp.send(dns.encode(reply(bytes)), port, address));
    const tcp = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (bytes) => socket.end(dns.streamEncode(reply(bytes.subarray(2)))));
    });
    const server = await rtnetns.listen(scene.red, tcp, { host: HOST, port: 53 });
    return { ...scene, uncover, server, udp };
  },
  async teardown(scene) {
    scene.udp.close();
    await serving.teardown(scene);
    scene.uncover();
  },
});

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
  httpAgent: inRed(/connect/, get, undefined, {
    async setup() {
      const scene = await namespaces('red');
      const web = http.createServer((_, response) => response.end('one'));
      const server = await rtnetns.listen(scene.red, web, { host: HOST });
      return { ...scene, server, port: server.address().port };
    },
    teardown: serving.teardown,
  }),
  connector: inRed(
    /connect/,
    ({ red, port }) =>
      new Promise((resolve, reject) => {
        rtnetns.connector(red)({ hostname: HOST, port, protocol: 'http:' }, (error, socket) => {
          if (error) reject(error);
          else resolve(socket);
        });
      }),
    (_, socket) => closed(socket, () => socket.on('error', () => undefined).destroy()),
    serving,
  ),
  resolve: inRed(
    /resolve one\.test|getaddrinfo|ask the name server|connect/,
    ({ red }) => rtnetns.resolve(red, 'one.test', { family: 4 }),
    undefined,
    naming(),
  ),
  'resolve, over TCP': inRed(
    /resolve one\.test|getaddrinfo|ask the name server|connect/,
    ({ red }) => rtnetns.resolve(red, 'one.test', { family: 4 }),
    undefined,
    naming('options use-vc'),
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
