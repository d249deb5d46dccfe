// Addresses that are there already, or not there.
import { addAddr, listAddrs, removeAddr } from '../../../lib';
import { failure, ip, run } from '../../support/ip';
import { netnsWithPair } from '../../support/namespaces';

describe('addAddr, removeAddr', () => {
  describe.each([
    ['10.0.1.1/24', '10.0.1.2/24'],
    ['fd00::1/64', 'fd00::2/64'],
  ])('%s', (addr, other) => {
    test('twice is an error, or nothing', async () => {
      await using red = await netnsWithPair('red');
      await addAddr(red, 'eth0', addr);
      const before = await ip(red, 'addr');
      const error = await failure(addAddr(red, 'eth0', addr));
      expect(error).toMatchObject({ name: 'NetlinkError', code: 'EEXIST' });
      expect(error.message).toMatch(
        new RegExp(
          `^EEXIST: add address ${addr} to eth0 in namespace red: (.*: )?the device has this address already$`,
        ),
      );
      await addAddr(red, 'eth0', addr, { ifExists: 'ignore', metric: 9 });
      expect(await ip(red, 'addr')).toEqual(before);
      // another device may have it, too
      await addAddr(red, 'eth1', addr);
    });

    test('replacing changes its settings', async () => {
      await using red = await netnsWithPair('red');
      await addAddr(red, 'eth0', addr, { ifExists: 'replace', metric: 7 });
      const [local] = addr.split('/');
      expect(await run(red, 'ip', 'addr', 'show', 'to', local!)).toContain('metric 7');
      await addAddr(red, 'eth0', addr, { ifExists: 'replace', metric: 8, validLifetime: 5000 });
      const told = await run(red, 'ip', 'addr', 'show', 'to', local!);
      expect(told).toContain('metric 8');
      expect(told).toContain('valid_lft 5000sec');
      expect(told.match(/inet/g)?.length).toBe(1);
    });

    test('removing what is not there is an error, or nothing', async () => {
      await using red = await netnsWithPair('red');
      await addAddr(red, 'eth0', addr);
      const before = await ip(red, 'addr');
      expect(await failure(removeAddr(red, 'eth0', other))).toMatchObject({
        name: 'NetlinkError',
        code: 'EADDRNOTAVAIL',
        message: expect.stringMatching(
          new RegExp(
            `^EADDRNOTAVAIL: remove address ${other} from eth0 in namespace red: (.*: )?` +
              'the device does not have this address with this prefix length$',
          ),
        ) as string,
      });
      expect(await failure(removeAddr(red, 'eth1', addr))).toMatchObject({ code: 'EADDRNOTAVAIL' });
      await removeAddr(red, 'eth0', other, { ifMissing: 'ignore' });
      expect(await ip(red, 'addr')).toEqual(before);
      await removeAddr(red, 'eth0', addr);
      await removeAddr(red, 'eth0', addr, { ifMissing: 'ignore' });
      expect(await failure(removeAddr(red, 'eth0', addr))).toMatchObject({ code: 'EADDRNOTAVAIL' });
      expect(await run(red, 'ip', 'addr', 'show', 'to', addr)).toBe('');
    });

    test('no such device', async () => {
      await using red = await netnsWithPair('red');
      for (const attempt of [
        addAddr(red, 'nosuch', addr),
        addAddr(red, 4711, addr),
        addAddr(red, 'nosuch', addr, { ifExists: 'ignore' }),
        removeAddr(red, 'nosuch', addr),
        removeAddr(red, 'nosuch', addr, { ifMissing: 'ignore' }),
      ]) {
        expect(await failure(attempt)).toMatchObject({
          name: 'NetlinkError',
          code: 'ENODEV',
          message: expect.stringContaining('there is no such device') as string,
        });
      }
    });
  });

  test('the prefix length is part of the address', async () => {
    await using red = await netnsWithPair('red');
    await addAddr(red, 'eth0', '10.0.1.1/24');
    await addAddr(red, 'eth0', '10.0.1.1/16');
    expect(await failure(removeAddr(red, 'eth0', '10.0.1.1/8'))).toMatchObject({ code: 'EADDRNOTAVAIL' });
    await removeAddr(red, 'eth0', '10.0.1.1/24');
    expect((await ip(red, 'addr', 'show', 'eth0'))[0]!['addr_info']).toMatchObject([
      { local: '10.0.1.1', prefixlen: 16 },
    ]);
  });

  test('what the kernel refuses', async () => {
    await using red = await netnsWithPair('red');
    const before = await ip(red, 'addr');
    expect(await failure(addAddr(red, 'eth0', 'ff02::1/64'))).toMatchObject({ code: 'EADDRNOTAVAIL' });
    expect(await failure(addAddr(red, 'eth0', '10.0.1.1/24', { validLifetime: 0 }))).toMatchObject({
      code: 'EINVAL',
    });
    expect(
      await failure(addAddr(red, 'eth0', '10.0.1.1/24', { validLifetime: 5, preferredLifetime: 6 })),
    ).toMatchObject({
      code: 'EINVAL',
    });
    for (const lifetimes of [{ validLifetime: 0 }, { validLifetime: 5, preferredLifetime: 6 }]) {
      const error = await failure(addAddr(red, 'eth0', 'fd00::9/64', lifetimes));
      expect(error).toMatchObject({ code: 'EINVAL' });
      expect(error.message).toContain('validLifetime is 0 or less than preferredLifetime');
    }
    expect(await ip(red, 'addr')).toEqual(before);
  });

  test('hundreds at once, of which one fails alone', async () => {
    await using red = await netnsWithPair('red');
    await addAddr(red, 'eth0', '10.0.150.1/24');
    const all = await Promise.allSettled(
      Array.from({ length: 300 }, (_, i) => addAddr(red, 'eth0', `10.${i >> 8}.${i & 255}.1/24`)),
    );
    expect(all.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []))).toEqual([150]);
    expect(((await ip(red, 'addr', 'show', 'eth0'))[0]!['addr_info'] as unknown[]).length).toBe(300);
  });

  test('a listed address is added to another device, with the label that it was listed with', async () => {
    await using red = await netnsWithPair('red');
    await addAddr(red, 'eth0', '10.0.1.1/24', { label: 'eth0:1' });
    const [listed] = await listAddrs(red, { device: 'eth0', family: 4 });
    await removeAddr(red, 'eth0', listed!.addr, listed);
    await addAddr(red, 'eth1', listed!.addr, listed);
    const [shown] = await ip(red, 'addr', 'show', 'eth1');
    expect(shown!['addr_info']).toMatchObject([{ local: '10.0.1.1', label: 'eth0:1' }]);
    const refused = failure(addAddr(red, 'eth1', '10.0.2.1/24', { label: 'eth0:1' }));
    expect((await refused).message).toBe(
      'label: it has to begin with the device\'s name, "eth1", got "eth0:1"',
    );
  });
});
