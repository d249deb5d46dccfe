// Pools in memory, as they are used.
import { type AddressPoolOptions, openAddressPool } from '../../../lib/pool/address-pool';
import { openSubnetPool, type SubnetPoolOptions } from '../../../lib/pool/subnet-pool';

test.each<[options: AddressPoolOptions, gateway: string | undefined, first: string]>([
  [{ subnet: '10.200.0.0/16' }, '10.200.0.1/16', '10.200.0.2/16'],
  [{ subnet: '10.200.0.0/16', gateway: '10.200.255.254' }, '10.200.255.254/16', '10.200.0.1/16'],
  [{ subnet: '10.200.0.0/16', gateway: '10.200.0.2/16' }, '10.200.0.2/16', '10.200.0.1/16'],
  [{ subnet: '10.200.0.0/16', gateway: null }, undefined, '10.200.0.1/16'],
  [{ subnet: '10.200.0.0/16', range: { from: '10.200.7.0' } }, '10.200.0.1/16', '10.200.7.0/16'],
  [{ subnet: '10.200.0.0/16', exclude: ['10.200.0.0/17'] }, '10.200.0.1/16', '10.200.128.0/16'],
  [
    { subnet: '10.64.0.0/16', exclude: ['fd00::/8', '10.64.0.2', '10.0.0.0/10'] },
    '10.64.0.1/16',
    '10.64.0.3/16',
  ],
  [{ subnet: '10.0.0.0/31' }, '10.0.0.0/31', '10.0.0.1/31'],
  [{ subnet: '10.0.0.7/32', gateway: null }, undefined, '10.0.0.7/32'],
  [{ subnet: 'fd00::/64' }, 'fd00::1/64', 'fd00::2/64'],
  [{ subnet: 'FD00:0:0:0::/64', range: { from: 'fd00::f:0:0' } }, 'fd00::1/64', 'fd00::f:0:0/64'],
  [{ subnet: 'fd00::/127' }, 'fd00::/127', 'fd00::1/127'],
  [{ subnet: '::/0', gateway: null }, undefined, '::1/0'],
])('%j has the gateway %s, and gives %s first', async (options, gateway, first) => {
  await using pool = await openAddressPool(options);
  expect(pool.gateway).toBe(gateway);
  expect(await pool.allocate({ owner: 'red' })).toBe(first);
});

test.each<[options: SubnetPoolOptions, first: string]>([
  [{ base: '10.128.0.0/9', prefixLength: 24 }, '10.128.0.0/24'],
  [{ base: '10.128.0.0/9', prefixLength: 24, exclude: ['10.128.0.9', '10.128.1.0/25'] }, '10.128.2.0/24'],
  [{ base: '10.128.0.0/9', prefixLength: 24, exclude: ['10.0.0.0/9'] }, '10.128.0.0/24'],
  [{ base: '10.128.0.0/24', prefixLength: 24 }, '10.128.0.0/24'],
  [{ base: '10.0.0.0/30', prefixLength: 32 }, '10.0.0.0/32'],
  [{ base: 'fd00::/48', prefixLength: 64 }, 'fd00::/64'],
  [
    { base: 'fd00::/48', prefixLength: 64, exclude: ['fd00:0:0:8000::/49', 'fd00::/50'] },
    'fd00:0:0:4000::/64',
  ],
])('%j gives %s first', async (options, first) => {
  await using pool = await openSubnetPool(options);
  expect(await pool.allocate({ owner: 'red' })).toBe(first);
});

test.each<[options: object, kind: typeof RangeError | typeof TypeError, message: RegExp]>([
  [{}, TypeError, /^subnet: an address with its prefix length is a string/],
  [{ subnet: '10.0.0.0' }, RangeError, /^subnet: expected an address with its prefix length/],
  [{ subnet: '10.0.0.1/24' }, RangeError, /^subnet: address bits beyond the prefix length/],
  [{ subnet: 'default' }, RangeError, /^subnet: /],
  [{ subnet: '10.0.0.0/32' }, RangeError, /^subnet: nothing is left to give in 10.0.0.0\/32$/],
  [{ subnet: '10.0.0.0/24', gateway: '10.0.1.1' }, RangeError, /^gateway: 10.0.1.1 is not in the pool/],
  [{ subnet: '10.0.0.0/24', gateway: '10.0.0.255' }, RangeError, /^gateway: .*the broadcast address$/],
  [{ subnet: '10.0.0.0/24', gateway: 'fd00::1' }, RangeError, /^gateway: fd00::1 is not in the pool/],
  [
    { subnet: '10.0.0.0/24', gateway: '10.0.0.1/16' },
    RangeError,
    /^gateway: the prefix length of the pool is \/24/,
  ],
  [{ subnet: '10.0.0.0/24', gateway: 1 }, TypeError, /^gateway: an address is a string/],
  [{ subnet: 'fd00::/64', gateway: 'fd00::' }, RangeError, /^gateway: .*the anycast address of all routers/],
  [
    { subnet: '10.0.0.0/24', range: { from: '10.0.1.0' } },
    RangeError,
    /^range.from: 10.0.1.0 is not in the pool/,
  ],
  [{ subnet: '10.0.0.0/24', range: { to: '9.255.255.255' } }, RangeError, /^range.to: /],
  [
    { subnet: '10.0.0.0/24', range: { from: '10.0.0.9', to: '10.0.0.8' } },
    RangeError,
    /^range: it ends before/,
  ],
  [{ subnet: '10.0.0.0/24', range: { to: '10.0.0.1' } }, RangeError, /^subnet: nothing is left/],
  [{ subnet: '10.0.0.0/24', exclude: '10.0.0.1' }, RangeError, /^exclude: expected a list/],
  [{ subnet: '10.0.0.0/24', exclude: ['10.0.0.1', '10.0'] }, RangeError, /^exclude\[1\]: /],
  [{ subnet: '10.0.0.0/24', exclude: ['0.0.0.0/0'] }, RangeError, /^subnet: nothing is left/],
  [{ subnet: '10.0.0.0/24', directory: 1 }, TypeError, /^directory: /],
  [{ subnet: '10.0.0.0/24', directory: '' }, RangeError, /^directory: /],
  [{ subnet: '10.0.0.0/24', name: 'a/b' }, RangeError, /^name: a pool's name is a file's/],
  [{ subnet: '10.0.0.0/24', name: '' }, RangeError, /^name: /],
  [{ subnet: '10.0.0.0/24', name: 5 }, TypeError, /^name: /],
])('openAddressPool %j is refused', async (options, kind, message) => {
  const error = await openAddressPool(options as AddressPoolOptions).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(kind);
  expect((error as Error).message).toMatch(message);
});

test.each<[options: object, message: RegExp]>([
  [
    { base: '10.128.0.0/9' },
    /^prefixLength: expected an integer from 9, that of the base, to 32, got undefined$/,
  ],
  [{ base: '10.128.0.0/9', prefixLength: 8 }, /^prefixLength: /],
  [{ base: '10.128.0.0/9', prefixLength: 33 }, /^prefixLength: /],
  [{ base: 'fd00::/48', prefixLength: 64.5 }, /^prefixLength: /],
  [{ base: '10.128.0.0/8', prefixLength: 24 }, /^base: address bits beyond/],
  [{ base: '10.128.0.0/9', prefixLength: 24, exclude: ['10.0.0.0/8'] }, /^base: nothing is left/],
])('openSubnetPool %j is refused', async (options, message) => {
  await expect(openSubnetPool(options as SubnetPoolOptions)).rejects.toThrow(message);
});

describe('an address that is asked for', () => {
  test.each<[address: string, message: RegExp]>([
    ['10.0.1.0', /^address: 10.0.1.0 is not in the pool 10.0.0.0\/24$/],
    ['9.255.255.255', /^address: 9.255.255.255 is not in the pool/],
    ['fd00::1', /^address: fd00::1 is not in the pool/],
    ['10.0.0.7/25', /^address: the prefix length of the pool is \/24/],
    [
      '10.0.0.0',
      /^address: 10.0.0.0 cannot be given out of 10.0.0.0\/24: it is the address of the subnet itself$/,
    ],
    ['10.0.0.1', /^address: .*: it is the gateway$/],
    ['10.0.0.255/24', /^address: .*: it is the broadcast address$/],
    ['10.0.0.66', /^address: .*: 10.0.0.64\/30 is excluded$/],
    ['10.0.0.07', /^address: expected an address/],
  ])('%s is refused', async (address, message) => {
    await using pool = await openAddressPool({ subnet: '10.0.0.0/24', exclude: ['10.0.0.64/30'] });
    const refusal = pool.allocate({ owner: 'red', address });
    await expect(refusal).rejects.toThrow(RangeError);
    await expect(refusal).rejects.toThrow(message);
    expect(await pool.list()).toEqual([]);
  });

  test('is given, also outside of the range, and to one only', async () => {
    const range = { from: '10.0.0.100', to: '10.0.0.200' };
    await using pool = await openAddressPool({ subnet: '10.0.0.0/24', range });
    expect(await pool.allocate({ owner: 'red', address: '10.0.0.101' })).toBe('10.0.0.101/24');
    expect(await pool.allocate({ owner: 'blue', address: '10.0.0.7/24' })).toBe('10.0.0.7/24');
    expect(await pool.allocate({ owner: 'blue', address: '10.0.0.7' })).toBe('10.0.0.7/24');
    expect(await pool.allocate({ owner: 'green' })).toBe('10.0.0.100/24');
    expect(await pool.allocate({ owner: 'white' })).toBe('10.0.0.102/24');
    await expect(pool.allocate({ owner: 'black', address: '10.0.0.7' })).rejects.toMatchObject({
      name: 'PoolError',
      code: 'EADDRINUSE',
      operation: 'allocate from',
      pool: '10.0.0.0/24',
      address: '10.0.0.7',
      owner: 'blue',
      message: "EADDRINUSE: allocate from pool 10.0.0.0/24: 10.0.0.7 is that of 'blue'",
    });
    await expect(pool.allocate({ owner: 'blue', address: '10.0.0.8' })).rejects.toMatchObject({
      code: 'EEXIST',
      address: '10.0.0.7',
      message: "EEXIST: allocate from pool 10.0.0.0/24: 'blue' has 10.0.0.7 already",
    });
  });
});

test('a subnet that is asked for', async () => {
  await using pool = await openSubnetPool({ base: '10.0.0.0/16', prefixLength: 24, exclude: ['10.0.5.1'] });
  const ask = async (subnet: string) => pool.allocate({ owner: subnet, subnet });
  expect(await ask('10.0.1.0/24')).toBe('10.0.1.0/24');
  await expect(ask('10.0.2.0/25')).rejects.toThrow(
    /^subnet: the pool gives subnets with \/24, got 10.0.2.0\/25$/,
  );
  await expect(ask('10.0.2.128/25')).rejects.toThrow(/^subnet: 10.0.2.128\/25 is not in the pool/);
  await expect(ask('10.1.0.0/24')).rejects.toThrow(/^subnet: 10.1.0.0\/24 is not in the pool/);
  await expect(ask('10.0.5.0/24')).rejects.toThrow(
    /^subnet: 10.0.5.0 cannot be given .*: 10.0.5.1 is excluded$/,
  );
  await expect(pool.release('10.0.1.1')).rejects.toThrow(RangeError);
  expect(await pool.release('10.0.1.0/24')).toMatchObject([{ subnet: '10.0.1.0/24', owner: '10.0.1.0/24' }]);
});

test('an owner has one address for each key, however often it asks', async () => {
  await using pool = await openAddressPool({ subnet: '10.0.0.0/24' });
  const asked = ['', 'eth1', '', 'eth1', 'eth2'].map(async (key) => pool.allocate({ owner: 'red', key }));
  expect(await Promise.all(asked)).toEqual([2, 3, 2, 3, 4].map((i) => `10.0.0.${i}/24`));
  expect(await pool.allocate({ owner: 'blue', key: 'eth1' })).toBe('10.0.0.5/24');
  const since = expect.any(Number) as number;
  const eth1 = { address: '10.0.0.3/24', owner: 'red', key: 'eth1', since };
  expect(await pool.list({ owner: 'red' })).toEqual([
    { address: '10.0.0.2/24', owner: 'red', key: '', since },
    eth1,
    { address: '10.0.0.4/24', owner: 'red', key: 'eth2', since },
  ]);
  expect(await pool.release({ owner: 'red', key: 'eth1' })).toEqual([eth1]);
  expect(await pool.release({ owner: 'red', key: 'eth1' })).toEqual([]);
  expect(await pool.release('10.0.0.3')).toEqual([]);
  expect(await pool.release({ owner: 'red' })).toHaveLength(2);
  expect(await pool.list()).toMatchObject([{ address: '10.0.0.5/24', owner: 'blue' }]);
  expect(await pool.release('10.0.0.5/24')).toMatchObject([{ owner: 'blue', key: 'eth1' }]);
  expect(await pool.allocate({ owner: 'red' })).toBe('10.0.0.6/24');
});

test('who asks has to say who it is', async () => {
  await using pool = await openAddressPool({ subnet: '10.0.0.0/24' });
  const allocate = async (options: unknown) => pool.allocate(options as { owner: string });
  await expect(allocate(undefined)).rejects.toThrow(TypeError);
  await expect(allocate({})).rejects.toThrow(/^owner: expected a string, got undefined$/);
  await expect(allocate({ owner: '' })).rejects.toThrow(/^owner: an owner must not be empty/);
  await expect(allocate({ owner: 'x'.repeat(1025) })).rejects.toThrow(
    /^owner: it has at most 1024 characters/,
  );
  await expect(allocate({ owner: 'x', key: 1 })).rejects.toThrow(/^key: expected a string, got 1$/);
  await expect(pool.release({} as { owner: string })).rejects.toThrow(/^owner: /);
  await expect(pool.release(undefined as never)).rejects.toThrow(/^owner: /);
  await expect(pool.release({ owner: 'a', key: 1 as never })).rejects.toThrow(/^key: /);
  await expect(pool.release('10.1.0.1')).rejects.toThrow(RangeError);
});

test('a pool that is closed finishes what was asked for, and takes no more', async () => {
  const pool = await openAddressPool({ subnet: '10.0.0.0/24' });
  const asked = pool.allocate({ owner: 'red' });
  const both = [pool.close(), pool.close()];
  await expect(pool.allocate({ owner: 'blue' })).rejects.toMatchObject({
    code: 'ERR_POOL_CLOSED',
    message: 'ERR_POOL_CLOSED: allocate from pool 10.0.0.0/24: it is closed',
  });
  expect(await asked).toBe('10.0.0.2/24');
  await Promise.all(both);
  await pool.close();
  await expect(pool.list()).rejects.toMatchObject({ code: 'ERR_POOL_CLOSED' });
});
