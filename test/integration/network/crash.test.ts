// Killed at any moment, a process leaves a network that the next one puts right, or takes away without a trace.
import { createBridgeNetwork, createNetns, type Netns, setSysctl } from '../../../lib';
import { ip } from '../../support/ip';
import { createLab, everything, type Lab } from '../../support/lab';
import { partOfRuns } from '../../support/part';
import { program, start } from '../../support/program';

const OPTIONS = { name: 'red', subnet: '10.1.0.0/24', ipv6: 'fd01::/64' } as const;

/** From the start, as it is not taken back. */
const FORWARDING = { 'net.ipv4.ip_forward': 1, 'net.ipv6.conf.all.forwarding': 1 };

const veths = async (netns: Netns) => (await ip(netns, 'link', 'show', 'type', 'veth')).length;

/** Without end, until it is killed. */
function busy(options: { network: typeof OPTIONS; host: string; members: string[] }): string {
  return program(async ({ rtnetns, tell }, { network, host: name, members }) => {
    const host = await rtnetns.openNetns(name);
    const all = await Promise.all(members.map((one) => rtnetns.openNetns(one)));
    for (let round = 0; ; round++) {
      const red = await rtnetns.createBridgeNetwork(host, network);
      if (round === 0) tell('begun');
      const publish = (i: number) => [
        { hostPort: 8000 + i, port: 80 },
        { hostPort: 53 + i, protocol: 'udp' as const },
      ];
      await Promise.all(all.map((one, i) => red.attach(one, { publish: publish(i) })));
      await Promise.all(all.filter((_, i) => i % 2 === 0).map((one) => red.detach(one)));
      if (round % 2 === 0) await red.remove();
      else red.close();
    }
  }, options);
}

describe('createBridgeNetwork', () => {
  test('killed at random moments', async () => {
    await using lab = await createLab();
    const { host } = lab;
    await setSysctl(host, FORWARDING);
    const members = ['m0', 'm1', 'm2', 'm3'];
    const all: Netns[] = [];
    for (const name of members) all.push(lab.use(await createNetns(name)));
    const before = await everything(host);
    for (let i = 0; i < partOfRuns(20, 4); i++) {
      const { child, ended } = start(busy({ network: OPTIONS, host: 'host', members }));
      await new Promise((resolve) => child.stdout!.once('data', resolve));
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 300));
      child.kill('SIGKILL');
      expect(await ended).toMatchObject({ signal: 'SIGKILL', stderr: '' });

      const red = lab.use(await createBridgeNetwork(host, OPTIONS));
      const { members: there } = await red.inspect();
      expect(there.filter(({ changing }) => changing)).toEqual([]);
      expect(there.flatMap(({ published }) => published.filter(({ reserved }) => !reserved))).toEqual([]);
      const ports = (await ip(host, 'link', 'show', 'master', 'red')).map(({ ifname }) => ifname);
      expect(ports.sort()).toEqual(there.map(({ port }) => port).sort());
      if (i % 2 === 0) {
        // all of it works as ever
        const attached = await Promise.all(
          all.map((one, n) => red.attach(one, { publish: [{ hostPort: 8000 + n, port: 80 }] })),
        );
        expect(new Set(attached.map(({ addresses }) => addresses[4])).size).toBe(all.length);
        for (const one of all) expect(await veths(one)).toBe(1);
      }
      await red.remove();
      expect(await everything(host)).toEqual(before);
      for (const one of all) expect(await veths(one)).toBe(0);
    }
  });

  test('several processes at once', async () => {
    await using lab = await createLab();
    const { host } = lab;
    await setSysctl(host, FORWARDING);
    const before = await everything(host);
    const network = { ...OPTIONS, subnet: '10.1.0.0/25' };
    const work = (members: string[]) =>
      program(
        async ({ rtnetns, tell }, options) => {
          const own = await rtnetns.openNetns(options.host);
          const red = await rtnetns.createBridgeNetwork(own, options.network);
          for (const name of options.members) {
            const netns = await rtnetns.openNetns(name);
            tell((await red.attach(netns)).addresses);
          }
          red.close();
        },
        { network, host: 'host', members },
      );
    const names = Array.from({ length: 12 }, (_, i) => `m${i}`);
    for (const name of names) lab.use(await createNetns(name));
    // each has some of its own, and all have the last two
    const parts = [0, 1, 2].map((i) => [...names.slice(3 * i, 3 * i + 3), 'm10', 'm11', 'm9']);
    const ended = await Promise.all(parts.map((part) => start(work(part)).ended));
    for (const { code, stderr } of ended) expect([code, stderr]).toEqual([0, '']);
    const told = ended.flatMap((one) => one.told as Record<4 | 6, string>[]);
    expect(new Set(told.map((addresses) => addresses[4])).size).toBe(12);
    expect(new Set(told.map((addresses) => addresses[6])).size).toBe(12);
    const red = lab.use(await createBridgeNetwork(host, network));
    expect((await red.inspect()).members).toHaveLength(12);
    await red.remove();
    expect(await everything(host)).toEqual(before);
  });

  test('the table goes with the last networks, removed together by one process and by several', async () => {
    await using lab = await createLab();
    const { host } = lab;
    await setSysctl(host, FORWARDING);
    const before = await everything(host);
    const options = (i: number) => ({ name: `n${i}`, subnet: `10.1.${i}.0/24` });
    const create = async () =>
      Promise.all(Array.from({ length: 9 }, async (_, i) => createBridgeNetwork(host, options(i))));
    const networks = await create();
    await Promise.all(networks.map(async (network) => network.remove()));
    expect(await everything(host)).toEqual(before);

    for (const network of await create()) network.close();
    const work = (first: number) =>
      program(
        async ({ rtnetns }, all) => {
          const own = await rtnetns.openNetns('host');
          const found = await Promise.all(all.map(async (one) => rtnetns.createBridgeNetwork(own, one)));
          await Promise.all(found.map(async (network) => network.remove()));
        },
        [first, first + 1, first + 2].map(options),
      );
    const ended = await Promise.all([0, 3, 6].map(async (first) => start(work(first)).ended));
    for (const { code, stderr } of ended) expect([code, stderr]).toEqual([0, '']);
    expect(await everything(host)).toEqual(before);
  });

  test('the thousandth port is as quick to publish as the first', async () => {
    const publishing = async (lab: Lab, count: number) => {
      const red = lab.use(await createBridgeNetwork(lab.host, OPTIONS));
      const one = lab.use(await createNetns());
      await red.attach(
        one,
        count === 0 ? {} : { publish: [{ hostPort: { from: 10_000, to: 10_000 + count - 1 } }] },
      );
      const last = [{ hostPort: 10_000 + count, port: 80 }];
      return {
        async publish() {
          const begun = performance.now();
          await red.publish(one, last);
          const took = performance.now() - begun;
          await red.unpublish(one, last);
          return took;
        },
        red,
      };
    };
    await using lab = await createLab();
    await using other = await createLab('2');
    const [none, many] = [await publishing(lab, 0), await publishing(other, 999)];
    const times: [first: number[], last: number[]] = [[], []];
    // in turn, so that what else the machine does hits both
    for (let i = 0; i < 60; i++) {
      const took = [await none.publish(), await many.publish()] as const;
      if (i >= 10) took.forEach((time, n) => times[n]!.push(time)); // the first are start-up
    }
    const [first, last] = times.map((some) => some.sort((a, b) => a - b)[some.length >> 1]!) as [
      number,
      number,
    ];
    expect(last / first).toBeLessThanOrEqual(1.5);
    expect((await many.red.inspect()).members[0]!.published).toHaveLength(999);
  });
});
