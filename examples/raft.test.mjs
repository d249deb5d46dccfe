// A cluster of five servers goes on without two of them, which catch up when they are back.
// npx rtnetns sandbox -- npx vitest run examples/raft.test.mjs
import { EventEmitter, on } from 'node:events';
import { use, useLab } from 'rtnetns/test';
import * as runner from 'vitest';
import { RaftServer } from './raft.mjs';

const { expect, test } = runner;

const NODES = ['n1', 'n2', 'n3', 'n4', 'n5'];

const lab = useLab(
  { switches: { lan: { subnet: '10.0.0.0/24' } }, nodes: { 'n{1..5}': { ports: 'lan' } } },
  { runner },
);

/** The servers by the names of their nodes, and what happens to them. */
const cluster = use(
  async () => {
    const events = new EventEmitter();
    const servers = new Map();
    const stop = async () => {
      for (const server of servers.values()) await server[Symbol.asyncDispose]();
    };
    for (const name of NODES) {
      const peers = NODES.filter((other) => other !== name).map((other) => lab().addr(other));
      const server = new RaftServer(lab().node(name), lab().addr(name), peers);
      server.on('change', () => events.emit('change'));
      servers.set(name, await server.start());
    }
    return { events, servers, [Symbol.asyncDispose]: stop };
  },
  { runner },
);

const of = (names) => names.map((name) => cluster().servers.get(name));

/** Waits for something that the servers have to come to. */
async function until(condition) {
  const changes = on(cluster().events, 'change', { signal: AbortSignal.timeout(60_000) });
  while (!condition()) await changes.next();
}

/** Waits until one of the nodes leads all others of them. */
async function leaderOf(names) {
  const leads = (name) => {
    const [server, ...others] = of([name, ...names]);
    return server.role === 'leader' && others.every(({ term }) => term === server.term);
  };
  await until(() => names.some(leads));
  return names.find(leads);
}

const haveAll = (names, values) => () =>
  of(names).every((server) => String(server.values) === String(values));

test('the servers outlive a partition, and agree after it', { timeout: 60_000 }, async () => {
  const first = await leaderOf(NODES);
  const [leader] = of([first]);
  leader.propose('apple');
  await until(haveAll(NODES, ['apple']));

  const [second] = NODES.filter((name) => name !== first);
  const minority = [first, second];
  const majority = NODES.filter((name) => !minority.includes(name));
  await lab().partition(minority, majority);

  leader.propose('never'); // too few hear of it
  const [next] = of([await leaderOf(majority)]);
  next.propose('pear');
  await until(haveAll(majority, ['apple', 'pear']));
  expect(leader.values).toEqual(['apple']);

  await lab().heal();
  await until(haveAll(NODES, ['apple', 'pear']));
});
