// Sysctls against sysctl(8) and cat(1), run in the namespace.
import {
  createNetns,
  createVeth,
  currentNetns,
  getStats,
  getSysctl,
  type Netns,
  setSysctl,
} from '../../../lib';
import { runExample } from '../../support/cli';
import { failure, node, run } from '../../support/ip';

const said = async (netns: Netns | undefined, key: string) =>
  (await run(netns, 'sysctl', '-n', key)).trimEnd();

describe('getSysctl, setSysctl', () => {
  test('one is read as sysctl reads it, and as cat does', async () => {
    await using red = await createNetns('red');
    for (const key of [
      'net.ipv4.ip_forward',
      'net.ipv4.tcp_rmem',
      'net.core.somaxconn',
      'net.ipv4.ip_local_reserved_ports',
    ]) {
      expect(await getSysctl(red, key)).toBe(await said(red, key));
    }
    const file = (await run(red, 'cat', '/proc/sys/net/ipv4/ip_local_port_range')).trimEnd();
    expect(await getSysctl(red, 'net/ipv4/ip_local_port_range')).toBe(file);
    expect(file).toMatch(/^\d+\t\d+$/);
  });

  test('one is written, there and nowhere else', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    await using host = await currentNetns();
    const before = await said(undefined, 'net.ipv4.ip_forward');
    await setSysctl(red, 'net.ipv4.ip_forward', 1);
    expect(await said(red, 'net.ipv4.ip_forward')).toBe('1');
    expect(await said(blue, 'net.ipv4.ip_forward')).toBe('0');
    expect(await getSysctl(blue, 'net.ipv4.ip_forward')).toBe('0');
    expect(await getSysctl(host, 'net.ipv4.ip_forward')).toBe(before);
    await setSysctl(red, 'net.ipv4.ip_local_port_range', '2000 3000');
    expect(await said(red, 'net.ipv4.ip_local_port_range')).toBe('2000\t3000');
    expect(await getSysctl(red, 'net.ipv4.ip_local_port_range')).toBe('2000\t3000');
  });

  test('the current namespace, whatever our threads did before', async () => {
    await using host = await currentNetns();
    await using red = await createNetns('red');
    const key = 'net.ipv4.conf.all.arp_notify';
    const before = await said(undefined, key);
    try {
      // the second of each pair finds a thread that has just been in red
      const values = await Promise.all([
        setSysctl(red, key, 1),
        getSysctl(host, key),
        getSysctl(red, key),
        getSysctl(host, key),
      ]);
      expect(values.slice(1)).toEqual([before, '1', before]);
      await Promise.all([getSysctl(red, key), setSysctl(host, key, 1)]);
      expect(await said(undefined, key)).toBe('1');
    } finally {
      await setSysctl(host, key, before);
    }
    expect(await said(red, key)).toBe('1');
  });

  test('many at once', async () => {
    await using red = await createNetns('red');
    await setSysctl(red, {
      'net.ipv4.ip_forward': 1,
      'net.ipv6.conf.all.forwarding': '1',
      'net/ipv4/conf/lo/rp_filter': 2,
    });
    const keys = [
      'net.ipv4.ip_forward',
      'net.ipv6.conf.all.forwarding',
      'net.ipv4.conf.lo.rp_filter',
    ] as const;
    const values = await getSysctl(red, keys);
    expect(values).toEqual({
      'net.ipv4.ip_forward': '1',
      'net.ipv6.conf.all.forwarding': '1',
      'net.ipv4.conf.lo.rp_filter': '2',
    });
    for (const key of keys) expect(await said(red, key)).toBe(values[key]);
    expect(await getSysctl(red, [])).toEqual({});
    await setSysctl(red, {});
  });

  test('all that there are, in one trip', async () => {
    await using red = await createNetns('red');
    const files = (await run(red, 'find', '/proc/sys/net', '-type', 'f', '-perm', '-u=r')).trim().split('\n');
    // these have no value until they are set, and reading them fails
    const keys = files
      .map((file) => file.replace('/proc/sys/', ''))
      .filter((key) => !key.endsWith('stable_secret'));
    expect(keys.length).toBeGreaterThan(300);
    const before = getStats().jobs;
    const values = await getSysctl(red, keys);
    expect(getStats().jobs - before).toBe(1);
    expect(values['net/core/somaxconn']).toBe(await said(red, 'net.core.somaxconn'));
  });

  test('a value longer than a page', async () => {
    await using red = await createNetns('red');
    const ports = Array.from({ length: 3000 }, (_, i) => 2 * i + 10_000).join(',');
    await setSysctl(red, 'net.ipv4.ip_local_reserved_ports', ports);
    expect(await getSysctl(red, 'net.ipv4.ip_local_reserved_ports')).toBe(ports);
  });

  test('a device whose name holds dots, by all its keys', async () => {
    await using red = await createNetns('red');
    await createVeth({ netns: red, name: 'eth0.100' }, { netns: red, name: 'eth0' });
    await createVeth({ netns: red, name: 'a.b.c' }, { netns: red, name: 'a.b.d' });
    const written = [
      'net/ipv4/conf/eth0.100/forwarding',
      'net.ipv4.conf.eth0/100.arp_notify',
      'net.ipv4.conf.eth0.100.rp_filter',
      'net.ipv6.conf.eth0.100.accept_ra',
      'net.ipv4.conf.a.b.c.proxy_arp',
    ];
    await setSysctl(red, Object.fromEntries(written.map((key) => [key, 1])));
    const files = [
      'ipv4/conf/eth0.100/forwarding',
      'ipv4/conf/eth0.100/arp_notify',
      'ipv4/conf/eth0.100/rp_filter',
      'ipv6/conf/eth0.100/accept_ra',
      'ipv4/conf/a.b.c/proxy_arp',
    ];
    for (const file of files) expect(await run(red, 'cat', `/proc/sys/net/${file}`)).toBe('1\n');
    expect(await run(red, 'cat', '/proc/sys/net/ipv4/conf/eth0/arp_notify')).toBe('0\n');
    expect(await getSysctl(red, 'net.ipv4.neigh.eth0.100.base_reachable_time_ms')).toBe(
      (await run(red, 'cat', '/proc/sys/net/ipv4/neigh/eth0.100/base_reachable_time_ms')).trimEnd(),
    );
    expect(Object.values(await getSysctl(red, written))).toEqual(['1', '1', '1', '1', '1']);
  });

  test.each<[key: unknown, message: string]>([
    ['kernel.pid_max', "only what is below 'net'"],
    ['vm/swappiness', "only what is below 'net'"],
    ['network.ipv4', "only what is below 'net'"],
    ['/proc/sys/net/ipv4/ip_forward', "only what is below 'net'"],
    ['/net/ipv4/ip_forward', "only what is below 'net'"],
    ['', "only what is below 'net'"],
    ['net', 'expected a name like'],
    ['net.', 'expected a name like'],
    ['net/', 'expected a name like'],
    ['net..ipv4', 'expected a name like'],
    ['net/../kernel/pid_max', 'expected a name like'],
    ['net/ipv4/../../kernel/pid_max', 'expected a name like'],
    ['net/./ipv4/ip_forward', 'expected a name like'],
    ['net.//.kernel.pid_max', 'expected a name like'],
    ['net.ipv4.conf.//.forwarding', 'expected a name like'],
    ['net.ipv4.ip_forward\0', 'has no NUL'],
    [7, 'named by a string'],
    [undefined, 'named by a string'],
  ])('the key %p is refused, before any system call', async (key, message) => {
    await using red = await createNetns('red');
    const refused = { name: 'TypeError', message: expect.stringContaining(message) as string };
    expect(await failure(getSysctl(red, key as string))).toMatchObject(refused);
    expect(await failure(getSysctl(red, ['net.ipv4.ip_forward', key as string]))).toMatchObject(refused);
    if (typeof key !== 'string') return;
    expect(await failure(setSysctl(red, key, 1))).toMatchObject(refused);
    expect(await failure(setSysctl(red, { 'net.ipv4.ip_forward': 1, [key]: 1 }))).toMatchObject(refused);
    expect(await said(red, 'net.ipv4.ip_forward')).toBe('0');
  });

  test.each([undefined, null, true, {}, Number.NaN, Infinity, 1n])(
    'the value %p is refused',
    async (value) => {
      await using red = await createNetns('red');
      expect(await failure(setSysctl(red, 'net.ipv4.ip_forward', value as never))).toMatchObject({
        name: 'TypeError',
        message: expect.stringMatching(
          /^net\.ipv4\.ip_forward: expected a string or a number, got /,
        ) as string,
      });
    },
  );

  describe('what the kernel refuses', () => {
    const NO_SUCH = 'there is no such sysctl in this namespace';

    test.each<[string, string, string]>([
      ['net.ipv4.no_such', 'ENOENT', NO_SUCH],
      ['net.ipv4.conf.eth7.forwarding', 'ENOENT', NO_SUCH],
      ['net/ipv4/ip_forward/more', 'ENOTDIR', NO_SUCH],
      ['net.ipv6.conf.lo.stable_secret', 'EIO', 'it has no value yet'],
      ['net.ipv4', 'EISDIR', 'it is a directory'],
      ['net.ipv4.route.flush', 'EACCES', 'it cannot be read'],
    ])('to read %s: %s', async (key, code, reason) => {
      await using red = await createNetns('red');
      const error = await failure(getSysctl(red, ['net.ipv4.ip_forward', key]));
      expect(error).toMatchObject({ name: 'NetnsError', code });
      expect(error.message).toContain(`${code}: read sysctl ${key} of red: ${reason}`);
    });

    test.each<[string, string, string, string]>([
      ['net.ipv4.no_such', '1', 'ENOENT', NO_SUCH],
      ['net.ipv4.ip_forward', 'yes', 'EINVAL', 'the kernel does not take this value'],
      ['net.ipv4.ip_forward', '', 'EINVAL', 'the kernel does not take this value'],
      ['net.ipv4.ip_forward', '1 2', 'EINVAL', 'the kernel does not take this value'],
      ['net.ipv4.ip_default_ttl', '0', 'EINVAL', 'the kernel does not take this value'],
      ['net.ipv4.tcp_available_congestion_control', 'reno', 'EACCES', 'it is read-only'],
      ['net.ipv4', '1', 'EISDIR', 'it is a directory'],
    ])('to write %s, %p: %s', async (key, value, code, reason) => {
      await using red = await createNetns('red');
      const error = await failure(setSysctl(red, key, value));
      expect(error).toMatchObject({ name: 'NetnsError', code });
      expect(error.message).toContain(`${code}: write sysctl ${key} of red: ${reason}`);
    });

    test('nothing is written where one of many does not exist', async () => {
      await using red = await createNetns('red');
      const all = { 'net.ipv4.ip_forward': 1, 'net.ipv4.no_such': 1 };
      expect(await failure(setSysctl(red, all))).toMatchObject({ code: 'ENOENT' });
      expect(await said(red, 'net.ipv4.ip_forward')).toBe('0');
    });

    test('of many, those in front of a bad value are written, those behind it are not', async () => {
      await using red = await createNetns('red');
      const all = {
        'net.ipv4.conf.lo.arp_notify': 1,
        'net.ipv4.ip_forward': 'x',
        'net.ipv4.conf.lo.proxy_arp': 1,
      };
      const error = await failure(setSysctl(red, all));
      expect(error.message).toContain('write sysctl net.ipv4.ip_forward of red');
      expect(await said(red, 'net.ipv4.conf.lo.arp_notify')).toBe('1');
      expect(await said(red, 'net.ipv4.conf.lo.proxy_arp')).toBe('0');
    });

    test('a closed handle', async () => {
      const red = await createNetns();
      red.close();
      const closed = { name: 'NetnsError', code: 'ERR_NETNS_CLOSED' };
      expect(await failure(getSysctl(red, 'net.ipv4.ip_forward'))).toMatchObject(closed);
      expect(await failure(setSysctl(red, 'net.ipv4.ip_forward', 1))).toMatchObject(closed);
    });

    test('without privileges: reading the own ones needs none', async () => {
      await using red = await createNetns('red');
      expect(red.open).toBe(true);
      const outcome = await node(
        `const here = await rtnetns.currentNetns();
       const red = await rtnetns.openNetns('red');
       say(await told(rtnetns.getSysctl(here, 'net.ipv4.ip_forward')));
       say(await told(rtnetns.getSysctl(red, 'net.ipv4.ip_forward')));
       here.close(); red.close();`,
        ...['setpriv', '--inh-caps=-all', '--bounding-set=-all'],
      );
      expect(outcome[0]).toEqual({ value: await said(undefined, 'net.ipv4.ip_forward') });
      expect(outcome[1]).toMatchObject({ name: 'NetnsError', code: 'EPERM' });
    });

    test.each<[string, string, string]>([
      [
        'one',
        `'net.ipv4.ip_forward', 1`,
        'sysctl net.ipv4.ip_forward of red: /proc/sys is mounted read-only, as in a container: ' +
          'set the sysctl outside of the container; it is "0", and was to be "1" (open)',
      ],
      [
        'many, of which one has its value',
        `{ 'net.ipv4.ip_default_ttl': 64, 'net.ipv4.ip_forward': 1, 'net.ipv4.conf.lo.proxy_arp': 1 }`,
        'sysctls net.ipv4.ip_forward and net.ipv4.conf.lo.proxy_arp of red: /proc/sys is mounted read-only, as in a ' +
          'container: set the sysctls outside of the container; net.ipv4.ip_forward is "0", and was to be "1"; ' +
          'net.ipv4.conf.lo.proxy_arp is "0", and was to be "1" (open)',
      ],
    ])('/proc/sys that is mounted read-only: %s', async (_, values, message) => {
      const outcome = await node(
        `const red = await rtnetns.createNetns('red');
       say(await told(rtnetns.setSysctl(red, ${values})));
       await rtnetns.deleteNetns('red'); red.close();`,
        ...['unshare', '-m', 'sh', '-euc'],
        'mount --bind /proc/sys /proc/sys; mount -o remount,ro,bind /proc/sys; exec "$@"',
        'sh',
      );
      expect(outcome).toEqual([{ name: 'NetnsError', code: 'EROFS', message: `EROFS: write ${message}` }]);
    });
  });

  test('the example', () => {
    const said = runExample('sysctls.mjs');
    expect(said.match(/is reached: \w+/g)).toEqual([
      'is reached: false',
      'is reached: true',
      'is reached: false',
    ]);
    expect(said).toContain("'net.ipv4.conf.eth0.0.forwarding': '0'");
  });
});
