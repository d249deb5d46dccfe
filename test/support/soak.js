'use strict';
// Two thousand mixed operations in a namespace, every second of them aborted or ended halfway, in one plain node process:
// node test/support/soak.js DIST COUNT. It prints what the process holds before and after, as JSON.
const { once } = require('node:events');
const { readdirSync, readFileSync, readlinkSync } = require('node:fs');
const net = require('node:net');
const { setTimeout: pause } = require('node:timers/promises');

const [dist, count] = process.argv.slice(2);
const rtnetns = require(dist);

const UNDER_WAY = 24;

/** What must be as it was. */
function holdings() {
  const threads = readdirSync('/proc/self/task');
  return {
    descriptors: readdirSync('/proc/self/fd')
      .map((fd) => kindOf(fd))
      .sort(),
    // the addon's own come and go with the work; of them there are never more than three
    threads: threads
      .map(nameOf)
      .filter((name) => name !== 'rtnetns')
      .sort(),
    ours: threads.map(nameOf).filter((name) => name === 'rtnetns').length <= 3,
    namespaces: [...new Set(threads.map(namespaceOf))],
    mounts: readFileSync('/proc/self/mountinfo', 'utf8').split('\n').length,
  };
}

function kindOf(fd) {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).replace(/\[\d+\]$/, '');
  } catch {
    return 'of the listing itself';
  }
}

function nameOf(thread) {
  try {
    return readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim();
  } catch {
    return 'gone meanwhile';
  }
}

function namespaceOf(thread) {
  try {
    return readlinkSync(`/proc/self/task/${thread}/ns/net`);
  } catch {
    return 'gone meanwhile';
  }
}

const reason = new Error('aborted');

/** A signal that is aborted at a random moment of the next milliseconds, for every second operation. */
function aborting(i, within) {
  if (i % 2 === 0) return undefined;
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), Math.random() * within);
  return controller.signal;
}

async function expecting(signal, work) {
  try {
    await work();
  } catch (error) {
    const aborted = error === reason || error.name === 'AbortError' || error.cause === reason;
    if (!(signal?.aborted && aborted)) throw error;
  }
}

const OPERATIONS = {
  async spawn({ red }, signal) {
    const child = rtnetns.spawn(red, 'cat', [], { signal, stdio: ['pipe', 'ignore', 'ignore'] });
    child.stdin.on('error', () => undefined);
    child.on('error', () => undefined);
    if (signal === undefined) child.stdin.end('x');
    const [code, killed] = await once(child, 'exit');
    if (signal === undefined && code !== 0) throw new Error(`cat ended with ${code}, ${killed}`);
    if (signal !== undefined) throw reason;
  },
  async connect({ blue, port }, signal) {
    const socket = await rtnetns.connect(blue, { host: '10.0.0.1', port, ...(signal && { signal }) });
    socket.on('error', () => undefined);
    socket.write('ping');
    await once(socket, 'data', signal && { signal }).finally(() => socket.destroy());
  },
  async listen({ red }, signal) {
    const server = await rtnetns.listen(red, net.createServer(), signal ? { signal } : {});
    await new Promise((resolve) => server.close(resolve));
  },
  async worker({ red }, signal) {
    const code = "require('node:net').createServer().listen(0, function () { this.close(); })";
    const worker = await rtnetns.createWorker(red, code, { eval: true });
    worker.on('error', () => undefined);
    signal?.addEventListener('abort', () => worker.terminate());
    await once(worker, 'exit');
  },
  async watch({ blue }, signal) {
    for await (const event of rtnetns.watch(blue, { links: true, addrs: true }, signal ? { signal } : {})) {
      if (event.kind === 'ready' && signal === undefined) return;
    }
  },
};

// Of twenty operations: a worker is the dearest.
const MIX = [
  ...Array(6).fill('connect'),
  ...Array(5).fill('listen'),
  ...Array(4).fill('spawn'),
  ...Array(4).fill('watch'),
  'worker',
];

async function soak(scene, times) {
  const done = {};
  const numbers = Array.from({ length: times }, (_, i) => i).values();
  const work = async () => {
    for (const i of numbers) {
      const kind = MIX[Math.floor(i / 2) % MIX.length];
      const signal = aborting(i, 20);
      await expecting(signal, () => OPERATIONS[kind](scene, signal));
      done[kind] = (done[kind] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, work));
  return done;
}

/** Threads and sockets end a moment after their owners have heard of it: what there is when nothing changes any more. */
async function settled() {
  let last = '';
  for (let same = 0; same < 40;) {
    const now = JSON.stringify(holdings());
    same = now === last ? same + 1 : 0;
    last = now;
    await pause(5);
  }
  return holdings();
}

async function main() {
  const red = await rtnetns.createNetns('red');
  const blue = await rtnetns.createNetns('blue');
  const end = { up: true, addrGenMode: 'none' };
  await rtnetns.createVeth(
    { ...end, netns: red, name: 'eth0', addrs: ['10.0.0.1/24'] },
    { ...end, netns: blue, name: 'eth0', addrs: ['10.0.0.2/24'] },
  );
  const echo = net.createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  await rtnetns.listen(red, echo, { host: '10.0.0.1' });
  const { port } = echo.address();
  await rtnetns.waitForPort(blue, '10.0.0.1', port);
  const scene = { red, blue, port };

  await soak(scene, 2 * MIX.length); // what a process opens once and keeps: its own pool of threads, for one
  const before = await settled();
  const done = await soak(scene, Number(count));
  const after = await settled();
  console.log(JSON.stringify({ done, before, after, own: readlinkSync('/proc/self/ns/net') }));
  echo.close();
  await rtnetns.deleteNetns([red, blue], { wait: true });
}

void main();
