import { createNetns, listLinks } from '../../../lib';
import { onOldKernel } from '../../support/old-kernel';
import { program } from '../../support/program';

// The kernel is one whose worker for carriers does not come. Then a creation waits for two seconds.
const UNSEEN = 'RTNETNS_UNSEEN=1';

describe('createStar, createVeth', () => {
  test('the wait for the carriers ends with the signal, and with the handle', async () => {
    await using hub = await createNetns('hub');
    const create = program(async ({ rtnetns, tell }) => {
      const [netns, other, blue] = await Promise.all([
        rtnetns.openNetns('hub'),
        rtnetns.openNetns('hub'),
        rtnetns.createNetns(),
      ]);
      const bridge = { name: 'br0' };
      const members = [{}, {}];
      const outcome = async (call: Promise<unknown>) => {
        const begin = performance.now();
        const error = await call.then(
          () => undefined,
          (reason: unknown) => reason,
        );
        const { code, rollbackErrors } = (error ?? {}) as { code?: string; rollbackErrors?: unknown };
        tell({ code, rollbackErrors, soon: performance.now() - begin < 1500 });
      };
      const star = async (onFailure: 'rollback' | 'keep') => {
        const abort = new AbortController();
        const onProgress = (done: number, all: number) => {
          if (done === all)
            setTimeout(() => abort.abort(Object.assign(new Error('enough'), { code: 'ENOUGH' })), 300);
        };
        return rtnetns.createStar(netns, { bridge, members, onProgress, onFailure, signal: abort.signal });
      };
      await outcome(star('rollback'));
      await outcome(star('keep').then(async (made) => rtnetns.deleteStar(netns, made)));
      setTimeout(() => other.close(), 300);
      const end = { name: 'eth0', up: true };
      await outcome(rtnetns.createVeth({ netns: other, ...end }, { netns: blue, ...end }));
      setTimeout(() => netns.close(), 300);
      await outcome(rtnetns.createStar(netns, { bridge, members }));
    });
    const { told, stderr } = await onOldKernel(create, UNSEEN);
    expect({ told, stderr }).toEqual({
      told: [
        { code: 'ENOUGH', soon: true },
        { soon: true },
        { code: 'ERR_NETNS_CLOSED', soon: true },
        { code: 'ERR_NETNS_CLOSED', soon: true },
      ],
      stderr: '',
    });
    expect((await listLinks(hub)).map(({ name }) => name)).toEqual(['lo']);
  });

  test('a pair stays where the system has no descriptor to wait by', async () => {
    const create = program(async ({ rtnetns, fs, tell }) => {
      const [red, blue] = await Promise.all([rtnetns.createNetns(), rtnetns.createNetns()]);
      const held: number[] = [];
      try {
        for (;;) held.push(fs.openSync('/dev/null', 'r'));
      } catch (error) {
        tell((error as NodeJS.ErrnoException).code);
      }
      const end = { name: 'eth0', up: true };
      const made = await rtnetns
        .createVeth({ netns: red, ...end }, { netns: blue, ...end })
        .catch((error: unknown) => String(error));
      held.forEach((fd) => fs.closeSync(fd));
      tell(made);
    });
    const { told, stderr } = await onOldKernel(create, UNSEEN, 'prlimit', '--nofile=100');
    const end = expect.objectContaining({ name: 'eth0' }) as unknown;
    expect({ told, stderr }).toEqual({ told: ['EMFILE', [end, end]], stderr: '' });
  });
});
