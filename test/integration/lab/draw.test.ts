import {
  addAddr,
  addRoute,
  createBridge,
  createLab,
  createNetns,
  createVeth,
  draw,
  type Netns,
  setImpairment,
  setLink,
} from '../../../lib';
import { testWith } from '../../support/capabilities';
import { ip, type Json } from '../../support/ip';

const definition = {
  switches: { lan: { subnet: '10.0.0.0/24' }, wan: { subnet: '10.1.0.0/24', mtu: 1400 } },
  routers: { r1: { ports: ['lan', 'wan'] } },
  nodes: { 'web{1..2}': { ports: 'lan' }, server: { ports: 'wan' } },
  links: [{ ends: ['web1', 'server'] }],
} as const;

/** The lines of a node, made of what `ip` shows. */
async function shown(name: string, netns: Netns): Promise<string[]> {
  const devices = (await ip(netns, 'addr', 'show')).filter(({ ifname }) => ifname !== 'lo');
  const routes = (await ip(netns, 'route', 'show')).filter(({ protocol }) => protocol !== 'kernel');
  const lines = devices.map(({ ifname, mtu, flags, operstate, addr_info }) => {
    const addrs = (addr_info as Json[]).filter(({ scope }) => scope === 'global');
    const notes = [
      ...(mtu === 1500 ? [] : [`mtu ${String(mtu)}`]),
      ...((flags as string[]).includes('UP') ? [] : ['down']),
      ...((flags as string[]).includes('UP') && operstate !== 'UP' ? ['no carrier'] : []),
    ];
    const words = addrs.map(({ local, prefixlen }) => `${String(local)}/${String(prefixlen)}`);
    return `  ${[ifname, ...words].join(' ')}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`;
  });
  return [
    `node ${name}`,
    ...lines.sort(),
    ...routes.map(({ dst, gateway }) => `  route ${String(dst)} via ${String(gateway)}`).sort(),
  ];
}

/** The same lines without what is at the other end. */
function withoutEnds(text: string): string[] {
  return text.split('\n').map((line) => line.replace(/ (?:on|to) [^(]*(?= \(|$)/, ''));
}

/** How the name `a]b\x1b[2J` is written. */
const DRAWN = { svg: 'a]b\\x1b[2J', dot: 'a]b\\\\x1b[2J', mermaid: 'a#93;b#92;x1b#91;2J' };

const TABLES = 'nf_tables in the families ip, ip6 and inet';

describe('draw', () => {
  testWith(TABLES, 'who is cut off from whom is shown in each format', async () => {
    await using lab = await createLab(definition);
    await lab.partition('web1', ['web2', 'server']);
    await lab.isolate('r1');
    const text = await draw(lab);
    expect(text.split('\n').filter((line) => line.startsWith('node '))).toEqual([
      'node r1 (isolated)',
      'node server (cut off from web1)',
      'node web1 (cut off from server and web2)',
      'node web2 (cut off from web1)',
    ]);
    expect(await draw(lab, { format: 'mermaid' })).toContain('"web1<br/>cut off from server and web2<br/>');
    for (const format of ['dot', 'svg'] as const) expect(await draw(lab, { format })).toContain('>isolated<');
    await lab.heal();
    expect(await draw(lab)).not.toMatch(/isolated|cut off/);
  });

  testWith(TABLES, 'the NAT of a router and its published ports are shown in each format', async () => {
    const publish = [{ port: 8080, to: 'web1', toPort: 80 }];
    await using lab = await createLab({
      switches: definition.switches,
      routers: { r1: { ports: ['wan', 'lan'], nat: 'home', publish } },
      nodes: { web1: { ports: 'lan' } },
    });
    const text = await draw(lab);
    expect(text).toContain(`  nat home on eth0\n  tcp 8080 to ${lab.addr('web1')}:80\n`);
    expect(await draw(lab, { format: 'mermaid' })).toContain('nat home on eth0<br/>tcp 8080 to ');
    for (const format of ['dot', 'svg'] as const)
      expect(await draw(lab, { format })).toContain('>nat home on eth0<');
  });

  test('a lab is drawn as ip sees it, with what is down', async () => {
    await using lab = await createLab(definition);
    await setLink(lab.node('web2'), 'eth0', { up: false });
    await setLink(lab.switches, 'r1', { up: false });
    const text = await draw(lab);
    const nodes = ['r1', 'server', 'web1', 'web2'];
    const expected = await Promise.all(nodes.map(async (name) => shown(name, lab.node(name))));
    expect(withoutEnds(text.slice(0, text.indexOf('switch ')))).toEqual([...expected.flat(), '']);
    expect(text.split('\n')).toEqual(
      expect.arrayContaining([
        '  eth0 10.0.0.1/24 on lan (no carrier)',
        '  eth0 10.0.0.3/24 on lan (down)',
        '  eth1 198.18.0.1/31 to eth1 of web1',
      ]),
    );
    expect(text.slice(text.indexOf('switch ')).split('\n')).toEqual([
      'switch lan',
      '  r1 to eth0 of r1 (down)',
      '  web1 to eth0 of web1',
      '  web2 to eth0 of web2',
      'switch wan (mtu 1400)',
      '  r1.eth1 to eth1 of r1',
      '  server to eth0 of server',
      '',
    ]);
    expect(await draw(lab)).toBe(text);
  });

  test('namespaces that are no lab’s: bridges, and the pairs between them', async () => {
    await using host = await createNetns();
    await using red = await createNetns();
    await using blue = await createNetns();
    await using other = await createNetns();
    await createBridge(host, 'br0', { up: true, addrs: ['10.0.0.1/24'] });
    // the same indexes in both
    for (const [netns, name] of [
      [red, 'red'],
      [blue, 'blue'],
    ] as const) {
      await createVeth(
        { netns, name: 'eth0', index: 7, up: true },
        { netns: host, name, up: true, bridge: 'br0' },
      );
    }
    await createVeth(
      { netns: host, name: 'd0', up: true, bridge: 'br0' },
      { netns: other, name: 'e', up: true },
    );
    await addAddr(red, 'eth0', '10.0.0.2/24');
    await addRoute(red, { to: 'default', via: '10.0.0.1' });
    expect((await draw({ host, red, blue })).split('\n')).toEqual([
      'node blue',
      '  eth0 on br0 of host',
      'node host',
      '  br0 10.0.0.1/24 (bridge)',
      '  d0 (to elsewhere, in br0)',
      'node red',
      '  eth0 10.0.0.2/24 on br0 of host',
      '  route default via 10.0.0.1',
      'switch br0 of host',
      '  blue to eth0 of blue',
      '  red to eth0 of red',
      '',
    ]);
    expect(await draw({ red })).toContain('  eth0 10.0.0.2/24 (to elsewhere)\n');
  });

  test('two pairs with the same indexes are not taken for each other', async () => {
    const spaces = await Promise.all(Array.from({ length: 4 }, async () => createNetns()));
    await using a = spaces[0]!;
    await using b = spaces[1]!;
    await using c = spaces[2]!;
    await using d = spaces[3]!;
    await createVeth({ netns: a, name: 'e', index: 7 }, { netns: b, name: 'e', index: 8 });
    await createVeth({ netns: c, name: 'e', index: 7 }, { netns: d, name: 'e', index: 8 });
    expect((await draw({ a, b, c, d })).match(/ to .*/g)).toEqual(
      ['b', 'a', 'd', 'c'].map((other) => ` to e of ${other} (down)`),
    );
    expect((await draw({ a, d })).match(/\(.*\)/g)).toEqual(['(to elsewhere, down)', '(to elsewhere, down)']);
  });

  test.each(['svg', 'dot', 'mermaid'] as const)('a name of a device is only a text in %s', async (format) => {
    await using netns = await createNetns();
    await createBridge(netns, '"><script>');
    await createBridge(netns, 'a]b\x1b[2J');
    const drawn = await draw({ red: netns }, { format });
    expect(drawn).not.toMatch(/<script|\x1b/); // eslint-disable-line no-control-regex
    expect(drawn).toContain(DRAWN[format]);
  });

  testWith('queueing disciplines of the kind netem', 'impairments are marked', async () => {
    await using lab = await createLab(definition);
    await setImpairment(lab.node('web1'), 'eth1', { delay: 50, loss: 1 });
    expect(await draw(lab)).toContain('  eth1 198.18.0.0/31 to eth1 of server (delay 50 ms, loss 1 %)\n');
    expect(await draw(lab, { format: 'mermaid' })).toContain('===');
  });

  test('what is lost and slowed down by a fault is marked, with netem and without', async () => {
    await using lab = await createLab(definition);
    await lab.impair(['web1', 'server'], { loss: 10 }, { direction: 'out' });
    await lab.impair('web1', { loss: 5 }, { to: 'web2' });
    const lines = (await draw(lab)).split('\n').filter((line) => line.includes('loss'));
    expect(lines).toEqual([
      '  eth1 198.18.0.1/31 to eth1 of web1 (loss 5 % to some)',
      '  eth0 10.0.0.2/24 on lan (loss 5 % to some)',
      '  eth1 198.18.0.0/31 to eth1 of server (loss 10 %, loss 5 % to some)',
      '  web1 to eth0 of web1 (loss 5 % to some)',
    ]);
    expect(await draw(lab, { format: 'mermaid' })).toContain('===');
    await lab.heal();
    await lab.impair('web2', { rate: 1_000_000 }, { direction: 'out' });
    expect(await draw(lab)).toMatch(/^ {2}eth0 10\.0\.0\.3\/24 on lan \(rate 1 Mbit\/s\)$/m);
    await lab.heal();
    expect(await draw(lab)).not.toMatch(/loss|rate/);
  });

  test('what can not be drawn is refused', async () => {
    await using netns = await createNetns();
    await expect(draw({ netns: 1 as unknown as Netns })).rejects.toThrow(/^what\.netns: expected a handle/);
    await expect(draw({ netns }, { format: 'png' as 'svg' })).rejects.toThrow(
      /^format: expected one of text/,
    );
  });
});
