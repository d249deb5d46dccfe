import { deleteNetns, listNetns } from '../../../lib';
import { native } from '../../../lib/addon/native';
import { backlogDone } from '../../support/backlog';
import { ip, until } from '../../support/ip';
import { program, runProgram, start } from '../../support/program';

describe('native', () => {
  afterAll(backlogDone);

  describe('process.exit() in mid-request', () => {
    afterEach(async () => {
      await Promise.all((await listNetns()).map(({ name }) => deleteNetns(name)));
    });

    test.each([0, 1, 5, 20])('after %d ms', async (ms) => {
      const { code, signal, stderr, told } = await runProgram(
        program(({ rtnetns, tell }, after) => {
          let settled = 0;
          for (let i = 0; i < 2000; i++) {
            void rtnetns.createNetns(i % 2 === 0 ? undefined : `half${i}`).then(({ name }) => {
              if (name !== undefined) settled++;
            });
          }
          const leave = () => {
            tell(settled);
            process.exit(7);
          };
          if (after === 0) leave();
          else setTimeout(leave, after);
        }, ms),
      );
      expect({ code, signal, stderr }).toEqual({ code: 7, signal: null, stderr: '' });
      const left = await listNetns();
      expect(left.filter(({ stale }) => stale)).toEqual([]);
      // Only what runs is waited for. What had run without the program's knowledge is a few; what waited is not carried out.
      expect(left.length - (told[0] as number)).toBeLessThan(500);
    });
  });

  test('process.exit() while workers begin and end', async () => {
    const worker = program(async ({ rtnetns }) => {
      await Promise.all(Array.from({ length: 5 }, () => rtnetns.createNetns()));
    });
    const { code, signal, stderr } = await runProgram(
      program(async ({ rtnetns, threads }, text) => {
        await rtnetns.createNetns();
        const workers = Array.from({ length: 4 }, () => new threads.Worker(text, { eval: true }));
        await new Promise((resolve) => workers.forEach((one) => one.once('exit', resolve)));
        process.exit(7);
      }, worker),
    );
    expect({ code, signal, stderr }).toEqual({ code: 7, signal: null, stderr: '' });
  });

  test('workers that are terminated while they load the addon', async () => {
    const { code, signal, stderr, told } = await runProgram(
      program(async ({ threads, tell }, addon) => {
        const text = `require(${JSON.stringify(addon)})`;
        const terminated = async (i: number) => {
          const worker = new threads.Worker(text, { eval: true });
          await new Promise((resolve) => worker.once('online', resolve));
          await new Promise((resolve) => setTimeout(resolve, i % 4));
          await worker.terminate();
        };
        const row = async () => {
          for (let i = 0; i < 8; i++) await terminated(i);
        };
        await Promise.all(Array.from({ length: 8 }, row));
        tell('all');
        process.exit(7);
      }, native().path),
    );
    expect({ code, signal, stderr, told }).toEqual({ code: 7, signal: null, stderr: '', told: ['all'] });
  });

  test('process.exit() while links are made', async () => {
    const { code, signal, stderr } = await runProgram(
      program(async ({ rtnetns }) => {
        const netns = await rtnetns.createNetns();
        const ignore = () => undefined;
        for (let i = 0; i < 500; i++) rtnetns.createBridge(netns, `br${i}`).catch(ignore);
        setTimeout(() => process.exit(7), 5);
      }),
    );
    expect({ code, signal, stderr }).toEqual({ code: 7, signal: null, stderr: '' });
  });

  test('an uncaught exception in mid-request ends the process as ever', async () => {
    const { code, signal, stderr } = await runProgram(
      program(({ rtnetns }) => {
        for (let i = 0; i < 50; i++) void rtnetns.createNetns();
        throw new Error('of the application');
      }),
    );
    expect({ code, signal }).toEqual({ code: 1, signal: null });
    expect(stderr).toContain('Error: of the application');
  });

  test('an anonymous namespace is gone with its process, even after SIGKILL', async () => {
    const { child, ended } = start(
      program(async ({ rtnetns }) => {
        const netns = await rtnetns.createNetns();
        const here = await rtnetns.currentNetns();
        await rtnetns.createVeth({ netns: here, name: 'outside' }, { netns, name: 'inside' });
        setInterval(() => undefined, 1000);
      }),
    );
    const shown = async () => (await ip(undefined, 'link')).map(({ ifname }) => ifname as string);
    await until(async () => (await shown()).includes('outside'));
    child.kill('SIGKILL');
    expect((await ended).signal).toBe('SIGKILL');
    await until(async () => !(await shown()).includes('outside'));
  });

  test('a process with open handles ends by itself when nothing is pending', async () => {
    const { code, signal, stderr, told } = await runProgram(
      program(async ({ rtnetns, tell }) => {
        const here = await rtnetns.currentNetns();
        const netns = await rtnetns.createNetns();
        const again = await rtnetns.openNetns({ path: `/proc/${process.pid}/ns/net` });
        await rtnetns.createBridge(netns, 'br0');
        const counts = await Promise.all([here, netns, again].map((handle) => rtnetns.listLinks(handle)));
        tell(counts.map((links) => links.length));
        const answered = Date.now();
        process.once('beforeExit', () => {
          tell(Date.now() - answered);
        });
        // held to the end, or the finalizers would close them
        process.on('exit', () => [here, netns, again].every((handle) => handle.open));
      }),
    );
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    expect(told[0]).toEqual([1, 2, 1]);
    expect(told[1]).toBeLessThan(1000);
  });

  test('a pending request alone keeps the process alive', async () => {
    const { code, told } = await runProgram(
      program(({ rtnetns, tell }) => {
        void rtnetns.createNetns().then(({ name }) => {
          tell(String(name));
        });
      }),
    );
    expect({ code, told }).toEqual({ code: 0, told: ['undefined'] });
  });
});
