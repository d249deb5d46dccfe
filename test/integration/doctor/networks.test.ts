// What doctor says of networks that were damaged, and of one port.
import { createServer } from 'node:net';
import { createBridgeNetwork, doctor, type DoctorOptions, listen, type Netns } from '../../../lib';
import { codes, commandsOf, OPTIONS, setting, sh } from '../../support/doctor';
import { run } from '../../support/ip';
import { createLab, HOST, member } from '../../support/lab';

describe('doctor', () => {
  test('network-flushed, rules-missing, member-gone', async () => {
    await using lab = await createLab();
    const { host, red, m1, m2, port } = await setting(lab);
    await run(host, 'nft', 'flush', 'chain', 'inet', 'rtnetns', 'forward');
    expect(await doctor(host)).toMatchObject([
      { code: 'rules-missing', where: 'table inet rtnetns of host' },
    ]);
    lab.use(await createBridgeNetwork(host, OPTIONS));
    expect(await doctor(host)).toEqual([]);

    await run(host, 'ip', 'link', 'del', port);
    const [gone] = await doctor(host);
    expect(gone).toMatchObject({ code: 'member-gone', where: `port ${port} of network red in host` });
    expect(gone?.what).toContain('10.1.0.2 and fd01::2');
    await red.repair();
    expect(await doctor(host)).toEqual([]);

    await red.publish(m2, [{ hostPort: 8081 }]);
    await run(host, 'nft', 'flush', 'ruleset');
    const findings = await doctor(host);
    expect(codes(findings)).toEqual(['network-flushed', 'localnet-exposed']);
    for (const fix of commandsOf(findings[1]!).slice(0, 1)) await sh(fix);
    expect(codes(await doctor(host))).toEqual(['network-flushed']);
    const again = lab.use(await createBridgeNetwork(host, OPTIONS));
    for (const netns of [m1, m2]) await again.attach(netns);
    expect(await doctor(host)).toEqual([]);
    await again.remove();
  });

  test('bridge-gone, gateway-missing, member-unknown', async () => {
    await using lab = await createLab();
    const { host, red, m1, m2, port } = await setting(lab);
    await run(host, 'ip', 'addr', 'del', '10.1.0.1/24', 'dev', 'red');
    const [missing] = await doctor(host);
    expect(missing).toMatchObject({
      code: 'gateway-missing',
      severity: 'error',
      where: 'bridge red of host',
    });
    expect(missing?.what).toContain('10.1.0.1');
    lab.use(await createBridgeNetwork(host, OPTIONS));
    expect(await doctor(host)).toEqual([]);

    await run(host, 'nft', 'flush', 'ruleset');
    const again = lab.use(await createBridgeNetwork(host, OPTIONS));
    const unknown = await doctor(host);
    expect(codes(unknown)).toEqual(['member-unknown', 'member-unknown']);
    expect(unknown.map(({ where }) => where)).toContain(`port ${port} of network red in host`);
    for (const netns of [m1, m2]) await again.attach(netns);
    expect(await doctor(host)).toEqual([]);

    await run(host, 'ip', 'link', 'del', 'red');
    expect(codes(await doctor(host))).toContain('bridge-gone');
    const last = lab.use(await createBridgeNetwork(host, OPTIONS));
    for (const netns of [m1, m2]) await last.attach(netns);
    expect(await doctor(host)).toEqual([]);
    await red.remove();
  });

  describe('one port', () => {
    const ask = async (host: Netns, options: DoctorOptions) =>
      (await doctor(host, options)).map(({ code, where }) => [code, where]);

    test('is published and heard, or not', async () => {
      await using lab = await createLab();
      const { host, red, m1, m2 } = await setting(lab);
      const member1 = 'tcp port 80 of the member with 10.1.0.2 and fd01::2';
      expect(await ask(host, { port: 8080 })).toEqual([['port-not-listening', member1]]);
      const local = await listen(m1, createServer(), { host: '127.0.0.1', port: 80 });
      const [finding] = await doctor(host, { port: 8080 });
      expect(finding?.what).toContain('only at 127.0.0.1');
      local.close();
      for (const address of ['0.0.0.0', '::', '10.1.0.2']) {
        const server = await listen(m1, createServer(), { host: address, port: 80 });
        expect(await ask(host, { port: 8080 })).toEqual([]);
        server.close();
      }

      expect(await ask(host, { port: 8081 })).toEqual([['port-not-published', 'tcp port 8081 of host']]);
      expect(await ask(host, { port: 8080, protocol: 'udp' })).toEqual([
        ['port-not-published', 'udp port 8080 of host'],
      ]);
      const own = await listen(host, createServer(), { host: '0.0.0.0', port: 8081 });
      expect(await ask(host, { port: 8081 })).toEqual([]);
      own.close();

      await red.publish(m2, [{ hostPort: 9000, hostAddress: '127.0.0.1' }]);
      await red.publish(m2, [{ hostPort: 9001, hostAddress: HOST[4] }]);
      await using server = await listen(m2, createServer(), { host: '::', port: 9000 });
      await using other = await listen(m2, createServer(), { host: '::', port: 9001 });
      const published = (port: number) => `tcp port ${port} of host, published by network red`;
      expect(await ask(host, { port: 9000 })).toEqual([['port-local-only', published(9000)]]);
      expect(await ask(host, { port: 9001 })).toEqual([]);
      await run(host, 'ip', 'addr', 'del', `${HOST[4]}/24`, 'dev', 'wan');
      expect(await ask(host, { port: 9001 })).toContainEqual(['port-address-missing', published(9001)]);
      expect([server.listening, other.listening]).toEqual([true, true]);
      await red.remove();
    });

    test('of a member without a name cannot be looked into', async () => {
      await using lab = await createLab();
      const { host, red } = await setting(lab);
      const unnamed = await member(lab);
      await red.attach(unnamed, { publish: [{ hostPort: 7000, port: 80 }] });
      expect(await doctor(host, { port: 7000 })).toMatchObject([
        {
          code: 'not-seen',
          severity: 'unknown',
          where: 'tcp port 80 of the member with 10.1.0.4 and fd01::4',
        },
      ]);
      await red.remove();
    });
  });
});
