// Wrong arguments that were once accepted: each is refused by its name, and nothing is done.
import http from 'node:http';
import * as rtnetns from '../../../lib';
import {
  addAddr,
  addRoute,
  createBridge,
  createBridgeNetwork,
  createNetns,
  exec,
  getStats,
  listen,
  type Netns,
  nft,
} from '../../../lib';
import { testWith } from '../../support/capabilities';
import { failure, ip, run } from '../../support/ip';
import { netnsWithPair } from '../../support/namespaces';

const table = { family: 'inet', name: 't' } as const;
const chain = { table, name: 'c' };
const SHOP = { name: 'shop', subnet: '10.200.0.0/24' };

type Call = (red: Netns, blue: Netns) => unknown;

describe('createBridge, listen, exec, nft.addChain', () => {
  test.each<[message: string, call: Call]>([
    [
      "protocoll: there is no such option; did you mean 'protocol'?",
      (red) => rtnetns.deleteConntrack(red, { protocoll: 'udp' } as object),
    ],
    [
      "internl: there is no such option; did you mean 'internal'?",
      (red) => createBridgeNetwork(red, { ...SHOP, internl: true } as typeof SHOP),
    ],
    ['options: a rule for all packets needs its table, or its action', (red) => rtnetns.addRule(red, {})],
    [
      "hostname: there is no such option; did you mean 'host'?",
      (red) => rtnetns.connect(red, { hostname: '10.0.0.1', port: 80 } as object),
    ],
    [
      "prot: there is no such option; did you mean 'port'?",
      (red) => listen(red, http.createServer(), { prot: 80 } as object),
    ],
    ['options: expected an object, got 80', (red) => listen(red, http.createServer(), 80 as never)],
    ['options: expected an object, got "up"', (red) => rtnetns.setLink(red, 'eth0', 'up' as never)],
    [
      'ifExists: expected one of fail, ignore, got "skip"',
      (red) => createBridge(red, 'br0', { ifExists: 'skip' as never }),
    ],
    [
      'netns: expected a handle of createNetns or openNetns, got "br0"; openNetns("br0") opens it by its name',
      () => createBridge('br0' as never, 'br0'),
    ],
    [
      'netns: expected a handle of createNetns or openNetns, got a promise; was `await` forgotten?',
      (red) => createBridge(Promise.resolve(red) as never, 'br0'),
    ],
    [
      'netns: expected a handle of createNetns or openNetns, got undefined',
      () => rtnetns.listLinks(undefined as never),
    ],
    [
      "first: expected an end, such as { netns: red, name: 'eth0' }, got the handle of a namespace, " +
        "which belongs in the end's netns",
      (red, blue) => rtnetns.createVeth(red as never, blue as never),
    ],
    [
      'netns: expected a handle of createNetns or openNetns, got [object Object]; the handle is in its property netns',
      (red) => rtnetns.addAddr({ netns: red } as never, 'eth0', '10.0.0.1/24'),
    ],
    [
      'options: expected an object, got "default"',
      (red) => rtnetns.addRoute(red, ...(['default', '10.0.0.2'] as never as [never])),
    ],
    [
      "name: 'all' and 'default' name the settings of all devices in /proc/sys/net, got \"all\"",
      (red) => createBridge(red, 'all'),
    ],
    [
      "name: 'all' and 'default' name the settings of all devices in /proc/sys/net, got \"default\"",
      (red) => rtnetns.renameLink(red, 'eth0', 'default'),
    ],
    [
      'host: expected an address or a name, got null',
      (red) => rtnetns.connect(red, { port: 80, host: null as never }),
    ],
    [
      'keepAliveInitialDelay: expected milliseconds, from 0 to 2147483646, got "x"',
      (red) => rtnetns.connect(red, { port: 80, keepAlive: true, keepAliveInitialDelay: 'x' as never }),
    ],
    [
      'recvBufferSize: expected an integer from 0 to 2147483647, got -1',
      (red) => rtnetns.createSocket(red, 'udp4', { recvBufferSize: -1 }),
    ],
    [
      'mtu: expected an integer from 0 to 4294967295, got "1300"',
      (red) => addRoute(red, { to: '10.1.0.0/16', device: 'lo', mtu: '1300' as never }),
    ],
    [
      'validLifetime: expected an integer from 0 to 4294967295, got -1',
      (red) => addAddr(red, 'lo', '10.0.0.5/24', { validLifetime: -1 }),
    ],
    ['mtu: expected an integer from 68 to 65535, got 0', (red) => createBridge(red, 'br0', { mtu: 0 })],
    [
      "peer.nmae: there is no such option; did you mean 'name'?",
      (red) => rtnetns.createLink(red, { kind: 'veth', peer: { nmae: 'x' } as object }),
    ],
    [
      'cost: expected an integer from 1 to 65535, got "x"',
      (red) => rtnetns.setBridgePort(red, 'eth0', { cost: 'x' as never }),
    ],
    [
      "members[0].device.adrs: there is no such option; did you mean 'addrs'?",
      (red) =>
        rtnetns.createStar(red, { bridge: { name: 'br0' }, members: [{ device: { adrs: [] } as object }] }),
    ],
    [
      'operations: expected a list of operations, got a promise; was `await` forgotten?',
      async (red) => nft.apply(red, Promise.resolve([]) as never),
    ],
    [
      'operations: expected a list of operations, got undefined',
      async (red) => nft.apply(red, undefined as never),
    ],
    [
      'key: a sysctl is named by a string, got undefined',
      async (red) => rtnetns.getSysctl(red, new Array<string>(2)),
    ],
    [
      "dns.forward[0]: expected an address like '10.0.1.1' or 'fd00::1', got \"x\"",
      (red) => createBridgeNetwork(red, { ...SHOP, dns: { forward: ['x'] } }),
    ],
    [
      'dns.timeout: expected milliseconds, from 1 to 2147483646, got 0',
      (red) => createBridgeNetwork(red, { ...SHOP, dns: { timeout: 0 } }),
    ],
    [
      'protocol: it needs the option \'port\', whose protocol it is, got "udp"',
      (red) => rtnetns.doctor(red, { protocol: 'udp' }),
    ],
    [
      "memberships[0].group: expected an address like '10.0.1.1' or 'fd00::1', got \"x\"",
      (red) =>
        rtnetns.createSocket(red, 'udp4', {
          memberships: [{ group: 'x', device: 'eth0' }],
          multicastDevice: 'nosuch',
        }),
    ],
  ])('%s', async (message, call) => {
    await using red = await netnsWithPair();
    await using blue = await createNetns();
    const [links, rules] = await Promise.all([ip(red, 'link'), ip(red, 'rule')]);
    const before = getStats();
    expect((await failure(call(red, blue) as Promise<unknown>)).message).toBe(message);
    const { jobs, sends } = getStats();
    expect({ jobs, sends }).toEqual({ jobs: before.jobs, sends: before.sends });
    expect(await Promise.all([ip(red, 'link'), ip(red, 'rule')])).toEqual([links, rules]);
  });

  test.each<[message: string, make: () => unknown]>([
    [
      `polcy: there is no such option; did you mean 'policy'?`,
      () => nft.addChain({ ...chain, hook: 'input', polcy: 'drop' } as typeof chain),
    ],
    [
      'policy: expected one of accept, drop, got "drob"; did you mean \'drop\'?',
      () => nft.addChain({ ...chain, hook: 'input', policy: 'drob' as never }),
    ],
    [
      `table.famly: there is no such option; did you mean 'family'?`,
      () => nft.addChain({ table: { famly: 'inet', name: 't' } as never, name: 'c' }),
    ],
    ['table: it has to be given', () => nft.addChain({ name: 'c' } as never)],
    [
      `comnent: there is no such option; did you mean 'comment'?`,
      () => nft.addTable({ ...table, comnent: 'x' } as typeof table),
    ],
    [
      `flag: there is no such option; did you mean 'flags'?`,
      () => nft.addSet({ ...chain, key: 'ipv4_addr', flag: ['interval'] } as never),
    ],
    [
      'flags[0]: expected one of constant, interval, timeout, dynamic, got "intervall"; did you mean \'interval\'?',
      () => nft.addSet({ ...chain, key: 'ipv4_addr', flags: ['intervall' as never] }),
    ],
    [
      `elements[1].timout: there is no such option; did you mean 'timeout'?`,
      () =>
        nft.addElements({ ...chain, key: 'ipv4_addr' }, [
          { key: '10.0.0.1' },
          { key: '10.0.0.2', timout: 5 } as never,
        ]),
    ],
    [
      `befor: there is no such option; did you mean 'before'?`,
      () => nft.addRule(chain, [nft.accept()], { befor: 5 } as object),
    ],
    ['statements: expected a list, got [object Object]', () => nft.addRule(chain, nft.accept() as never)],
    ['statements[0]: expected an object, got "accept"', () => nft.addRule(chain, ['accept' as never])],
    [
      `ifMising: there is no such option; did you mean 'ifMissing'?`,
      () => nft.deleteTable(table, { ifMising: 'ignore' } as object),
    ],
    [
      `brust: there is no such option; did you mean 'burst'?`,
      () => nft.limit({ rate: 5, brust: 5 } as never),
    ],
    [`ovre: there is no such option; did you mean 'over'?`, () => nft.quota(5, { ovre: true } as object)],
    [
      `adress: there is no such option; did you mean 'address'?`,
      () => nft.dnat({ adress: '10.0.0.1' } as never),
    ],
    [
      `fullyrandom: there is no such option; did you mean 'fullyRandom'?`,
      () => nft.masquerade({ fullyrandom: true } as object),
    ],
    ['packets: expected an integer from 0', () => nft.counter({ packets: -1 })],
    [
      'type: expected one of counter, quota, limit, ct helper, ct count, got "conter"',
      () => nft.addObject({ ...chain, type: 'conter' as never }),
    ],
  ])('%s, by the function that makes it', (message, make) => {
    expect(make).toThrow(message);
  });

  testWith('nf_tables in the families ip, ip6 and inet', 'of published ports', async () => {
    await using red = await createNetns();
    await using web = await createNetns();
    await using network = await createBridgeNetwork(red, SHOP);
    const wrong = [{ hostPort: 8080, containerPort: 80 }];
    expect((await failure(network.attach(web, { publish: wrong }))).message).toBe(
      "publish[0].containerPort: there is no such option; did you mean 'port'?",
    );
    expect((await failure(network.publish(web, wrong))).message).toBe(
      "ports[0].containerPort: there is no such option; did you mean 'port'?",
    );
    expect((await network.inspect()).members).toEqual([]);
    await network.remove();
  });

  test('a timeout ends a command', async () => {
    await using red = await createNetns();
    const before = performance.now();
    const error = await failure(exec(red, 'sleep', ['30'], { timeout: 100 }));
    expect(error).toMatchObject({ killed: true, signal: 'SIGTERM' });
    expect(performance.now() - before).toBeLessThan(10_000);
    expect(await rtnetns.netnsPids(red)).toEqual([]);
    expect((await failure(exec(red, 'sleep', { timeout: 100 } as never))).message).toMatch(
      /^args: expected a list/,
    );
    const misspelt = exec(red, 'sleep', ['30'], { timout: 100 } as object);
    expect((await failure(misspelt)).message).toBe(
      "timout: there is no such option; did you mean 'timeout'?",
    );
  });

  test('the kernel refuses a device called all, too', async () => {
    await using red = await createNetns();
    for (const name of ['all', 'default']) {
      await expect(run(red, 'ip', 'link', 'add', name, 'type', 'bridge')).rejects.toThrow(/Invalid argument/);
    }
  });
});
