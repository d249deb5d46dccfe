import net from 'node:net';
import { addAddr, connect, createNetns, listen, type Netns, setLink, waitForPort } from '../../../lib';
import { background, failure, run, until } from '../../support/ip';
import { closeServer, pair, shape, ss } from '../../support/sockets';
import { silencePort, unsilencePort } from '../../support/silence';

let scene: Awaited<ReturnType<typeof pair>>;
let red: Netns;
let blue: Netns;

/** Whether it is through, and when it was. */
function watched(port: Promise<void>) {
  const state = { done: false, at: 0 };
  const waiting = port.then(() => {
    state.done = true;
    state.at = performance.now();
  });
  return Object.assign(state, { waiting });
}

describe('waitForPort', () => {
  beforeAll(async () => {
    scene = await pair();
    ({ red, blue } = scene);
    await silencePort(blue, 7);
  });

  afterAll(async () => scene[Symbol.asyncDispose]());

  test('one that listens already, here and on another host', async () => {
    const server = await listen(blue, net.createServer(), { port: 80 });
    await waitForPort(blue, '127.0.0.1', 80);
    await waitForPort(blue, 'localhost', 80);
    await waitForPort(red, '10.0.0.2', 80);
    await waitForPort(red, 'fd00::2', 80);
    // its connections are gone
    await until(async () => (await ss(red, '-tn', 'state', 'established')).length === 0);
    await closeServer(server);
  });

  test('a server that speaks first, and takes no care of errors, is not reset', async () => {
    const ended: (Error | undefined)[] = [];
    const server = await listen(
      blue,
      net.createServer((socket) => {
        socket.end('hello').once('close', () => ended.push(socket.errored ?? undefined));
      }),
      { port: 80 },
    );
    for (let round = 0; round < 20; round++) await waitForPort(red, '10.0.0.2', 80);
    await until(() => ended.length === 20);
    expect(ended).toEqual(ended.map(() => undefined));
    await closeServer(server);
  });

  test("somebody else's server, soon after it has come", async () => {
    const state = watched(waitForPort(red, '10.0.0.2', 8000));
    // it has been refused by now
    await until(async () => /TcpOutRsts\s+[1-9]/.test(await run(blue, 'nstat', '-asz', 'TcpOutRsts')));
    expect(state.done).toBe(false);
    const python = `import socket, sys
s = socket.socket(); s.bind(('', 8000)); s.listen(); print('ready', flush=True); sys.stdin.read()`;
    await blue.lend('run', async ({ fd }) => {
      const into = `--net=/proc/${process.pid}/fd/${fd}`;
      await using server = await background('nsenter', into, 'python3', '-c', python);
      const ready = performance.now();
      await state.waiting;
      // the longest pause, and what a busy machine takes
      expect(state.at - ready).toBeLessThan(1000);
      server.stdin.end();
    });
  });

  test('a way there that comes to be: at once, by the events of the namespace', async () => {
    await using green = await createNetns('green');
    await setLink(green, 'lo', { up: true });
    const server = await listen(green, net.createServer(), { port: 80 });
    const state = watched(waitForPort(green, '10.9.9.9', 80));
    await run(green, 'sleep', '1'); // the pauses are at their longest
    expect(state.done).toBe(false);
    const rounds: number[] = [];
    for (let i = 1; i <= 5; i++) {
      const next = watched(waitForPort(green, `10.9.9.${i}`, 80));
      await run(green, 'sleep', '1');
      expect(next.done).toBe(false);
      const start = performance.now();
      await addAddr(green, 'lo', `10.9.9.${i}/32`);
      await next.waiting;
      rounds.push(next.at - start);
    }
    // each of five is there within a fraction of the pause
    expect(rounds.sort((a, b) => a - b)[2]).toBeLessThan(60);
    await addAddr(green, 'lo', '10.9.9.9/32');
    await state.waiting;
    await closeServer(server);
  });

  test('one that is silent at first', async () => {
    const server = await listen(blue, net.createServer(), { port: 7 });
    const state = watched(waitForPort(red, '10.0.0.2', 7));
    await until(async () => (await ss(red, '-tan', 'state', 'syn-sent')).length === 1);
    await unsilencePort(blue);
    await state.waiting;
    await silencePort(blue, 7);
    await closeServer(server);
  });

  test('the time is up', async () => {
    const refused = await failure(waitForPort(red, '10.0.0.2', 81, { timeout: 100 }));
    expect(shape(refused)).toMatchObject({
      message: 'connect ETIMEDOUT 10.0.0.2:81',
      code: 'ETIMEDOUT',
      errno: -110,
      syscall: 'connect',
      address: '10.0.0.2',
      port: 81,
    });
    expect(refused.cause).toMatchObject({ code: 'ECONNREFUSED' });
    const silent = failure(waitForPort(red, '10.0.0.2', 7, { timeout: 100 }));
    expect(await silent).toMatchObject({ code: 'ETIMEDOUT', cause: undefined });
    expect(await ss(red, '-tan', 'state', 'syn-sent')).toEqual([]);
  });

  test('a signal: before, between the attempts, and during one', async () => {
    const reason = new Error('enough');
    expect(await failure(waitForPort(red, '10.0.0.2', 81, { signal: AbortSignal.abort(reason) }))).toBe(
      reason,
    );
    for (const port of [81, 7]) {
      const controller = new AbortController();
      const waiting = failure(waitForPort(red, '10.0.0.2', port, { signal: controller.signal }));
      await run(red, 'sleep', '0.3');
      const aborted = performance.now();
      controller.abort(reason);
      expect(await waiting).toBe(reason);
      expect(performance.now() - aborted).toBeLessThan(100);
      expect(await ss(red, '-tan', 'state', 'syn-sent')).toEqual([]);
    }
  });

  test('wrong questions', async () => {
    expect(String(await failure(waitForPort(red, '10.0.0.256', 80)))).toContain('RangeError: host:');
    expect(String(await failure(waitForPort(red, '10.0.0.1', 0)))).toContain('RangeError: port:');
    expect(String(await failure(waitForPort(red, '10.0.0.1', 80, { timeout: NaN })))).toContain(
      'RangeError: timeout:',
    );
    // no attempt will ever do better
    expect(await failure(waitForPort(red, 'fe80::1', 80))).toMatchObject({ code: 'EINVAL' });
    const closed = await createNetns();
    closed.close();
    expect(await failure(waitForPort(closed, '10.0.0.1', 80))).toMatchObject({ code: 'ERR_NETNS_CLOSED' });
    expect(await failure(connect(closed, { port: 80 }))).toMatchObject({ code: 'ERR_NETNS_CLOSED' });
  });
});
