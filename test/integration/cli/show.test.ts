import { type Addr, createNetns, createVeth, type Link, type Route, type Rule } from '../../../lib';
import { CLI, outside, powerless, rtnetns } from '../../support/cli';
import { ip, run } from '../../support/ip';
import { linked, netnsWithPair } from '../../support/namespaces';
import { typeAt } from '../../support/typist';

/** The lines below a heading of the page. */
function section(page: string, heading: string): string[] {
  const [, lines = ''] = new RegExp(`^${heading}\\n((  .*\\n)+)`, 'm').exec(page) ?? [];
  return lines
    .split('\n')
    .slice(0, -1)
    .map((line) => line.slice(2));
}

/** The lines that ip prints. */
const ipLines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd().replace('\t', ' '));

const HOSTILE = 'e\x1b[31mvil';

describe('rtnetns show', () => {
  test('prints links as ip has them', async () => {
    await using pair = await linked({ names: ['red', 'blue'], addrs: ['10.0.1.#/24'], addrGenMode: 'none' });
    await run(pair.red, 'ip', 'link', 'add', 'br0', 'type', 'bridge');
    await run(pair.red, 'ip', 'link', 'set', 'eth0', 'master', 'br0', 'alias', 'uplink');
    await createVeth({ netns: pair.red, name: 'one', up: true }, { netns: pair.red, name: 'other' });
    const { status, stdout, stderr } = rtnetns('show', 'red');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const [mac, id] = await Promise.all([
      ip(pair.red, 'link').then(
        (links) => (name: string) => links.find((one) => one['ifname'] === name)!['address'] as string,
      ),
      ip(pair.red, 'link', 'show', 'eth0').then(([eth0]) => eth0!['link_netnsid'] as number),
    ]);
    expect(stdout.split('\n')[0]).toBe(`red  net:[${pair.red.ino}]`);
    const squeezed = section(stdout, 'links').map((line) => line.replace(/(?<=\S) +/g, ' '));
    const eth0 = `^eth0 up mtu 1500 ${mac('eth0')} veth peer if\\d+ in nsid ${id} master br0 alias uplink$`;
    // in the order of their indexes, which createVeth chooses
    const order = (await ip(pair.red, 'link')).map((one) => one['ifname']);
    expect(squeezed.filter((line) => !line.startsWith(' ')).map((line) => line.split(' ')[0])).toEqual(order);
    expect(squeezed).toHaveLength(6);
    expect(squeezed).toEqual(
      expect.arrayContaining([
        `lo down mtu 65536 ${mac('lo')}`,
        expect.stringMatching(eth0),
        `br0 down mtu 1500 ${mac('br0')} bridge`,
        `other down mtu 1500 ${mac('other')} veth peer one`,
        `one no-carrier mtu 1500 ${mac('one')} veth peer other`,
      ]),
    );
    expect(squeezed[squeezed.findIndex((line) => line.startsWith('eth0 ')) + 1]).toBe('    10.0.1.1/24');
  });

  test('prints routes and rules as ip does', async () => {
    await using pair = await linked({ names: ['red'], addrs: ['10.0.1.#/24'], addrGenMode: 'none' });
    const changes = [
      'route add default via 10.0.1.2 metric 7',
      'route add 10.9.0.0/16 table 7 nexthop via 10.0.1.2 weight 2 nexthop via 10.0.1.3 weight 1',
      'route add blackhole 10.8.0.0/16',
      'rule add priority 100 not from 10.0.0.0/8 to 10.1.0.1 fwmark 0x1/0xff lookup 7',
      'rule add priority 101 from all iif eth0 ipproto 6 sport 80 dport 80-90 lookup main suppress_prefixlength 0',
      'rule add priority 102 from all uidrange 0-7 blackhole',
      'rule add priority 103 from all goto 32766',
    ];
    for (const change of changes) await run(pair.red, 'ip', ...change.split(' '));
    await run(pair.red, 'ip', '-6', 'rule', 'add', 'priority', '104', 'fwmark', '3', 'lookup', '7');
    const { stdout } = rtnetns('show', 'red');
    const routes = section(stdout, 'routes');
    const main = routes.filter((line) => !line.includes(' table 7'));
    expect(main).toEqual(ipLines(await run(pair.red, 'ip', 'route')));
    expect(routes).toContain(
      '10.9.0.0/16 table 7 nexthop via 10.0.1.2 dev eth0 weight 2 nexthop via 10.0.1.3 dev eth0 weight 1',
    );
    const theirs = ipLines(await run(pair.red, 'ip', 'rule')).filter((line) => /^10\d:/.test(line));
    expect(theirs).toHaveLength(4);
    expect(
      section(stdout, 'rules')
        .slice(0, 4)
        .map((line) => line.replace('ipproto 6', 'ipproto tcp')),
    ).toEqual(theirs);
    expect(section(stdout, 'rules').slice(4)).toEqual(['104: from all fwmark 0x3 lookup 7 (IPv6)']);
  });

  test('--json has the objects that the library lists', async () => {
    await using pair = await linked({ names: ['red', 'blue'] });
    const { stdout } = rtnetns('show', 'red', '--json');
    const shown = JSON.parse(stdout) as {
      name: string;
      ino: number;
      links: (Link & { addrs: Addr[] })[];
      routes: Route[];
      rules: Rule[];
    };
    expect(shown).toMatchObject({ name: 'red', ino: pair.red.ino, rules: [] });
    const [, theirs] = await ip(pair.red, 'addr');
    const [, eth0] = shown.links;
    expect(eth0).toMatchObject({
      name: theirs!['ifname'],
      index: theirs!['ifindex'],
      mac: theirs!['address'],
    });
    const locals = (theirs!['addr_info'] as { local: string; prefixlen: number }[]).map(
      ({ local, prefixlen }) => `${local}/${prefixlen}`,
    );
    expect(eth0!.addrs.map(({ addr }) => addr).sort()).toEqual(locals.sort());
  });

  test('prints what others have named without what a terminal would carry out', async () => {
    await using red = await netnsWithPair('red', {}, [HOSTILE, 'eth1']);
    await run(red, 'ip', 'link', 'set', 'eth1', 'alias', 'a\x1b]0;title\x07');
    for (const args of [['red'], ['red', '--json']]) {
      const { status, stdout } = rtnetns('show', ...args);
      expect(stdout).not.toContain('\x1b');
      expect(stdout).not.toContain('\x07');
      expect(status).toBe(0);
    }
    expect(rtnetns('show', 'red').stdout).toContain('veth peer e\\x1b[31mvil alias a\\x1b]0;title\\x07');
  });

  test('is coloured at a terminal, but not with NO_COLOR', async () => {
    await using red = await createNetns('red');
    // Node takes the terminals of CI services to show no colours, unless it knows the service.
    const { NO_COLOR: _, FORCE_COLOR: __, CI: ___, ...env } = outside();
    const at = (more: object) =>
      typeAt([], [process.execPath, CLI, 'show', 'red'], { ...env, TERM: 'xterm', ...more });
    expect(at({}).stdout).toContain(`\x1b[1mred  net:[${red.ino}]\x1b[22m`);
    expect(at({}).stdout).toContain('\x1b[36mlo\x1b[39m  \x1b[31mdown\x1b[39m  mtu');
    expect(at({ NO_COLOR: '1' }).stdout.replaceAll('\r', '')).toBe(rtnetns('show', 'red').stdout);
    expect(rtnetns('show', 'red').stdout).not.toContain('\x1b');
  });

  test('names the capability that is missing, but shows the current namespace', async () => {
    await using red = await createNetns('red');
    expect(powerless('show', 'red').stderr).toMatch(
      /^rtnetns: EPERM: .* red: CAP_SYS_ADMIN is missing .*\n$/,
    );
    expect(powerless('show')).toMatchObject({ status: 0, stderr: '', stdout: rtnetns('show').stdout });
    expect(red.name).toBe('red');
  });
});
