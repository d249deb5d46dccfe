'use strict';
// A worker that uses the library.
const { parentPort } = require('node:worker_threads');
const rtnetns = require('../../..');

async function main() {
  const here = await rtnetns.currentNetns();
  const names = async (netns) => (await rtnetns.listLinks(netns)).map(({ name }) => name);
  const told = { current: here.ino, numbers: (await rtnetns.getNamespaceIds()).net };
  await rtnetns.createBridge(here, 'br0');
  const other = await rtnetns.createNetns('of-worker');
  await rtnetns.createVeth(
    { netns: here, name: 'veth0', up: true, addrs: ['10.0.0.1/24'] },
    { netns: other, name: 'eth0', up: true, addrs: ['10.0.0.2/24'] },
  );
  told.here = await names(here);
  told.other = await names(other);
  told.received = (await rtnetns.ping(here, '10.0.0.2')).received;
  told.known = (await rtnetns.listNetns()).some(({ name }) => name === 'of-worker');
  await rtnetns.deleteNetns(other, { wait: true });
  told.freed = !(await rtnetns.listNetns()).some(({ name }) => name === 'of-worker');
  const again = await rtnetns.currentNetns();
  told.still = again.ino;
  again.close();
  here.close();
  parentPort.postMessage(told);
}

void main();
