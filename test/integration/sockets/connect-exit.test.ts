import { SANDBOX } from '../../support/cli';
import { program, runProgram } from '../../support/program';

// In processes and sandboxes of their own: a crash must not be one of jest.
const wrapper = [SANDBOX, '--'];

/** Connections under way that nobody answers, and a name that nobody knows. */
const attempts = program(async ({ rtnetns, threads }) => {
  const netns = await rtnetns.createNetns();
  const addrs = ['10.0.0.1/24'];
  await rtnetns.createVeth({ netns, name: 'a', up: true, addrs }, { netns, name: 'b', up: true });
  const ignore = () => undefined;
  for (let i = 2; i < 50; i++) rtnetns.connect(netns, { host: `10.0.0.${i}`, port: 80 }).catch(ignore);
  rtnetns.waitForPort(netns, '10.0.0.1', 80).catch(ignore);
  await new Promise((resolve) => setTimeout(resolve, 50));
  if (threads.isMainThread) process.exit(7);
  threads.parentPort?.postMessage('issued');
});

describe('connect', () => {
  test('a process may exit in the midst of connecting', async () => {
    expect(await runProgram(attempts, { wrapper })).toMatchObject({ code: 7, signal: null, stderr: '' });
  });

  test('a worker that is terminated in the midst of connecting leaves nothing', async () => {
    const ended = await runProgram(
      program(async ({ fs, threads, tell, holdings }, text) => {
        const round = async () => {
          const child = new threads.Worker(text, { eval: true });
          await new Promise((resolve) => child.once('message', resolve));
          await child.terminate();
          await new Promise((resolve) => setTimeout(resolve, 50));
          return holdings(fs);
        };
        const first = await round(); // and what node opens once
        tell([first, await round()]);
      }, attempts),
      { wrapper },
    );
    expect(ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    const [[first, second]] = ended.told as [[object, object]];
    expect(second).toEqual(first);
    expect(first).toMatchObject({ threads: 0 });
  });

  test('connections under way keep the process alive until they are decided, and nothing else does', async () => {
    const ended = await runProgram(
      program(async ({ rtnetns, tell }) => {
        const netns = await rtnetns.createNetns();
        await rtnetns.setLink(netns, 'lo', { up: true });
        const addrs = ['10.0.0.1/24'];
        await rtnetns.createVeth({ netns, name: 'a', up: true, addrs }, { netns, name: 'b', up: true });
        rtnetns
          .connect(netns, { host: '10.0.0.2', port: 80 })
          .catch((error: unknown) => tell((error as { code: string }).code));
      }),
      { wrapper },
    );
    expect(ended).toMatchObject({ code: 0, stderr: '', told: ['EHOSTUNREACH'] });
  });
});
