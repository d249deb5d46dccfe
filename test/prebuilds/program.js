// Uses a package of which it is given the directory, and prints what came of it. Run by what the package is to work on.
'use strict';
const { readFileSync } = require('node:fs');

// for the program that runs this one, and for none that is run here
delete process.env.LD_LIBRARY_PATH;
delete process.env.LD_PRELOAD;

const [, , directory] = process.argv;
const { addAddr, createNetns, createVeth, deleteNetns, exec, listLinks, listNetns, ping, watch } = require(
  directory,
);

/** The kind of the event that a change makes. */
async function eventOf(netns, change) {
  const events = watch(netns, { addrs: true })[Symbol.asyncIterator]();
  while ((await events.next()).value.kind !== 'ready');
  const next = events.next();
  await change();
  const { kind } = (await next).value;
  await events.return();
  return kind;
}

/** What qemu does not carry fails with a code. */
const orCode = async (promise) => promise.catch(({ code }) => code);

async function use() {
  const red = await createNetns('red');
  const blue = await createNetns('blue');
  const end = (netns, name, address) => ({ netns, name, up: true, addrs: [address] });
  await createVeth(end(red, 'r', '10.0.0.1/24'), end(blue, 'b', '10.0.0.2/24'));
  const listed = (await listLinks(red)).map(({ name, kind, mac }) => ({ name, kind, mac }));
  const { stdout } = await exec(red, 'ip', ['-j', '-d', 'link']);
  const seen = JSON.parse(stdout).map(({ ifname, linkinfo, address }) => ({
    name: ifname,
    kind: linkinfo?.info_kind,
    mac: address,
  }));
  const { exitCode } = await exec(red, 'ping', ['-c', '1', '10.0.0.2']);
  const pinged = await orCode(
    ping(red, '10.0.0.2', { count: 2, interval: 10 }).then(({ received }) => received),
  );
  const watched = await orCode(eventOf(red, async () => addAddr(red, 'r', '10.0.1.1/24')));
  await deleteNetns([red, blue]);
  const left = await listNetns();
  const [, prebuild] = /\/prebuilds\/([^/]+)\/rtnetns\.node$/m.exec(readFileSync('/proc/self/maps', 'utf8'));
  return { arch: process.arch, prebuild, listed, seen, exitCode, pinged, watched, left };
}

use().then(
  (found) => console.log(JSON.stringify(found)),
  (error) => console.log(JSON.stringify({ error: error.message })),
);
