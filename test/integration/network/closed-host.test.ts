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

/** A handle that is closed when it is used for the nth time, just before. */
function closingAt(netns: Netns, nth: number): Netns {
  let uses = 0;
  return new Proxy(netns, {
    get(handle, name) {
      const value: unknown = Reflect.get(handle, name, handle);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (name !== 'toString' && ++uses === nth) handle.close();
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
      const made = await createBridgeNetwork(handle, { name: 'shop', subnet: '10.200.0.0/24' }).catch(
        (error: unknown) => error,
      );
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
});
