import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../support/cli';
import { printedIn, runPrinted } from '../../support/printed';

const DEBUG = ['env', 'NODE_DEBUG=rtnetns', 'sh', '-c', 'exec "$@" 2>&1', 'sh'];

const PAGE = 'docs/debugging.md';
const [printing = '', tracing = ''] = printedIn(PAGE);

/** What is printed with NODE_DEBUG=rtnetns, without the number of the process. */
const debugged = (example: string): string =>
  runPrinted(example, ...DEBUG).replaceAll(/^RTNETNS \d+: /gm, '');

describe('docs/debugging.md', () => {
  test('the first example prints what the page shows', () => {
    const shown = /```text\n(.*?)```/s.exec(readFileSync(join(ROOT, PAGE), 'utf8'))?.[1];
    expect(debugged(printing)).toBe(shown);
  });

  test('without NODE_DEBUG it prints nothing', () => {
    expect(runPrinted(printing)).toBe('EEXIST\n');
  });

  test('the channels bring requests and events', () => {
    const lines = runPrinted(tracing).trim().split('\n');
    expect(lines).toContain('create bridge br0 in red: RTM_NEWLINK, done');
    expect(lines).toContain('set link br9 in red: RTM_NEWLINK, ENODEV');
    expect(lines).toContain('set link br0 in red: RTM_NEWLINK, done');
    expect(lines).toContain('RTM_NEWLINK of br0 in red');
  });

  test('a watch: its dump, and its events', () => {
    const text = debugged(`
      import { createNetns, setLink, watch } from 'rtnetns';
      const red = await createNetns('red');
      for await (const { kind } of watch(red, { links: true })) {
        if (kind === 'ready') await setLink(red, 'lo', { mtu: 1400 });
        else if (kind === 'link' && (await setLink(red, 'lo', { mtu: 1400 }), true)) break;
      }
    `);
    expect(text).toMatch(/^→ RTM_GETLINK seq \d{10} DUMP \{extMask: 8\} in red$/m);
    expect(text).toMatch(/^← RTM_NEWLINK seq \d{10} \{.*name: 'lo'.*\} in red$/m);
    expect(text).toMatch(/^← done seq \d{10} in red$/m);
  });

  test('what waitGone waits for', () => {
    const text = debugged(`
      import { createNetns, deleteNetns } from 'rtnetns';
      await deleteNetns(await createNetns('red'), { wait: true });
    `);
    expect(text).toMatch(/^← RTM_DELNSID seq 0 \{nsid: 0\} in net:\[\d+\]$/m);
    expect(text).toMatch(/^← RTM_DELLINK seq 0 \{.*\} in net:\[\d+\]$/m);
  });

  test('a star: both datagrams of a member', () => {
    const lines = debugged(`
      import { createNetns, createStar } from 'rtnetns';
      const hub = await createNetns('hub');
      const members = [{ name: 'red', device: { addrs: ['10.0.0.2/24'] }, port: { name: 'port' } }];
      await createStar(hub, { bridge: { name: 'br0' }, members });
    `).split('\n');
    /** The number of the one request like this. */
    const numberOf = (line: RegExp) => {
      const found = lines.flatMap((one) => line.exec(one)?.[1] ?? []);
      expect(found).toHaveLength(1);
      return found[0]!;
    };
    const pair = numberOf(/^→ RTM_NEWLINK seq (\d+) CREATE\|EXCL \{.*name: 'port'.*kind: 'veth'.*\} in hub$/);
    expect(lines).toContain(`← ack seq ${pair} in hub`);
    const addr = numberOf(/^→ RTM_NEWADDR seq (\d+) .*local: '10.0.0.2'.* in red$/);
    expect(lines).toContain(`← ack seq ${addr} in red`);
  });

  test('nf_tables, its events, conntrack and the list of sockets', () => {
    const text = debugged(`
      import { createNetns, doctor, listConntrack, nft } from 'rtnetns';
      const red = await createNetns('red');
      for await (const { kind } of nft.watchRuleset(red)) {
        if (kind === 'ruleset') nft.apply(red, [nft.addTable({ family: 'inet', name: 'a' })]);
        else if (kind === 'transaction') break;
      }
      await listConntrack(red);
      await doctor(red, { port: 80 });
    `);
    expect(text).toMatch(/^→ NFNL_MSG_BATCH_BEGIN seq \d+ .* in red$/m);
    const [, table = ''] = /^→ NFT_MSG_NEWTABLE seq (\d+) .*name: 'a'.* in red$/m.exec(text) ?? [];
    expect(text).toMatch(new RegExp(`^← NFT_MSG_NEWTABLE seq ${table} .*name: 'a'.* in red$`, 'm'));
    expect(text).toMatch(new RegExp(`^← NFT_MSG_NEWGEN seq ${table} .* in red$`, 'm'));
    expect(text).toMatch(
      /^→ SOCK_DIAG_BY_FAMILY seq \d+ DUMP \{family: 2, protocol: 6, states: 1024\} in red$/m,
    );
    expect(text).toMatch(/^→ IPCTNL_MSG_CT_GET seq \d+ DUMP \{.*\} in red$/m);
  });
});
