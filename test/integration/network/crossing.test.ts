// Calls of several objects of one network, which cross each other.
import { createBridgeNetwork, getSysctl, openNetns } from '../../../lib';
import { failure, ip, run } from '../../support/ip';
import { createLab, everything, type Lab, member } from '../../support/lab';

const RED = { name: 'red', subnet: '10.1.0.0/24' } as const;

const ports = async ({ host }: Lab) =>
  (await ip(host, 'link', 'show', 'type', 'veth')).filter(({ ifname }) => ifname !== 'wan');

/** The same host, by another handle: nothing is shared between the two. */
async function another(lab: Lab) {
  return lab.use(await openNetns('host'));
}

describe('createBridgeNetwork', () => {
  test('what others attach while a network is removed is not left behind', async () => {
    await using lab = await createLab();
    const before = await everything(lab.host);
    const second = await another(lab);
    const there = await Promise.all(Array.from({ length: 30 }, async () => member(lab)));
    const late = await Promise.all(Array.from({ length: 15 }, async () => member(lab)));
    for (let round = 0; round < 6; round++) {
      const red = lab.use(await createBridgeNetwork(lab.host, RED));
      const other = lab.use(await createBridgeNetwork(second, RED));
      await Promise.all(there.map(async (one) => red.attach(one)));
      const attachAll = async () => {
        for (const one of late) {
          const error = await other.attach(one).then(
            () => undefined,
            (refusal: unknown) => refusal,
          );
          if (error !== undefined) return error;
        }
        return undefined;
      };
      const [, error] = await Promise.all([red.remove(), attachAll()]);
      if (error !== undefined) expect(error).toMatchObject({ code: 'ERR_NETWORK_REMOVED' });
      expect(await ports(lab)).toEqual([]);
      other.close();
    }
    expect(await everything(lab.host)).toEqual(before);
  });

  test('networks that are created while others are removed are whole, and forwarding ends with the last one', async () => {
    await using lab = await createLab();
    const second = await another(lab);
    const names = ['n0', 'n1', 'n2'];
    const options = (name: string, i: number) => ({ name, subnet: `10.${i}.0.0/24` });
    for (let round = 0; round < 8; round++) {
      const first = await Promise.all(
        names.map(async (name, i) => lab.use(await createBridgeNetwork(lab.host, options(name, i)))),
      );
      const [again] = await Promise.all([
        Promise.all(
          names.map(async (name, i) => lab.use(await createBridgeNetwork(second, options(name, i)))),
        ),
        Promise.all(first.map(async (network) => network.remove())),
      ]);
      // the table and the bridges are of the same networks
      const table = await run(lab.host, 'nft', '-j', 'list', 'ruleset');
      const listed = (
        JSON.parse(table) as { nftables: { set?: { name: string; elem?: { elem: { val: string } }[] } }[] }
      ).nftables;
      const inTable = listed.flatMap(({ set }) =>
        set?.name === 'bridges' ? (set.elem ?? []).map(({ elem }) => elem.val) : [],
      );
      const bridges = (await ip(lab.host, 'link', 'show', 'type', 'bridge')).map(({ ifname }) => ifname);
      expect(bridges.sort()).toEqual(inTable.sort());
      expect(await getSysctl(lab.host, 'net.ipv4.ip_forward')).toBe(inTable.length > 0 ? '1' : '0');
      for (const network of again) await network.remove();
      expect(await getSysctl(lab.host, 'net.ipv4.ip_forward')).toBe('0');
      expect(await run(lab.host, 'nft', 'list', 'ruleset')).toBe('');
    }
  });

  test('two objects that publish ports of one member at once both do', async () => {
    await using lab = await createLab();
    const [one, two] = [
      lab.use(await createBridgeNetwork(lab.host, RED)),
      lab.use(await createBridgeNetwork(await another(lab), RED)),
    ];
    const a = await member(lab);
    await one.attach(a);
    const publish = async (network: typeof one, from: number) => {
      for (let i = 0; i < 25; i++) await network.publish(a, [{ hostPort: from + i, port: 80 }]);
    };
    await Promise.all([publish(one, 10_000), publish(two, 20_000)]);
    const [{ published } = { published: [] }] = (await one.inspect()).members;
    expect(published).toHaveLength(50);
    await Promise.all(
      [one, two].map(async (network, i) => network.unpublish(a, [{ hostPort: 10_000 * (i + 1), port: 80 }])),
    );
    expect((await one.inspect()).members[0]?.published).toHaveLength(48);
    expect(await failure(two.publish(await member(lab), [{ hostPort: 1, port: 80 }]))).toMatchObject({
      code: 'ERR_NOT_A_MEMBER',
    });
  });
});
