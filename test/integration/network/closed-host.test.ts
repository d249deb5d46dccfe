import {
  BridgeNetwork,
  createBridgeNetwork,
  createNetns,
  getSysctl,
  listLinks,
  type Netns,
  nft,
  openNetns,
} from '../../../lib';

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
    let refused = 0;
    for (let nth = 2; ; nth++) {
      await using host = await createNetns('host');
      const handle = closingAt(await openNetns('host'), nth);
      const made = await createBridgeNetwork(handle, SHOP).catch((error: unknown) => error);
      if (made instanceof BridgeNetwork) {
        await made.remove().catch(() => undefined); // by a handle that its use may have closed
        made.close();
        handle.close();
        break;
      }
      refused++;
      expect(made).toMatchObject({ code: 'ERR_NETNS_CLOSED' });
      expect(made).not.toHaveProperty('rollbackErrors');
      const left = {
        links: (await listLinks(host)).map(({ name }) => name),
        tables: (await nft.listRuleset(host)).tables,
        forwarding: await getSysctl(host, 'net.ipv4.ip_forward'),
      };
      expect({ nth, left }).toEqual({ nth, left: { links: ['lo'], tables: [], forwarding: '0' } });
    }
    expect(refused).toBeGreaterThan(10);
  });

  test('a member is not left half attached where the handle of the host is closed', async () => {
    let refused = 0;
    for (let nth = 1; ; nth++) {
      await using host = await createNetns('host');
      await using member = await createNetns();
      const first = await createBridgeNetwork(host, SHOP);
      const closing = { from: Infinity };
      const handle = closingAt(await openNetns('host'), nth, closing);
      const network = await createBridgeNetwork(handle, SHOP);
      closing.from = 0;
      const attached = await network
        .attach(member, { publish: [{ hostPort: 8080, port: 80 }] })
        .catch((error: unknown) => error);
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
      refused++;
      expect(attached).toMatchObject({ code: 'ERR_NETNS_CLOSED' });
      expect({ nth, left }).toEqual({ nth, left: { links: [], members: 0 } });
    }
    expect(refused).toBeGreaterThan(5);
  });
});
