import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { WatchEvent } from '../../../lib';
import { CLI, outside, powerless, rtnetns } from '../../support/cli';
import { run } from '../../support/ip';
import { linked, netnsWithPair } from '../../support/namespaces';

/** Starts a watch, and reads its lines up to the first one that passes the test. */
function startWatch(...args: string[]) {
  const child = spawn(process.execPath, [CLI, 'watch', ...args], {
    env: outside(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async upTo(isLast: (line: string) => boolean): Promise<string[]> {
      const read: string[] = [];
      for (;;) {
        const next = await lines.next();
        if (next.done === true) throw new Error(`the watch ended after ${read.join('\n')}`);
        read.push(next.value);
        if (isLast(next.value)) return read;
      }
    },
    async end(signal: NodeJS.Signals): Promise<unknown[]> {
      child.kill(signal);
      return once(child, 'exit');
    },
  };
}

const HOSTILE = 'e\x1b[31mvil';

describe('rtnetns watch', () => {
  test('prints what there is, and each change, until SIGINT', async () => {
    await using pair = await linked({ names: ['red', 'blue'], addrs: ['10.0.1.#/24'], addrGenMode: 'none' });
    const watching = startWatch('red');
    const present = await watching.upTo((line) => line === 'ready');
    expect(present).toContainEqual(
      expect.stringMatching(/^present link eth0 up [0-9a-f:]+ mtu 1500 veth peer if\d+ in nsid \d+$/),
    );
    expect(present).toContain('present addr 10.0.1.1/24 dev eth0');
    expect(present).toContain('present route 10.0.1.0/24 dev eth0 proto kernel scope link src 10.0.1.1');
    expect(present).toContain('present rule 32766: from all lookup main');

    await run(pair.red, 'ip', 'link', 'set', 'eth0', 'mtu', '1400');
    const [changed] = await watching.upTo((line) => line.includes('mtu 1500 → 1400'));
    expect(changed).toMatch(/^changed link eth0 up .* mtu 1400 veth .* \(mtu 1500 → 1400\)$/);

    await run(pair.red, 'ip', 'link', 'del', 'eth0');
    const gone = await watching.upTo((line) => line.startsWith('gone route 10.0.1.0/24'));
    expect(gone).toContain('gone addr 10.0.1.1/24 dev eth0');
    expect(gone).toContainEqual(expect.stringMatching(/^gone link eth0 /));
    expect(gone.at(-1)).toBe('gone route 10.0.1.0/24 dev eth0 proto kernel scope link src 10.0.1.1');
    expect(await watching.end('SIGINT')).toEqual([0, null]);
  });

  test('--json prints an event a line, until SIGTERM', async () => {
    await using red = await netnsWithPair('red', {}, [HOSTILE, 'eth1']);
    const watching = startWatch('red', '--json');
    const lines = await watching.upTo((line) => line === '{"kind":"ready"}');
    const events = lines.map((line) => JSON.parse(line) as WatchEvent);
    const names = events.flatMap((event) => (event.kind === 'link' ? event.link.name : []));
    expect(names.sort()).toEqual([HOSTILE, 'eth1', 'lo'].sort());
    expect(lines.join()).not.toContain('\x1b');
    await run(red, 'ip', 'link', 'set', 'eth1', 'mtu', '1400');
    const [changed] = await watching.upTo((line) => line.includes('"mtu":1400'));
    expect(JSON.parse(changed!)).toMatchObject({
      kind: 'link',
      change: 'changed',
      link: { name: 'eth1', mtu: 1400 },
      changes: ['mtu'],
    });
    expect(await watching.end('SIGTERM')).toEqual([0, null]);
  });

  test('prints a hostile name without what a terminal would carry out', async () => {
    await using red = await netnsWithPair('red', {}, [HOSTILE, 'eth1']);
    const watching = startWatch('red');
    await watching.upTo((line) => line === 'ready');
    await run(red, 'ip', 'addr', 'add', '10.0.0.1/24', 'dev', HOSTILE);
    const added = await watching.upTo((line) => line.startsWith('new addr'));
    expect(added.at(-1)).toBe('new addr 10.0.0.1/24 dev e\\x1b[31mvil');
    expect(await watching.end('SIGINT')).toEqual([0, null]);
  });

  test('wrong input', async () => {
    await using red = await netnsWithPair('red');
    expect(rtnetns('watch', '\x1b')).toMatchObject({
      status: 2,
      stderr: 'rtnetns: ENOENT: open namespace \\x1b: there is no such namespace (open)\n',
    });
    expect(powerless('watch', 'red').stderr).toMatch(
      /^rtnetns: EPERM: .*red: CAP_SYS_ADMIN is missing [^\n]*\n$/,
    );
    expect(red.name).toBe('red');
  });
});
