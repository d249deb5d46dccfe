import {
  addAddr,
  addNeighbor,
  addRoute,
  addRule,
  createBridge,
  createBridgeNetwork,
  doctor,
  getLink,
  getRoute,
  listAddrs,
  listBridgePorts,
  listConntrack,
  listLinks,
  listNeighbors,
  listNetns,
  listRoutes,
  listRules,
  nft,
} from '../../../lib';
import { testWith } from '../../support/capabilities';
import { ip, run } from '../../support/ip';
import { createLab, HOST, member } from '../../support/lab';

const TABLE = `
table inet counted {
  counter c { packets 5 bytes 10; }
  quota q { over 10 mbytes used 1 mbytes; }
  limit l { rate over 10 mbytes/second burst 512 kbytes; }
  set s { type ipv4_addr; flags dynamic, timeout; timeout 1h; elements = { 10.9.0.1 counter packets 1 bytes 2 timeout 1h } }
  chain in {
    type filter hook input priority 0;
    counter packets 3 bytes 99
    quota 25 mbytes
    limit rate 5/second
    ct state new accept
    update @s { ip saddr timeout 60s counter }
  }
}`;

describe('listLinks', () => {
  testWith(
    'nf_tables in the families ip, ip6 and inet',
    'all that is listed can be written as JSON',
    async () => {
      await using lab = await createLab();
      const { host, lan } = lab;
      const red = lab.use(await createBridgeNetwork(host, { name: 'red', subnet: '10.1.0.0/24' }));
      await red.attach(await member(lab), { publish: [{ hostPort: 8080, port: 80 }] });
      await createBridge(host, 'br0', { up: true });
      await addAddr(host, 'br0', '10.9.0.1/24');
      await addRoute(host, { to: '10.8.0.0/16', device: 'br0', metric: 5 });
      await addRule(host, { from: '10.9.0.0/24', table: 100 });
      await addNeighbor(host, 'br0', '10.9.0.2', { mac: '02:00:00:00:00:01' });
      await run(host, 'nft', TABLE);
      await run(lan, 'ping', '-c1', '-W1', HOST[4]);
      const { ruleset, objects } = await nft
        .listRuleset(host)
        .then((found) => ({ ruleset: found, ...found }));
      const listed: Record<string, unknown> = {
        links: await listLinks(host),
        ports: await listBridgePorts(host),
        addrs: await listAddrs(host),
        routes: await listRoutes(host, { table: 'all' }),
        route: await getRoute(host, '10.8.0.1'),
        rules: await listRules(host),
        neighbors: await listNeighbors(host),
        names: await listNetns(),
        connections: await listConntrack(host),
        ruleset,
        elements: await nft.listElements(host, {
          table: { family: 'inet', name: 'counted' },
          name: 's',
          key: 'ipv4_addr',
        }),
        network: await red.inspect(),
        findings: await doctor(host),
      };
      for (const [name, value] of Object.entries(listed)) {
        expect([name, JSON.stringify(value)]).toEqual([name, expect.stringMatching(/^[[{]/) as string]);
      }
      // Numbers are what the kernel's own tools print.
      expect(objects).toMatchObject(
        expect.arrayContaining([
          expect.objectContaining({ name: 'c', packets: 5, bytes: 10 }),
          expect.objectContaining({ name: 'q', bytes: 10 * 2 ** 20, consumed: 2 ** 20 }),
          expect.objectContaining({ name: 'l', rate: 10 * 2 ** 20 }),
        ]) as unknown[],
      );
      const [{ linkinfo } = {}] = await ip(host, 'link', 'show', 'br0');
      const data = (linkinfo as { info_data: Record<string, unknown> }).info_data;
      expect((await getLink(host, 'br0')).bridge).toMatchObject({
        multicastQueryInterval: data['mcast_query_intvl'],
        multicastMembershipInterval: data['mcast_membership_intvl'],
      });
    },
  );
});
