import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { createNetns, type NetnsError } from '../../../lib';
import { program, runProgram } from '../../support/program';
import { filtering } from '../../support/seccomp';

const { EPERM } = constants.errno;

const CALLS = ['getLink', 'waitForLink', 'watch', 'two at once'] as const;
/** Later Nodes call prctl as well (22), so the filter ends a thread without which they wait for ever, or all of the process. */
function nodeNamesThreads(): boolean {
  const [program = '', ...args] = filtering(['prctl']);
  return (
    spawnSync(program, [...args, process.execPath, '-e', '0'], { timeout: 5000, killSignal: 'SIGKILL' })
      .signal !== null
  );
}

const SYSTEM_CALLS = ['setns', 'sendto', 'recvmmsg'] as const;

describe('native', () => {
  test.each(SYSTEM_CALLS.flatMap((killed) => CALLS.map((call) => [killed, call] as const)))(
    'where %s kills the thread, a single call of %s is rejected, and the process ends',
    async (killed, call) => {
      await using here = await createNetns('here');
      const only = program(
        async ({ rtnetns, tell }, { name, asked }) => {
          const netns = await rtnetns.openNetns(name);
          const begin = performance.now();
          const CALL: Record<typeof asked, () => Promise<unknown>> = {
            getLink: async () => rtnetns.getLink(netns, 'lo'),
            waitForLink: async () => rtnetns.waitForLink(netns, 'none', { timeout: 300 }),
            watch: async () => rtnetns.watch(netns, { links: true })[Symbol.asyncIterator]().next(),
            'two at once': async () =>
              Promise.all([rtnetns.getLink(netns, 'lo'), rtnetns.getSysctl(netns, 'net.ipv4.ip_forward')]),
          };
          const error = (await CALL[asked]().catch((reason: unknown) => reason)) as NetnsError;
          tell({ type: error.name, code: error.code, soon: performance.now() - begin < 3000 });
        },
        { name: String(here), asked: call },
      );
      const { code, signal, stderr, told } = await runProgram(only, { wrapper: filtering([killed]) });
      expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
      const type = expect.stringMatching(/^Net(ns|link)Error$/) as string;
      expect(told).toEqual([{ type, code: 'ECANCELED', soon: true }]);
    },
  );

  test.each(['tgkill', 'gettid'])('where %s is refused, calls go on', async (refused) => {
    const several = program(async ({ rtnetns, tell }) => {
      const netns = await rtnetns.createNetns();
      const names: string[] = [];
      // a thread that has entered a namespace ends, and the next call begins with one that has not
      for (let i = 0; i < 5; i++) {
        const [link] = await rtnetns.listLinks(netns);
        names.push(link!.name);
        (await rtnetns.createNetns()).close();
      }
      tell(names);
    });
    const ended = await runProgram(several, { wrapper: filtering([refused], EPERM) });
    const told = [Array.from({ length: 5 }, () => 'lo')];
    expect(ended).toEqual({ code: 0, signal: null, stderr: '', told });
  });

  // prctl is the first call that a thread makes, sendto that of each request, and sched_yield that after each job
  test.each([
    ...(nodeNamesThreads() ? [] : [['prctl', false] as const]),
    ['sendto', false],
    ['sched_yield', true],
  ] as const)('where %s kills each thread, many calls that wait are soon settled', async (killed, works) => {
    const many = program(async ({ rtnetns, tell }) => {
      // each handle has a socket of its own
      const handles = await Promise.all(Array.from({ length: 20 }, async () => rtnetns.currentNetns()));
      const begin = performance.now();
      const each = await Promise.allSettled(handles.map(async (netns) => rtnetns.listLinks(netns)));
      const soon = performance.now() - begin < 3000;
      const outcomes = each.map((one) =>
        one.status === 'rejected' ? (one.reason as NetnsError).code : one.status,
      );
      tell({ outcomes: [...new Set(outcomes)], soon });
    });
    const ended = await runProgram(many, { wrapper: filtering([killed]) });
    const told = [{ outcomes: [works ? 'fulfilled' : 'ECANCELED'], soon: true }];
    expect(ended).toEqual({ code: 0, signal: null, stderr: '', told });
  });
});
