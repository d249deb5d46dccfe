import { createNetns, createVeth, listLinks, moveLink, type Netns } from '../../../lib';
import { failure } from '../../support/ip';

/** A handle at whose first request about an address a tenant moves the device to a namespace of theirs. */
function movingAway(netns: Netns, device: string, elsewhere: Netns): Netns {
  const request: Netns['request'] = async (one) => {
    if (one.attempt.operation.startsWith('add address')) await moveLink(netns, device, elsewhere);
    return netns.request(one);
  };
  return new Proxy(netns, {
    get(handle, name) {
      if (name === 'request') return request;
      const value: unknown = Reflect.get(handle, name, handle);
      return typeof value === 'function' ? (value.bind(handle) as unknown) : value;
    },
  });
}

describe('createVeth', () => {
  test("the host's end goes where a tenant moves theirs away before the pair is done", async () => {
    await using tenant = await createNetns('tenant');
    await using elsewhere = await createNetns();
    await using host = await createNetns();
    const error = await failure(
      createVeth(
        { netns: movingAway(tenant, 'end', elsewhere), name: 'end', up: true, addrs: ['10.0.0.1/24'] },
        { netns: host, name: 'port', up: true, addrs: ['10.0.0.9/24'] },
      ),
    );
    expect(error).toMatchObject({ code: 'ENODEV' });
    expect(error).not.toHaveProperty('rollbackErrors');
    expect((await listLinks(host)).map(({ name }) => name)).toEqual(['lo']);
    expect((await listLinks(elsewhere)).map(({ name }) => name)).toEqual(['lo']);
  });
});
