import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createNetns, type Netns } from '../../../lib';
import { native } from '../../../lib/addon/native';
import { inetSocket } from '../../../lib/sockets/inet/inet-socket';
import { run } from '../../support/ip';
import { program, start } from '../../support/program';

let netns: Netns;

describe('native', () => {
  beforeAll(async () => {
    netns = await createNetns();
  });

  afterAll(() => netns.close());

  test('errors have code, errno and syscall, thrown as well as rejected', async () => {
    const missing = { code: 'ENOENT', errno: 2, syscall: 'open' };
    expect(() => native().openNetns('/nowhere')).toThrow(expect.objectContaining(missing) as Error);
    await expect(native().openFile('/nowhere', 0, 0)).rejects.toMatchObject(missing);
    // two names of one number: the kernel's own
    const socket = { ...inetSocket(4, 'datagram', {}), backlog: 1 };
    await expect(netns.openSocket('test', socket)).rejects.toMatchObject({ code: 'EOPNOTSUPP' });
    const refused = { code: 'EOPNOTSUPP', errno: 95, syscall: 'listen' };
    await expect(native().openSocket(null, socket)).rejects.toMatchObject(refused);
  });

  test('a specification of a socket may be changed, and used again', async () => {
    const spec = inetSocket(4, 'stream', {});
    const first = await native().openSocket(null, spec);
    spec.type = 2; // SOCK_DGRAM
    const second = await native().openSocket(null, spec);
    const type = (socket: typeof first) => native().getSocketOption(socket, 1, 3, 4).readInt32LE(); // SO_TYPE
    expect([first, second].map(type)).toEqual([1, 2]);
    first.close();
    second.close();
  });

  test('where no thread can be started, a request is refused, and the next one is not', async () => {
    const { child, ended } = start(
      program(async ({ rtnetns, fs, tell }) => {
        await fs.promises.stat('/'); // starts the threads of libuv, which could not do without
        (await rtnetns.currentNetns()).close(); // loads the addon, and starts none of its threads
        const told = (error: Error) => tell(error.message);
        process.stdin.on('data', () => void rtnetns.createNetns().then(() => tell('done'), told));
        tell('ready');
      }),
    );
    await once(child.stdout!, 'data');
    const pid = String(child.pid);
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[0]);
    // less than the stack of a thread
    await run(undefined, 'prlimit', '--pid', pid, `--as=${pages * 4096 + 2 ** 22}:`);
    child.stdin!.write('go\n');
    await once(child.stdout!, 'data');
    await run(undefined, 'prlimit', '--pid', pid, '--as=unlimited');
    child.stdin!.end('go\n');
    const refusal = expect.stringMatching(/^EAGAIN: create namespace .*\(pthread_create\)$/) as string;
    expect(await ended).toMatchObject({ code: 0, stderr: '', told: ['ready', refusal, 'done'] });
  });
});
