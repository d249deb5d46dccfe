import { sandboxed } from '../../support/cli';
import { testWith } from '../../support/capabilities';
import { counts } from '../../support/runners';

/** The kernels of test/kernel/ are slow, and a Raft is in a hurry. */
const PACE = process.env['RTNETNS_CHILD_TIMEOUT'] === undefined ? 1 : 5;

function running(example: string, ...runner: string[]) {
  const env = ['env', `PACE=${PACE}`, process.execPath];
  const { stdout, stderr } = sandboxed(...env, ...runner, `examples/${example}`);
  return { stderr, said: stdout, ...counts({ said: stdout }) };
}

describe('examples', () => {
  test('raft.test.mjs', () => {
    expect(running('raft.test.mjs', 'node_modules/vitest/vitest.mjs', 'run', '--no-color')).toMatchObject({
      stderr: '',
      passed: 1,
      failed: 0,
    });
  });

  testWith('queueing disciplines of the kind netem', 'slow-network.test.mjs', () => {
    expect(running('slow-network.test.mjs', '--test', '--test-reporter=tap')).toMatchObject({
      stderr: '',
      passed: 1,
      failed: 0,
    });
  });
});
