// Faults made by somebody else's programs: doctor names each, and what it says to do mends it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createBridgeNetwork,
  createNetns,
  createVeth,
  doctor,
  type Finding,
  FINDING_CODES,
  type FindingCode,
  setLink,
} from '../../../lib';
import { CLI, ROOT } from '../../support/cli';
import { codes, commandsOf, execFileAsync, setting, sh } from '../../support/doctor';
import { background, failure, node, run } from '../../support/ip';
import { createLab, LAN, member, setBridgeFilter } from '../../support/lab';
import { printedIn, runPrinted } from '../../support/printed';

interface Fault {
  code: FindingCode;
  severity?: Finding['severity'];
  /** What somebody does in 'host', 'm1' or 'm2'; PORT is m1's. */
  by: string;
  /** Of the finding. */
  where: string;
  what?: string;
  /** Who is asked, where it is not the host. */
  asked?: 'm1' | 'm2';
  /** What the fix leaves to the reader. */
  fill?: Readonly<Record<string, string>>;
  /** What else came of the fault, and is found still. */
  left?: FindingCode[];
}

const HOST_NFT = 'ip netns exec host nft';
const HOST_SYSCTL = 'ip netns exec host sysctl -qw';

const FAULTS: readonly Fault[] = [
  { code: 'link-down', severity: 'warning', by: 'ip -n host link set lo down', where: 'device lo of host' },
  { code: 'link-down', by: 'ip -n host link set PORT down', where: 'device PORT of host' },
  {
    code: 'link-down',
    by: 'ip -n m1 link set eth0 down',
    where: 'device eth0 of m1',
    asked: 'm1',
    left: ['no-default-route'],
  },
  {
    code: 'no-carrier',
    by: 'ip -n m1 link set eth0 down',
    where: 'device PORT of host',
    what: 'eth0 of m1, is down',
  },
  {
    code: 'no-carrier',
    by: `ip -n host link add x type veth peer name y
      ip -n host addr add 10.8.0.1/24 dev x
      ip -n host link set x up`,
    where: 'device x of host',
    what: 'its other end, y, is down',
  },
  {
    code: 'mtu-mismatch',
    severity: 'warning',
    // until its MTU is set by hand, a bridge follows its ports
    by: 'ip -n host link set red mtu 1499; ip -n host link set red mtu 1500; ip -n host link set PORT mtu 1400',
    where: 'device PORT of host',
    what: 'that of its bridge red is 1500',
  },
  {
    code: 'mtu-mismatch',
    severity: 'warning',
    by: 'ip -n m1 link set eth0 mtu 9000',
    where: 'device PORT of host',
    what: 'eth0 of m1, is 9000',
  },
  {
    code: 'mtu-mismatch',
    severity: 'warning',
    by: 'ip -n host link set wan mtu 1400; ip -n lan link set eth0 mtu 1400',
    where: 'device red of host',
    what: 'that of wan, the way out, is 1400',
  },
  {
    code: 'forwarding-off',
    by: `${HOST_SYSCTL} net.ipv4.ip_forward=0`,
    where: 'sysctl net/ipv4/ip_forward of host',
  },
  {
    code: 'forwarding-off',
    by: `${HOST_SYSCTL} net.ipv6.conf.all.forwarding=0`,
    where: 'sysctl net/ipv6/conf/all/forwarding of host',
  },
  {
    code: 'forwarding-off',
    by: `${HOST_SYSCTL} net.ipv4.conf.wan.forwarding=0`,
    where: 'sysctl net/ipv4/conf/wan/forwarding of host',
    what: 'comes in by wan',
  },
  {
    code: 'rp-filter-strict',
    severity: 'warning',
    by: `${HOST_SYSCTL} net.ipv4.conf.wan.rp_filter=1`,
    where: 'sysctl net/ipv4/conf/wan/rp_filter of host',
  },
  {
    code: 'no-default-route',
    severity: 'warning',
    by: 'ip -n host route del default',
    where: 'routes of host',
    what: 'IPv4',
    fill: { GATEWAY: LAN[4] },
  },
  {
    code: 'no-default-route',
    severity: 'warning',
    by: 'ip -n m1 -6 route del default',
    where: 'routes of m1',
    what: 'IPv6',
    asked: 'm1',
    fill: { GATEWAY: 'fd01::1' },
  },
  {
    code: 'table-dormant',
    by: `${HOST_NFT} 'add table inet rtnetns { flags dormant; }'`,
    where: 'table inet rtnetns of host',
  },
  {
    code: 'member-gone',
    by: 'ip -n host link set PORT nomaster',
    where: 'port PORT of network red in host',
    what: 'is off the bridge',
  },
  {
    code: 'stale-name',
    severity: 'warning',
    by: 'touch /run/netns/old',
    where: '/run/netns/old',
  },
  {
    code: 'doubled-mount',
    severity: 'warning',
    by: 'mount --bind /run/netns/m1 /run/netns/m1',
    where: '/run/netns/m1',
  },
];

describe('doctor', () => {
  test('nothing is found where all is well', async () => {
    await using lab = await createLab();
    const { host, red, m1, m2 } = await setting(lab);
    for (const netns of [host, m1, m2]) expect(await doctor(netns)).toEqual([]);
    // a network without a way out, which its host does not forward for
    const inner = lab.use(
      await createBridgeNetwork(host, { name: 'inner', subnet: '10.3.0.0/24', internal: true }),
    );
    await red.remove();
    await sh('ip netns exec host sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0');
    await inner.attach(m1);
    expect(await doctor(host)).toEqual([]);
    await inner.remove();
  });

  test.each(FAULTS)('$code: after $by', async (fault) => {
    await using lab = await createLab();
    const all = await setting(lab);
    const withPort = (text: string) => text.replaceAll('PORT', all.port);
    await sh(withPort(fault.by));
    const netns = fault.asked === undefined ? all.host : all[fault.asked];

    const finding = (await doctor(netns)).find(({ code }) => code === fault.code);
    const { code, severity = 'error' } = fault;
    expect(finding).toMatchObject({ code, severity, where: withPort(fault.where) });
    expect(finding?.what).toContain(fault.what ?? '');

    for (const command of commandsOf(finding as Finding)) {
      const filled = Object.entries(fault.fill ?? {}).reduce(
        (text, [name, value]) => text.replace(name, value),
        command,
      );
      await sh(filled);
    }
    expect(codes(await doctor(netns))).toEqual(fault.left ?? []);
    await all.red.remove();
  });

  test('policy-drop: what other programs drop is told, and let through by what is to be done', async () => {
    await using lab = await createLab();
    const { host, red, m1 } = await setting(lab);
    const drop = (name: string, hook: string) =>
      `chain ${name} { type filter hook ${hook} priority 10; policy drop; }`;
    await run(host, 'nft', `table ip other { ${drop('f', 'forward')}\n${drop('i', 'input')}\n }`);
    const pings = async () =>
      run(m1, 'ping', '-c1', '-W1', LAN[4]).then(
        () => true,
        () => false,
      );
    expect(await pings()).toBe(false);
    const findings = await doctor(host);
    expect(findings).toMatchObject([
      { code: 'policy-drop', severity: 'error', where: 'chain ip other f of host' },
      { code: 'policy-drop', severity: 'warning', where: 'chain ip other i of host' },
    ]);
    for (const command of commandsOf(findings[0] as Finding)) await sh(command);
    expect(await pings()).toBe(true);
    expect(await doctor(host)).toMatchObject([{ where: 'chain ip other i of host' }]);
    await sh('ip netns exec host nft delete chain ip other i');
    expect(await doctor(host)).toEqual([]);
    await red.remove();
  });

  test('bridge-netfilter', async () => {
    await using lab = await createLab();
    const { host, red } = await setting(lab);
    const loaded = await setBridgeFilter(host, true);
    const findings = await doctor(host);
    expect(codes(findings)).toEqual(loaded ? ['bridge-netfilter', 'bridge-netfilter'] : []);
    for (const command of findings.flatMap(commandsOf)) await sh(command);
    expect(await doctor(host)).toEqual([]);
    await red.remove();
  });

  test('a name that another mount namespace has is not told to be deleted', async () => {
    await using lab = await createLab();
    await using other = await background(
      'unshare',
      '-m',
      'sh',
      '-c',
      'umount /run/netns/lan; echo; exec sleep 60',
    );
    expect(other.pid).toBeGreaterThan(0);
    // as that one sees it
    const { stdout } = await execFileAsync('nsenter', [
      `--mount=/proc/${other.pid}/ns/mnt`,
      ...[process.execPath, CLI, 'doctor', 'host', '--json'],
    ]).catch((error: unknown) => error as { stdout: string });
    const findings = JSON.parse(stdout) as Finding[];
    expect(findings).toMatchObject([{ code: 'stale-name', where: '/run/netns/lan' }]);
    expect(findings.flatMap(commandsOf)).toEqual([]);
    expect(findings[0]).not.toHaveProperty('name'); // by which it would be removed
    expect(findings[0]?.what).toContain('is mounted in another mount namespace');
    expect(lab.lan.name).toBe('lan');
  });

  test('a host of two networks is no router', async () => {
    await using lab = await createLab();
    const { host, red, m1 } = await setting(lab);
    const blue = lab.use(
      await createBridgeNetwork(host, { name: 'blue', subnet: '10.2.0.0/24', ipv6: 'fd02::/64' }),
    );
    await blue.attach(m1, { name: 'eth1' });
    expect(await doctor(m1)).toEqual([]);
    expect(await doctor(host)).toEqual([]);
    await blue.remove();
    await red.remove();
  });

  test('what may not be read is told', async () => {
    await using lab = await createLab();
    const [findings] = (await node(
      `say(await rtnetns.doctor(await rtnetns.openNetns('host')));`,
      ...['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin'],
    )) as [Finding[]];
    expect(findings).toMatchObject([
      { code: 'not-seen', severity: 'unknown', where: lab.host.name },
      { code: 'not-seen', severity: 'unknown', where: lab.host.name },
    ]);
    expect(findings.map(({ what }) => what)).toEqual([
      expect.stringMatching(/^the rules of nf_tables could not be read: EPERM/),
      expect.stringMatching(/^the networks of this library could not be read: EPERM/),
    ]);
  });

  test('with a hundred members it takes no time to speak of', async () => {
    await using lab = await createLab();
    const { host, red } = await setting(lab);
    for (let i = 0; i < 100; i++) await red.attach(await member(lab, `more${i}`));
    await doctor(host);
    const begun = performance.now();
    expect(await doctor(host)).toEqual([]);
    expect(performance.now() - begun).toBeLessThan(1000);
    await red.remove();
  });

  test.each<[unknown, string]>([
    [{ port: 0 }, 'port: '],
    [{ port: 65536 }, 'port: '],
    [{ port: 'http' }, 'port: '],
    [{ port: 80, protocol: 'icmp' }, 'protocol: expected one of tcp, udp, sctp, got "icmp"'],
    [{ protocol: 6 }, 'protocol: expected one of tcp, udp, sctp'],
  ])('%p is refused', async (options, message) => {
    await using netns = await createNetns();
    expect((await failure(doctor(netns, options as never))).message).toContain(message);
  });

  test('a closed handle is refused', async () => {
    const netns = await createNetns();
    netns.close();
    expect(await failure(doctor(netns))).toMatchObject({ code: 'ERR_NETNS_CLOSED' });
  });

  test('rtnetns doctor', async () => {
    await using lab = await createLab();
    const cli = async (...args: string[]) => {
      const child = execFileAsync(process.execPath, [CLI, 'doctor', ...args]);
      return child.then(
        ({ stdout }) => ({ code: 0, stdout }),
        (error: unknown) => error as { code: number; stdout: string; stderr: string },
      );
    };
    expect(await cli('host')).toEqual({ code: 0, stdout: 'nothing found\n' });
    await setLink(lab.host, 'lo', { up: false });
    const { code, stdout } = await cli('host');
    expect([code, stdout.split('\n')[0]]).toEqual([1, 'warning: device lo of host']);
    expect(stdout).toContain('fix: `ip -n host link set dev lo up`');
    const [finding] = JSON.parse((await cli('host', '--json')).stdout) as Finding[];
    expect(finding?.code).toBe('link-down');
    expect((await cli('host', '--port', '80')).stdout).toContain('tcp port 80 is not published');
    expect(await cli('nobody')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('ENOENT') as unknown,
    });
    expect(await cli('host', '--prot', 'tcp')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('unknown option') as unknown,
    });
    expect(await cli('--help')).toMatchObject({ code: 0 });
    expect(await cli('host', '--port', 'http')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('port: ') as unknown,
    });
  });

  test('a pair of namespaces without anything else: no alarm but for what is down', async () => {
    await using red = await createNetns();
    await using blue = await createNetns();
    await createVeth({ netns: red, name: 'eth0', up: true }, { netns: blue, name: 'eth0', up: true });
    for (const netns of [red, blue]) {
      expect(codes(await doctor(netns))).toEqual(['link-down']);
      await setLink(netns, 'lo', { up: true });
      expect(await doctor(netns)).toEqual([]);
    }
  });

  test('the example of docs/doctor.md runs as it is printed', () => {
    const [example] = printedIn('docs/doctor.md');
    expect(runPrinted(example)).toContain('error: device web of host\n  web is up, but has no carrier');
  });

  test('every code is one of the list, and of the page', () => {
    const page = readFileSync(join(ROOT, 'docs/doctor.md'), 'utf8');
    expect(FINDING_CODES.filter((code) => !page.includes(`| \`${code}\``))).toEqual([]);
  });

  test('every code is one that a test finds', () => {
    const tested = new Set<string>([
      ...FAULTS.map(({ code }) => code),
      // here, and in networks.test.ts
      ...['policy-drop', 'bridge-netfilter', 'network-flushed', 'rules-missing', 'member-gone', 'not-seen'],
      ...[
        'bridge-gone',
        'gateway-missing',
        'member-unknown',
        'localnet-exposed',
        'many-ports',
        'slow-console',
      ],
      'forwarding-guarded', // in network/forwarding.test.ts
      ...['port-not-published', 'port-local-only', 'port-address-missing', 'port-not-listening'],
    ]);
    expect([...FINDING_CODES].sort()).toEqual([...tested].sort());
  });
});
