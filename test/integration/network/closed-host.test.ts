import {
  BridgeNetwork,
  createBridgeNetwork,
  createNetns,
  deleteLink,
  getSysctl,
  listLinks,
  type Netns,
  nft,
  openNetns,
} from '../../../lib';
import { partOfNumbers } from '../../support/part';

/** A call that works on one member of the network. What the network has after it is one member with one port, but for this: */
interface MemberCall {
  before?: (host: Netns, network: BridgeNetwork) => Promise<void>;
  call: (network: BridgeNetwork, member: Netns) => Promise<unknown>;
  members?: number;
  published?: number[];
}

const PORT = [{ hostPort: 8080, port: 80 }];
const OTHER_PORT = [{ hostPort: 81, port: 81 }];

/** Of the uses of a handle, which are dozens, it is closed at each of so many. */
const PARTS = 6;

const SHOP = { name: 'shop', subnet: '10.200.0.0/24' };

/** A handle that is closed when it is used for the nth time, just before. Uses count while `from` is 0. */
function closingAt(netns: Netns, nth: number, counting = { from: 0 }): Netns {
  let uses = 0;
  return new Proxy(netns, {
    get(handle, name) {
      const value: unknown = Reflect.get(handle, name, handle);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (name !== 'toString' && counting.from === 0 && ++uses === nth) handle.close();
        return (value as (...given: unknown[]) => unknown).apply(handle, args);
      };
    },
  });
}

describe('createBridgeNetwork', () => {
  test('nothing is left where the handle of the host is closed at any moment of it', async () => {
    let uses = 0;
    for (const nth of partOfNumbers(2, PARTS)) {
      await using host = await createNetns('host');
      const handle = closingAt(await openNetns('host'), nth);
      const made = await createBridgeNetwork(handle, SHOP).catch((error: unknown) => error);
      if (made instanceof BridgeNetwork) {
        await made.remove().catch(() => undefined); // by a handle that its use may have closed
        made.close();
        handle.close();
        break;
      }
      uses = nth;
      expect(made).toMatchObject({ code: 'ERR_NETNS_CLOSED' });
      expect(made).not.toHaveProperty('rollbackErrors');
      const left = {
        links: (await listLinks(host)).map(({ name }) => name),
        tables: (await nft.listRuleset(host)).tables,
        forwarding: await getSysctl(host, 'net.ipv4.ip_forward'),
      };
      expect({ nth, left }).toEqual({ nth, left: { links: ['lo'], tables: [], forwarding: '0' } });
    }
    expect(uses).toBeGreaterThan(11);
  });

  test('a member is not left half attached where the handle of the host is closed', async () => {
    let uses = 0;
    for (const nth of partOfNumbers(1, PARTS)) {
      await using host = await createNetns('host');
      await using member = await createNetns();
      const first = await createBridgeNetwork(host, SHOP);
      const closing = { from: Infinity };
      const handle = closingAt(await openNetns('host'), nth, closing);
      const network = await createBridgeNetwork(handle, SHOP);
      closing.from = 0;
      const attached = await network.attach(member, { publish: PORT }).catch((error: unknown) => error);
      const left = {
        links: (await listLinks(host))
          .map(({ name }) => name)
          .filter((name) => !['lo', 'shop'].includes(name)),
        members: (await first.inspect()).members.length,
      };
      network.close();
      handle.close();
      await first.remove();
      if (!(attached instanceof Error)) break;
      uses = nth;
      expect(attached).toMatchObject({ code: 'ERR_NETNS_CLOSED' });
      expect({ nth, left }).toEqual({ nth, left: { links: [], members: 0 } });
    }
    expect(uses).toBeGreaterThan(5);
  });

  const gone: MemberCall['before'] = async (host, network) => {
    for (const { port } of (await network.inspect()).members) await deleteLink(host, port);
  };

  test.each<[string, MemberCall]>([
    ['detach', { call: async (network, member) => network.detach(member), members: 0 }],
    ['repair', { before: gone, call: async (network) => network.repair(), members: 0 }],
    [
      'publish',
      { call: async (network, member) => network.publish(member, OTHER_PORT), published: [81, 8080] },
    ],
    ['unpublish', { call: async (network, member) => network.unpublish(member, PORT), published: [] }],
  ])('%s can be called again where the handle of the host is closed at any moment', async (_, expected) => {
    const { before, call, members = 1, published = [8080] } = expected;
    let uses = 0;
    for (const nth of partOfNumbers(1, PARTS)) {
      await using host = await createNetns('host');
      await using member = await createNetns();
      await using first = await createBridgeNetwork(host, SHOP);
      await first.attach(member, { publish: PORT });
      const closing = { from: Infinity };
      const handle = closingAt(await openNetns('host'), nth, closing);
      await using network = await createBridgeNetwork(handle, SHOP);
      await before?.(host, first);
      closing.from = 0;
      const failure = await call(network, member).then(
        () => undefined,
        (error: unknown) => error,
      );
      handle.close();
      const ports = async () =>
        (await first.inspect()).members.map((one) =>
          one.published.map(({ hostPort }) => hostPort).sort((a, b) => a - b),
        );
      if (failure === undefined) {
        expect(await ports()).toEqual(Array.from({ length: members }, () => published));
        break;
      }
      uses = nth;
      expect(failure).toMatchObject({ code: 'ERR_NETNS_CLOSED' });
      expect(failure).not.toHaveProperty('rollbackErrors');
      const between = (await first.inspect()).members;
      expect({ nth, changing: between.filter(({ changing }) => changing) }).toEqual({ nth, changing: [] });
      await call(first, member);
      expect({ nth, ports: await ports() }).toEqual({
        nth,
        ports: Array.from({ length: members }, () => published),
      });
    }
    expect(uses).toBeGreaterThan(3);
  });

  test('remove can be called again, and hosts forward until it is done, where the handle of the host is closed', async () => {
    let uses = 0;
    for (const nth of partOfNumbers(1, PARTS)) {
      await using host = await createNetns('host');
      await using first = await createBridgeNetwork(host, SHOP);
      const closing = { from: Infinity };
      const handle = closingAt(await openNetns('host'), nth, closing);
      await using network = await createBridgeNetwork(handle, SHOP);
      closing.from = 0;
      const failure = await network.remove().then(
        () => undefined,
        (error: unknown) => error,
      );
      handle.close();
      const look = async () => ({
        tables: (await nft.listRuleset(host)).tables.length,
        forwarding: await getSysctl(host, 'net.ipv4.ip_forward'),
      });
      const gone = { tables: 0, forwarding: '0' };
      if (failure === undefined) {
        expect(await look()).toEqual(gone);
        break;
      }
      uses = nth;
      expect(failure).toMatchObject({ code: 'ERR_NETNS_CLOSED' });
      expect(failure).not.toHaveProperty('rollbackErrors');
      const between = await look();
      if (between.tables > 0) expect({ nth, ...between }).toEqual({ nth, tables: 1, forwarding: '1' });
      await first.remove();
      expect({ nth, ...(await look()) }).toEqual({ nth, ...gone });
    }
    expect(uses).toBeGreaterThan(3);
  });
});
