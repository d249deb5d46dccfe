'use strict';
const { once } = require('node:events');
const { end, etc, namespaces, rtnetns } = require('./scene');

/** A failure of the command is an error as node's. */
const ERRORS = ['Error', 'NetnsError'];

const inRed = (operation, run, more = {}) => ({
  operation,
  setup: () => namespaces('red'),
  run,
  teardown: end,
  ...more,
});

module.exports = {
  spawn: inRed(
    /run a command|spawn/,
    async ({ red }) => {
      const child = rtnetns.spawn(red, 'sh', ['-c', 'exit 3'], { stdio: 'ignore' });
      const [code] = await once(child, 'close');
      if (code !== 3) throw new Error(`it exited with ${code}`);
    },
    { errors: ERRORS },
  ),
  exec: inRed(
    /run a command|spawn/,
    async ({ red }) => {
      const { stdout } = await rtnetns.exec(red, 'echo', ['one']);
      if (stdout !== 'one\n') throw new Error(`it printed ${stdout}`);
    },
    { errors: ERRORS },
  ),
  'exec, with a name server, a user and a directory of /sys': inRed(
    /run a command|spawn/,
    async ({ red }) => {
      const { stdout } = await rtnetns.exec(red, 'cat', ['/etc/resolv.conf'], {
        cwd: '/sys',
        uid: 0,
        gid: 0,
      });
      if (stdout !== 'here\n') throw new Error(`it printed ${stdout}`);
    },
    {
      errors: ERRORS,
      async setup() {
        const uncover = etc({ 'resolv.conf': 'outside\n', 'netns/red/resolv.conf': 'here\n' });
        return { ...(await namespaces('red')), uncover };
      },
      async teardown(scene) {
        await end(scene);
        scene.uncover();
      },
    },
  ),
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
