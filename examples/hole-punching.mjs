// Two homes, each with a NAT of its own, and a rendezvous on the network between them: which pairs of NATs let the homes talk to each other?
// Run it as root, or in a network of its own: npx rtnetns sandbox -- node examples/hole-punching.mjs
import { once } from 'node:events';
import { createLab, createSocket, NAT_PRESETS } from 'rtnetns';

const nats = Object.keys(NAT_PRESETS).filter((nat) => !NAT_PRESETS[nat].blockUdp);
const rendezvous = { address: '203.0.113.9', port: 3478 };

const definition = (nat1, nat2) => ({
  switches: {
    wan: { subnet: '203.0.113.0/24' },
    lan1: { subnet: '192.168.1.0/24' },
    lan2: { subnet: '192.168.1.0/24' },
  },
  routers: { home1: { ports: ['wan', 'lan1'], nat: nat1 }, home2: { ports: ['wan', 'lan2'], nat: nat2 } },
  nodes: {
    rendezvous: { ports: { switch: 'wan', addrs: [`${rendezvous.address}/24`] } },
    alice: { ports: 'lan1' },
    bob: { ports: 'lan2' },
  },
});

// The rendezvous tells each client as whom it sees it.
const lab = await createLab(definition('home', 'home'));
const server = await createSocket(lab.node('rendezvous'), 'udp4', { port: rendezvous.port });
server.on('message', (_, { address, port }) => server.send(JSON.stringify({ address, port }), port, address));

/** Somebody who greets back whoever greets. */
async function join(node) {
  const socket = await createSocket(lab.node(node), 'udp4');
  const client = {
    heard: false,
    greet: ({ address, port }) => socket.send('hello', port, address),
    async ask() {
      socket.send('who am I?', rendezvous.port, rendezvous.address);
      const [seen] = await once(socket, 'seen');
      return seen;
    },
    leave: () => socket.close(),
  };
  socket.on('message', (message, from) => {
    if (from.address === rendezvous.address) return socket.emit('seen', JSON.parse(message));
    if (!client.heard) client.greet(from);
    client.heard = true;
  });
  return client;
}

/** Each greets where the rendezvous sees the other one. Behind the answers of the rendezvous, no greeting is under way. */
async function connects() {
  const [alice, bob] = await Promise.all(['alice', 'bob'].map(join));
  const [seenAlice, seenBob] = await Promise.all([alice.ask(), bob.ask()]);
  for (let round = 0; round < 3 && !(alice.heard && bob.heard); round++) {
    alice.greet(seenBob);
    bob.greet(seenAlice);
    await alice.ask();
    await bob.ask();
  }
  alice.leave();
  bob.leave();
  return alice.heard && bob.heard;
}

console.log(
  ['', ...nats]
    .map((nat) => nat.padEnd(15))
    .join('')
    .trimEnd(),
);
for (const nat1 of nats) {
  const row = [nat1];
  for (const nat2 of nats) {
    await lab.apply(definition(nat1, nat2));
    row.push((await connects()) ? 'yes' : '-');
  }
  console.log(
    row
      .map((cell) => cell.padEnd(15))
      .join('')
      .trimEnd(),
  );
}

server.close();
await lab.destroy();
