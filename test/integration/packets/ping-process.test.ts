import { type Netns } from '../../../lib';
import { node, run, script } from '../../support/ip';
import { linked } from '../../support/namespaces';
import { silenceAddress } from '../../support/silence';

// Pings of other processes and threads: how they end, and what they may do.

let red: Netns;
let blue: Netns;

/** The text of a script, for a worker to evaluate. */
const text = (source: string): string => script(source).at(-1)!;

describe('ping', () => {
  beforeAll(async () => {
    ({ red, blue } = await linked({ names: ['ping-red'] }));
    for (const setting of ['neigh.eth0.retrans_time_ms=50', 'icmp_msgs_burst=1000']) {
      // older kernels have one icmp_msgs_burst for all namespaces, and none in this one
      await run(red, 'sysctl', '-eqw', `net.ipv4.${setting}`);
    }
    await run(red, 'ip', 'link', 'set', 'lo', 'up');
    // a silent one beside the one that answers
    await silenceAddress(red, 'eth0', '10.0.1.3');
  });

  afterAll(async () => {
    await red[Symbol.asyncDispose]();
    blue.close();
  });

  test('a process ends when its ping has, and not before', async () => {
    const told = await node(`
    const red = await rtnetns.openNetns('ping-red');
    process.on('exit', () => say('exit'));
    rtnetns.ping(red, '10.0.1.3', { timeout: 200 }).then(({ packets }) => say(packets[0].status));
    red.close();`);
    expect(told).toEqual(['timeout', 'exit']);
  });

  test('process.exit, an uncaught error and a signal in the midst of pings', async () => {
    const pinging = (end: string) => `
    const red = await rtnetns.openNetns('ping-red');
    for (let i = 0; i < 20; i++) {
      rtnetns.ping(red, '10.0.1.2', { count: 60000, interval: 1 }).catch(say);
      rtnetns.ping(red, '10.0.1.3', { timeout: 60000 }).catch(say);
    }
    setTimeout(() => { say('ending'); ${end} }, 100);`;
    const started = performance.now();
    const wrapped = async (end: string) => node(pinging(end), 'sh', '-c', '"$@" 2>/dev/null; echo $?', 'sh');
    expect(await wrapped('process.exit(7)')).toEqual(['ending', 7]);
    expect(await wrapped('throw new Error()')).toEqual(['ending', 1]);
    expect(await wrapped('process.kill(process.pid, "SIGTERM")')).toEqual(['ending', 128 + 15]);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  test('in a worker, beside the main thread', async () => {
    const worker = text(`
    const { parentPort } = require('node:worker_threads');
    const red = await rtnetns.openNetns('ping-red');
    const { received, rtt } = await rtnetns.ping(red, '10.0.1.2', { count: 5, interval: 10 });
    parentPort.postMessage([received, rtt.min > 0 && rtt.max < 1000]);
    red.close();`);
    const told = await node(`
    const { Worker } = require('node:worker_threads');
    const red = await rtnetns.openNetns('ping-red');
    const workers = [1, 2].map(() => new Worker(${JSON.stringify(worker)}, { eval: true }));
    for (const worker of workers) worker.on('message', say).on('exit', say).on('error', say);
    const { received } = await rtnetns.ping(red, '10.0.1.2', { count: 5, interval: 10 });
    say(received);`);
    expect(told.filter((value) => Array.isArray(value))).toEqual([
      [5, true],
      [5, true],
    ]);
    expect(told.filter((value) => !Array.isArray(value)).sort()).toEqual([0, 0, 5]);
  });

  test('a worker that is terminated in the midst of pings leaves no thread and no descriptor', async () => {
    const worker = text(`
    const { parentPort } = require('node:worker_threads');
    const red = await rtnetns.openNetns('ping-red');
    for (let i = 0; i < 20; i++) {
      rtnetns.ping(red, '10.0.1.2', { count: 60000, interval: 1 });
      rtnetns.ping(red, '10.0.1.3', { timeout: 60000 });
    }
    parentPort.postMessage('pinging');`);
    const told = await node(`
    const { Worker } = require('node:worker_threads');
    const { readdirSync } = require('node:fs');
    const { once } = require('node:events');
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const round = async (ms) => {
      const worker = new Worker(${JSON.stringify(worker)}, { eval: true });
      await once(worker, 'message');
      await pause(ms);
      await worker.terminate();
    };
    const held = () => ['fd', 'task'].map((what) => readdirSync('/proc/self/' + what).length);
    await round(20);
    const before = held();
    for (let ms = 0; ms < 16; ms += 2) await round(ms);
    await pause(50);
    say(before);
    say(held());`);
    expect(told).toHaveLength(2);
    expect(told[1]).toEqual(told[0]);
  });

  test('a namespace that may not be entered takes CAP_SYS_ADMIN', async () => {
    const [told] = await node(
      `const red = await rtnetns.openNetns('ping-red');
      say(await told(rtnetns.ping(red, '127.0.0.1')));
      red.close();`,
      ...['setpriv', '--bounding-set=-sys_admin,-net_raw', '--inh-caps=-sys_admin,-net_raw'],
    );
    expect(told).toMatchObject({ name: 'NetnsError', code: 'EPERM' });
    expect((told as Error).message).toContain(': CAP_SYS_ADMIN is missing');
  });

  describe('without CAP_NET_RAW', () => {
    const inRed = async (source: string): Promise<unknown[]> =>
      red.lend('run', async ({ fd }) =>
        node(
          source,
          ...['nsenter', `--net=/proc/${process.pid}/fd/${fd}`],
          ...['setpriv', '--bounding-set=-net_raw', '--inh-caps=-net_raw'],
        ),
      );
    const pings = `
    const here = await rtnetns.currentNetns();
    const show = (result) => result.value
      ? say(result.value.packets.map(({ status, code, from, ttl }) => [status, code ?? ttl, from]))
      : say(result);`;

    test('it is refused, with what is missing, where ping sockets are not allowed either', async () => {
      const told = await inRed(`${pings} for (const address of ['127.0.0.1', '::1']) {
      show(await told(rtnetns.ping(here, address)));
    }`);
      for (const error of told as { message: string }[]) {
        expect(error).toMatchObject({ name: 'NetnsError', code: 'EPERM' });
        expect(error.message).toMatch(
          /CAP_NET_RAW is missing in the user namespace .*ping_group_range.*: run as root, give the process /,
        );
      }
      expect(told).toHaveLength(2);
    });

    test("the kernel's ping sockets do the same", async () => {
      await run(red, 'sysctl', '-qw', 'net.ipv4.ping_group_range=0 0');
      const told = await inRed(`${pings}
      const options = { count: 2, interval: 20, timeout: 400 };
      for (const address of ['10.0.1.2', 'fd00::2', '::1', '10.0.1.3', '10.0.1.99', '192.0.2.1']) {
        show(await told(rtnetns.ping(here, address, options)));
      }
      show(await told(rtnetns.ping(here, '10.0.1.2', { size: 65507, ttl: 9, device: 'eth0' })));
      const many = await Promise.all(Array.from({ length: 50 }, () => rtnetns.ping(here, '10.0.1.2', options)));
      say(many.filter(({ received }) => received === 2).length);
      say((await told(rtnetns.ping(here, '10.0.1.3', { signal: AbortSignal.timeout(20) }))).name);`);
      const twice = (...row: unknown[]) => [row, row];
      expect(told).toEqual([
        twice('reply', 64, '10.0.1.2'),
        twice('reply', 64, 'fd00::2'),
        twice('reply', 64, '::1'),
        twice('timeout', null, null),
        twice('unreachable', 'EHOSTUNREACH', '10.0.1.1'),
        twice('unreachable', 'ENETUNREACH', null),
        [['reply', 64, '10.0.1.2']],
        50,
        'TimeoutError',
      ]);
    });
  });
});
