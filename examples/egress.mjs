// A sandbox for code that is not trusted: it reaches one service by its name, and each other attempt is reported.
//
//   npx rtnetns sandbox -- node examples/egress.mjs
//
// Here, the service and the name server are in namespaces, too. On a machine, `host` is currentNetns(), and `dns` is true.

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createBridgeNetwork, createNetns, deleteNetns, exec, listen } from 'rtnetns';

const [outside, servers, host] = await Promise.all([createNetns(), createNetns(), createNetns()]);
const box = await createNetns('box');

const web = { name: 'internet', subnet: '198.41.0.0/24', gateway: '198.41.0.1' };
const internet = await createBridgeNetwork(outside, { ...web, dns: { forward: false } });
await internet.attach(servers, { address: '198.41.0.4', aliases: ['api.example.com', 'www.example.net'] });
await internet.attach(host, { name: 'wan' });
const server = createServer(({ headers }, response) => response.end(`hello from ${headers.host}`));
await listen(servers, server, { host: '0.0.0.0', port: 80 });

// the namespace of the code, which asks the network's resolver for names
await mkdir('/etc/netns/box', { recursive: true });
await writeFile('/etc/netns/box/resolv.conf', 'nameserver 10.200.0.1\n');
const dns = { forward: ['198.41.0.1'] };
const network = await createBridgeNetwork(host, { name: 'boxes', subnet: '10.200.0.0/24', dns });
await network.attach(box);
await network.allow(box, { domains: ['api.example.com'], ports: [80] });

const refusals = network.refusals();
await refusals.next(); // 'ready'

const code = `
  for (const host of ['api.example.com', 'www.example.net', '198.41.0.4:443']) {
    const answer = await fetch('http://' + host).then((one) => one.text(), ({ cause }) => cause.code);
    console.log(host + ':', answer);
  }`;
const { stdout } = await exec(box, process.execPath, ['--input-type=module', '-e', code]);
process.stdout.write(stdout);

// a name may be asked for more than once
for (const reported = new Set(); reported.size < 2;) {
  const { value: refusal } = await refusals.next();
  const what = refusal.kind === 'name' ? `the name ${refusal.name}` : `${refusal.to} port ${refusal.port}`;
  if (!reported.has(what)) console.log('refused:', what);
  reported.add(what);
}

server.close();
for (const one of [network, internet]) await one.remove();
await deleteNetns([outside, servers, host, box]);
await rm('/etc/netns/box', { recursive: true });
