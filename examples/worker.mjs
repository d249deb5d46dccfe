// A web server and its client, each in a namespace of its own: plain node code in workers that know nothing of it.
//
//   npx rtnetns sandbox -- node examples/worker.mjs

import { once } from 'node:events';
import { URL } from 'node:url';
import { createNetns, createVeth, createWorker, deleteNetns } from 'rtnetns';

const server = await createNetns('server');
const client = await createNetns('client');
try {
  await createVeth(
    { netns: server, name: 'eth0', up: true, addrs: ['10.0.1.1/24'] },
    { netns: client, name: 'eth0', up: true, addrs: ['10.0.1.2/24'] },
  );

  const serving = await createWorker(server, new URL('worker-server.mjs', import.meta.url), {
    workerData: { port: 80 },
  });
  await once(serving, 'message');

  const asking = await createWorker(client, new URL('worker-client.mjs', import.meta.url), {
    workerData: { url: 'http://10.0.1.1/' },
  });
  const [answer] = await once(asking, 'message');
  console.log(answer);

  await serving.terminate();
} finally {
  await deleteNetns([server, client]);
}
