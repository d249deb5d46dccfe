// A client and its service by a network with a delay of 300 ms there and back, where one packet of twenty is lost.
// npx rtnetns sandbox -- node --test examples/slow-network.test.mjs
import assert from 'node:assert/strict';
import { createServer, get } from 'node:http';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { createNetns, httpAgent, listen, setImpairment } from 'rtnetns';
import { use, useLab } from 'rtnetns/test';

// Milliseconds, and percent of the packets each way.
const DELAY = 300;
const LOSS = 5;

const lab = useLab({ nodes: { client: {}, service: {} }, links: [{ ends: ['client', 'service'] }] });

const service = () => createServer(({ url }, response) => response.end(`you asked for ${url}`));
use(() => listen(lab().node('service'), service(), { port: 80 }));

/** The client that is tested: it asks again when no answer has come in time. */
async function ask(path, { agent, host, patience = 5000, attempts = 5 }) {
  try {
    const response = await new Promise((resolve, reject) => {
      get({ agent, host, path, signal: AbortSignal.timeout(patience) }, resolve).once('error', reject);
    });
    return await text(response);
  } catch (error) {
    if (attempts === 1) throw error;
    return ask(path, { agent, host, patience, attempts: attempts - 1 });
  }
}

/** Undefined, or why this kernel cannot delay packets. */
async function withoutNetem() {
  const netns = await createNetns();
  try {
    await setImpairment(netns, 'lo', { delay: 1 });
    return undefined;
  } catch {
    return 'this kernel has no netem (the module sch_netem)';
  } finally {
    netns.close();
  }
}

test('the client gets all its answers', { skip: await withoutNetem() }, async () => {
  for (const node of ['client', 'service'])
    await setImpairment(lab().node(node), 'eth0', { delay: DELAY / 2, loss: LOSS });
  const agent = httpAgent(lab().node('client'));
  const host = lab().addr('service');
  const begin = performance.now();
  await ask('/first', { agent, host });
  // the connection takes one way there and back, and the answer another
  assert.ok(performance.now() - begin >= 2 * DELAY);
  const paths = Array.from({ length: 10 }, (_, i) => `/${i}`);
  const answers = await Promise.all(paths.map((path) => ask(path, { agent, host })));
  assert.deepEqual(
    answers,
    paths.map((path) => `you asked for ${path}`),
  );
  agent.destroy();
});
