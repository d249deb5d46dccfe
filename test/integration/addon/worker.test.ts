import { backlogDone } from '../../support/backlog';
import { SANDBOX } from '../../support/cli';
import { program, runProgram } from '../../support/program';

// In processes of their own: a crash must not be one of jest. And in sandboxes of their own: it leaves nothing.
const wrapper = [SANDBOX, '--'];

describe('native', () => {
  afterAll(backlogDone);

  test('a worker has the addon to itself, while the main thread uses it, too', async () => {
    const worker = program(async ({ rtnetns, threads }) => {
      const netns = await rtnetns.createNetns('of-worker');
      await rtnetns.createBridge(netns, 'br0');
      const links = await rtnetns.listLinks(netns);
      const here = await rtnetns.currentNetns();
      threads.parentPort?.postMessage({ links: links.map(({ name }) => name), here: here.ino });
      await rtnetns.deleteNetns(netns);
      // and ends with handles open
    });

    const ended = await runProgram(
      program(async ({ rtnetns, threads, tell }, text) => {
        const child = new threads.Worker(text, { eval: true });
        const exit = new Promise((resolve) => child.once('exit', resolve));
        const message = new Promise((resolve) => child.once('message', resolve));
        const here = await rtnetns.currentNetns();
        const netns = await rtnetns.createNetns();
        await rtnetns.createVeth({ netns, name: 'eth0' }, { netns, name: 'eth1' });
        const links = await rtnetns.listLinks(netns);
        tell({ links: links.map(({ name }) => name).sort(), here: here.ino });
        tell(await message);
        tell(await exit);
        tell((await rtnetns.listLinks(netns)).length);
      }, worker),
      { wrapper },
    );
    expect(ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    const [main, other, exit, count] = ended.told;
    expect(main).toEqual({ links: ['eth0', 'eth1', 'lo'], here: expect.any(Number) as number });
    expect(other).toEqual({ links: ['lo', 'br0'], here: (main as { here: number }).here });
    expect([exit, count]).toEqual([0, 3]);
  });

  test('a worker that is terminated in mid-request leaves nothing half-made, and nothing of its own', async () => {
    const worker = program(({ rtnetns, threads }) => {
      const ignore = () => undefined;
      void rtnetns.currentNetns().then((here) => {
        for (let i = 0; i < 100; i++) {
          rtnetns.createNetns().catch(ignore);
          rtnetns.createNetns(`w${threads.workerData}-${i}`).catch(ignore);
          if (i % 10 === 0) rtnetns.createBridge(here, `br${threads.workerData}-${i}`).catch(ignore);
        }
        threads.parentPort?.postMessage('issued');
      });
    });

    const ended = await runProgram(
      program(async ({ rtnetns, fs, threads, tell, holdings }, text) => {
        const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
        const round = async (workerData: number) => {
          const child = new threads.Worker(text, { eval: true, workerData });
          await new Promise((resolve) => child.once('message', resolve));
          await pause(workerData);
          await child.terminate();
        };
        await round(100); // what node opens once
        const before = holdings(fs);
        for (let i = 0; i < 20; i++) await round(i);
        await pause(50);
        tell([before, holdings(fs)]);

        const names = await rtnetns.listNetns();
        tell({ names: names.length, stale: names.filter(({ stale }) => stale) });
      }, worker),
      { wrapper },
    );
    expect(ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    const [[before, after], names] = ended.told as [[object, object], { names: number; stale: unknown[] }];
    expect(after).toEqual(before);
    expect(before).toMatchObject({ threads: 0 });
    expect(names.stale).toEqual([]);
    // some rounds were cut off before their end, and some were not cut off at once: otherwise this test saw nothing
    expect(names.names).toBeGreaterThan(0);
    expect(names.names).toBeLessThan(2100);
  });
});
