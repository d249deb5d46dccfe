import { createNetns, createStar, deleteStar, doctor } from '../../../lib';
import { codes } from '../../support/doctor';
import { failure, run } from '../../support/ip';

const COUNT = 1010;

describe('doctor', () => {
  test('many-ports: a member of a bridge with more ports than packets may wait cannot resolve the bridge', async () => {
    await using host = await createNetns();
    const members = Array.from({ length: COUNT }, (_, i) => ({
      device: { addrs: [`10.50.${1 + (i >> 8)}.${i & 255}/16`] },
    }));
    const star = await createStar(host, {
      bridge: { name: 'br0', addrs: ['10.50.0.1/16'] },
      members,
      ipv6: false,
    });
    const [first, ...others] = star.members.map((member) =>
      member.status === 'created' ? member : undefined,
    );
    const { netns } = first!;
    expect(await failure(run(netns, 'ping', '-c3', '-i0.2', '-W1', '10.50.0.1'))).toMatchObject({
      stdout: expect.stringContaining(' 0 received') as string,
    });
    const found = (await doctor(host)).filter(({ code }) => code === 'many-ports');
    expect(found).toMatchObject([{ severity: 'warning' }]);
    expect(found[0]!.what).toContain('bridge br0 has 1010 ports that are up, and 1000 packets may wait');
    expect(found[0]!.fix).toContain('`sysctl -w net.core.netdev_max_backlog=2020`');

    for (const member of others.slice(0, 10)) await run(host, 'ip', 'link', 'set', member!.port.name, 'down');
    expect(codes(await doctor(host))).not.toContain('many-ports');
    await deleteStar(host, star);
  });
});
