import { createNetns, type Netns, waitForAddr } from '../../../lib';
import { failure, ip, run } from '../../support/ip';
import { netnsWithPair } from '../../support/namespaces';

/** Both ends are up, and without addresses of their own making. */
const pair = async () => netnsWithPair('red', { up: true, addrGenMode: 'none' }, ['va', 'vb']);

async function shown(netns: Netns, device: string, local: string) {
  const [{ addr_info: list } = {}] = await ip(netns, 'addr', 'show', 'dev', device);
  return (list as { local: string; tentative?: true; dadfailed?: true }[]).find((one) => one.local === local);
}

describe('waitForAddr', () => {
  test('of IPv6, when duplicate address detection is over', async () => {
    await using red = await pair();
    const waiting = waitForAddr(red, 'va', 'fd00:0::0:1');
    await run(red, 'ip', 'addr', 'add', 'fd00::1/64', 'dev', 'va');
    expect(await shown(red, 'va', 'fd00::1')).toMatchObject({ tentative: true });
    expect(await waiting).toMatchObject({ addr: 'fd00::1/64', family: 6, flags: ['permanent'] });
    expect((await shown(red, 'va', 'fd00::1'))?.tentative).toBeUndefined();
  });

  test('without it, and of IPv4, as soon as it is there', async () => {
    await using red = await pair();
    await run(red, 'ip', 'addr', 'add', 'fd00::1/64', 'dev', 'va', 'nodad');
    await waitForAddr(red, 'va', 'fd00::1/64');
    const waiting = waitForAddr(red, 'va', '10.0.0.1');
    await run(red, 'ip', 'addr', 'add', '10.0.0.2/24', 'dev', 'va');
    await run(red, 'ip', 'addr', 'add', '10.0.0.1/24', 'dev', 'vb');
    await run(red, 'ip', 'addr', 'add', '10.0.0.1/24', 'dev', 'va');
    expect(await waiting).toMatchObject({ addr: '10.0.0.1/24', flags: ['secondary', 'permanent'] });
  });

  test('somebody else has it: a typed error', async () => {
    await using red = await pair();
    await run(red, 'ip', 'addr', 'add', 'fd00::1/64', 'dev', 'vb', 'nodad');
    const waiting = failure(waitForAddr(red, 'va', 'fd00::1', { timeout: 9000 }));
    await run(red, 'ip', 'addr', 'add', 'fd00::1/64', 'dev', 'va');
    const error = {
      name: 'NetnsError',
      code: 'ERR_DAD_FAILED',
      message:
        'ERR_DAD_FAILED: wait for address fd00::1 of link va in namespace red: ' +
        'somebody else on the link has it (duplicate address detection failed)',
    };
    expect(await waiting).toMatchObject(error);
    expect(await shown(red, 'va', 'fd00::1')).toMatchObject({ dadfailed: true });
    expect(await failure(waitForAddr(red, 'va', 'fd00::1'))).toMatchObject(error);
  });

  test('the device may come later, by its name or its index', async () => {
    await using red = await createNetns('red');
    const waits = ['va', 77].map(async (device) =>
      waitForAddr(red, device, '10.0.0.1/24', { timeout: 9000 }),
    );
    await run(red, 'ip', 'link', 'add', 'va', 'index', '77', 'type', 'bridge');
    await run(red, 'ip', 'addr', 'add', '10.0.0.1/25', 'dev', 'va');
    await run(red, 'ip', 'addr', 'add', '10.0.0.1/24', 'dev', 'va');
    for (const addr of await Promise.all(waits))
      expect(addr).toMatchObject({ addr: '10.0.0.1/24', index: 77 });
  });

  test('a device that gets the name has the address already', async () => {
    await using red = await createNetns('red');
    await run(red, 'ip', 'link', 'add', 'x', 'type', 'bridge');
    await run(red, 'ip', 'addr', 'add', '10.0.0.1/24', 'dev', 'x');
    const waiting = waitForAddr(red, 'va', '10.0.0.1', { timeout: 9000 });
    await run(red, 'ip', 'link', 'set', 'x', 'name', 'va');
    expect(await waiting).toMatchObject({ addr: '10.0.0.1/24' });
  });

  test.each([
    ['vx', '10.0.0.1', 'there is no such device'],
    ['va', '10.0.0.1', 'the device does not have it'],
    ['va', 'fd00::1', 'it is tentative: duplicate address detection is under way, or waits for a carrier'],
  ])('in time %s has no %s', async (device, addr, reason) => {
    await using red = await pair();
    await run(red, 'ip', 'link', 'set', 'vb', 'down');
    await run(red, 'ip', 'addr', 'add', 'fd00::1/64', 'dev', 'va');
    expect(await failure(waitForAddr(red, device, addr, { timeout: 100 }))).toMatchObject({
      code: 'ETIMEDOUT',
      message: `ETIMEDOUT: wait for address ${addr} of link ${device} in namespace red: after 100 ms ${reason}`,
    });
  });

  test('a signal, and the end of the handle', async () => {
    const red = await createNetns();
    const signal = AbortSignal.timeout(100);
    await expect(waitForAddr(red, 'lo', '10.0.0.1', { signal })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    const waiting = failure(waitForAddr(red, 'lo', '10.0.0.1'));
    red.close();
    expect(await waiting).toMatchObject({ code: 'ERR_NETNS_CLOSED' });
  });

  test.each<[device: unknown, addr: unknown, options: object, message: string]>([
    ['a b', '10.0.0.1', {}, 'device: a device name must not hold'],
    ['lo', '10.0.0', {}, 'address: '],
    ['lo', '10.0.0.1/33', {}, 'address: the prefix of an IPv4 address has at most 32 bits'],
    ['lo', '10.0.0.1', { timeout: Infinity }, 'timeout: expected milliseconds, from 0'],
  ])('%p with %p is refused', async (device, addr, options, message) => {
    await using red = await createNetns();
    await expect(waitForAddr(red, device as string, addr as string, options)).rejects.toThrow(message);
  });
});
