// Ten namespaces, each serving HTTP on port 80, out of one process; and a client that asks each from inside another one.
// Run it as root, or in a network of its own: npx rtnetns sandbox -- node examples/ten-servers.mjs
import http from 'node:http';
import { text } from 'node:stream/consumers';
import {
  createBridge,
  createNetns,
  createVeth,
  currentNetns,
  deleteLink,
  deleteNetns,
  httpAgent,
  listen,
} from 'rtnetns';

const host = await currentNetns();
const client = await createNetns();
const servers = await Promise.all(Array.from({ length: 10 }, (_, i) => createNetns(`web${i}`)));

await createBridge(host, 'web', { up: true });
await Promise.all(
  [client, ...servers].map((netns, i) => {
    const inside = { netns, name: 'eth0', up: true, addrs: [`10.80.0.${i + 1}/24`] };
    return createVeth(inside, { netns: host, name: `web-port${i}`, bridge: 'web', up: true });
  }),
);

const listening = await Promise.all(
  servers.map((netns) => {
    const server = http.createServer((_, response) => response.end(`this is ${netns}`));
    return listen(netns, server, { port: 80 });
  }),
);

const agent = httpAgent(client);
for (let i = 0; i < servers.length; i++) {
  const response = await new Promise((resolve, reject) => {
    http.get(`http://10.80.0.${i + 2}/`, { agent }, resolve).on('error', reject);
  });
  console.log(`10.80.0.${i + 2}: ${await text(response)}`);
}

agent.destroy();
for (const server of listening) server.close();
await deleteLink(host, 'web');
await deleteNetns([client, ...servers]);
host.close();
