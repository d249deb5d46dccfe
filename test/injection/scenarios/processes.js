'use strict';
const { once } = require('node:events');
const { end, namespaces, rtnetns } = require('./scene');

const inRed = (operation, run, more = {}) => ({
  operation,
  setup: () => namespaces('red'),
  run,
  teardown: end,
  ...more,
});

module.exports = {
  spawn: inRed(/run a command/, async ({ red }) => {
    const child = rtnetns.spawn(red, 'sh', ['-c', 'exit 3'], { stdio: 'ignore' });
    const [code] = await once(child, 'close');
    if (code !== 3) throw new Error(`it exited with ${code}`);
  }),
  exec: inRed(/run a command/, async ({ red }) => {
    const { stdout } = await rtnetns.exec(red, 'echo', ['one']);
    if (stdout !== 'one\n') throw new Error(`it printed ${stdout}`);
  }),
  createWorker: inRed(
    /worker/,
    async ({ red }) => {
      const worker = await rtnetns.createWorker(
        red,
        'require("node:worker_threads").parentPort.postMessage(1)',
        { eval: true },
      );
      await once(worker, 'exit');
    },
    // what is thrown in a worker loses its class on its way here
    { errors: ['Error', 'NetnsError'] },
  ),
};
