import { createBridgeNetwork, type Netns, type PublishOptions } from '../../../lib';
import { run } from '../../support/ip';
import { createLab, member, reach, serve } from '../../support/lab';

// When members' bridges route 127.0.0.0/8, which the host's own connections to published ports need.

const RED = { name: 'red', subnet: '10.1.0.0/24' } as const;

const routed = async (host: Netns) =>
  (await run(host, 'sysctl', '-n', 'net.ipv4.conf.red.route_localnet')).trim() === '1';

describe('createBridgeNetwork', () => {
  test('127.0.0.0/8 is routed to members only while a port is published there', async () => {
    await using lab = await createLab();
    const { host } = lab;
    const red = lab.use(await createBridgeNetwork(host, RED));
    const other = lab.use(await createBridgeNetwork(host, { name: 'blue', subnet: '10.2.0.0/24' }));
    const [a, b] = [await member(lab), await member(lab)];
    await red.attach(a);
    await other.attach(b, { publish: [{ hostPort: 9000 }] });
    expect(await routed(host)).toBe(false);
    const elsewhere: PublishOptions = { hostPort: 8080, port: 80, hostAddress: '192.0.2.1' };
    await red.publish(a, [elsewhere]);
    expect(await routed(host)).toBe(false);
    const ports: PublishOptions[] = [
      { hostPort: 8081, port: 80 },
      { hostPort: 8082, port: 80, hostAddress: '127.0.0.2' },
    ];
    lab.use(await serve(a, 80));
    for (const port of ports) {
      await red.publish(a, [port]);
      expect(await routed(host)).toBe(true);
      const target = [port.hostAddress ?? '127.0.0.1', Number(port.hostPort)] as const;
      expect(await reach(host, [target])).toEqual(['10.1.0.1']);
      await red.unpublish(a, [port]);
      expect(await routed(host)).toBe(false);
    }
    await red.publish(a, ports);
    await red.unpublish(a, ports.slice(0, 1));
    expect(await routed(host)).toBe(true);
    await red.detach(a);
    expect(await routed(host)).toBe(false);
  });

  test('after the rules were flushed, members do not reach 127.0.0.1 where nothing is published there', async () => {
    await using lab = await createLab();
    const { host } = lab;
    const red = lab.use(await createBridgeNetwork(host, RED));
    const a = await member(lab);
    await red.attach(a);
    lab.use(await serve(host, 8081));
    await run(host, 'nft', 'flush', 'ruleset');
    await run(a, 'sysctl', '-qw', 'net.ipv4.conf.eth0.route_localnet=1');
    await run(a, 'ip', 'addr', 'flush', 'dev', 'lo');
    await run(a, 'ip', 'route', 'flush', 'table', 'local', 'dev', 'lo');
    await run(a, 'ip', 'route', 'add', '127.0.0.1', 'via', '10.1.0.1');
    expect(await reach(a, [['127.0.0.1', 8081]])).toEqual(['no']);
  });

  test('many publish and unpublish at once; a crash is mended', async () => {
    await using lab = await createLab();
    const { host } = lab;
    const objects = [
      lab.use(await createBridgeNetwork(host, RED)),
      lab.use(await createBridgeNetwork(host, RED)),
    ];
    const members = [await member(lab), await member(lab), await member(lab), await member(lab)];
    await Promise.all(members.map(async (netns, i) => objects[i % 2]!.attach(netns)));
    const work = async (netns: Netns, i: number, last: boolean) => {
      const ports = [{ hostPort: 8000 + i }];
      for (let round = 0; round < 5; round++) {
        await objects[i % 2]!.publish(netns, ports);
        if (round < 4 || !last) await objects[i % 2]!.unpublish(netns, ports);
      }
    };
    await Promise.all(members.map(async (netns, i) => work(netns, i, i === 3)));
    expect(await routed(host)).toBe(true);
    await objects[1]!.unpublish(members[3]!, [{ hostPort: 8003 }]);
    await Promise.all(members.map(async (netns, i) => work(netns, i, false)));
    expect(await routed(host)).toBe(false);

    await run(host, 'sysctl', '-qw', 'net.ipv4.conf.red.route_localnet=1');
    lab.use(await createBridgeNetwork(host, RED));
    expect(await routed(host)).toBe(false);
    await objects[0]!.publish(members[0]!, [{ hostPort: 8000 }]);
    await run(host, 'sysctl', '-qw', 'net.ipv4.conf.red.route_localnet=0');
    await objects[0]!.repair();
    expect(await routed(host)).toBe(true);
  });
});
