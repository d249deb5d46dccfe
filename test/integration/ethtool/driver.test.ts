import {
  addAltName,
  type CoalesceSettings,
  createLink,
  createNetns,
  createVeth,
  getCoalesce,
  getDeviceStatistics,
  getDriverInfo,
  getLink,
  type Netns,
  ping,
  setCoalesce,
} from '../../../lib';
import { type Capability, testWith } from '../../support/capabilities';
import { failure, run } from '../../support/ip';
import { linked, netnsWithPair } from '../../support/namespaces';

/** What ethtool(8) shows, a word and what is behind it in each line. */
async function shown(netns: Netns, ...args: string[]): Promise<[string, string][]> {
  const lines = (await run(netns, 'ethtool', ...args)).matchAll(/^[ \t]*([^:\n]+):[ \t]*(.*)$/gm);
  return [...lines].map(([, word = '', value = '']) => [word, value.trim()]);
}

/** The driver in the words of ethtool(8). */
async function driver(netns: Netns, device: string): Promise<Record<string, string>> {
  const info = await getDriverInfo(netns, device);
  const { supports } = info;
  const answer = (is: boolean) => (is ? 'yes' : 'no');
  return {
    driver: info.driver,
    version: info.version,
    'firmware-version': info.firmwareVersion ?? '',
    'expansion-rom-version': info.expansionRomVersion ?? '',
    'bus-info': info.busInfo ?? '',
    'supports-statistics': answer(supports.statistics),
    'supports-test': answer(supports.test),
    'supports-eeprom-access': answer(supports.eepromAccess),
    'supports-register-dump': answer(supports.registerDump),
    'supports-priv-flags': answer(supports.privateFlags),
  };
}

const TUN = 'TUN and TAP devices';

const DEVICES: readonly (readonly [device: string, command: string, capability?: Capability])[] = [
  ['eth0', 'true'],
  ['br0', 'ip link add br0 type bridge'],
  ['tap0', 'ip tuntap add tap0 mode tap', TUN],
  ['tun0', 'ip tuntap add tun0 mode tun', TUN],
  ['v7', 'ip link add link eth0 name v7 type vlan id 7', 'links of the kind vlan'],
  ['m0', 'ip link add link eth0 name m0 type macvlan', 'links of the kind macvlan'],
];

/** What the settings are called by `ethtool -c`, and by `ethtool -C`. */
const WORDS: Readonly<Record<keyof CoalesceSettings, string>> = {
  rxUsecs: 'rx-usecs',
  rxFrames: 'rx-frames',
  rxUsecsIrq: 'rx-usecs-irq',
  rxFramesIrq: 'rx-frames-irq',
  txUsecs: 'tx-usecs',
  txFrames: 'tx-frames',
  txUsecsIrq: 'tx-usecs-irq',
  txFramesIrq: 'tx-frames-irq',
  statsBlockUsecs: 'stats-block-usecs',
  adaptiveRx: 'Adaptive RX',
  adaptiveTx: 'TX',
  packetRateLow: 'pkt-rate-low',
  rxUsecsLow: 'rx-usecs-low',
  rxFramesLow: 'rx-frame-low',
  txUsecsLow: 'tx-usecs-low',
  txFramesLow: 'tx-frame-low',
  packetRateHigh: 'pkt-rate-high',
  rxUsecsHigh: 'rx-usecs-high',
  rxFramesHigh: 'rx-frame-high',
  txUsecsHigh: 'tx-usecs-high',
  txFramesHigh: 'tx-frame-high',
  sampleInterval: 'sample-interval',
  cqeModeTx: 'TX',
  cqeModeRx: 'CQE mode RX',
};

async function expectCoalescing(netns: Netns, device: string): Promise<void> {
  const settings = await getCoalesce(netns, device);
  const ours = new Map(
    Object.entries(settings).map(([name, value]) => [WORDS[name as keyof CoalesceSettings], String(value)]),
  );
  const theirs = (await shown(netns, '-c', device)).filter(([, value]) => /^\d+$/.test(value));
  expect(ours).toEqual(new Map(theirs));
}

const WHERE = 'in namespace red';

describe('getDriverInfo, getDeviceStatistics, getCoalesce, setCoalesce', () => {
  for (const [device, command, capability] of DEVICES) {
    testWith(capability, `the driver of ${device} is the one that ethtool shows`, async () => {
      await using red = await netnsWithPair();
      await run(red, ...(command.split(' ') as [string]));
      expect(await driver(red, device)).toEqual(Object.fromEntries(await shown(red, '-i', device)));
    });
  }

  test('a device by its index, and by an alternative name that is longer than names are', async () => {
    await using red = await netnsWithPair();
    await addAltName(red, 'eth0', 'an-alternative-name');
    const { index } = await getLink(red, 'eth0');
    for (const device of [index, 'an-alternative-name']) {
      expect((await getDriverInfo(red, device)).driver).toBe('veth');
      expect(await getDeviceStatistics(red, device)).toHaveProperty('peer_ifindex');
    }
  });

  test('statistics are those that ethtool shows', async () => {
    await using both = await linked();
    const { red, blue } = both;
    await ping(red, '10.0.1.2');
    const counted = await getDeviceStatistics(red, 'eth0');
    expect(counted['peer_ifindex']).toBe((await getLink(blue, 'eth0')).index);
    const lines = (await shown(red, '-S', 'eth0')).filter(([, value]) => value !== '');
    expect(Object.entries(counted)).toEqual(lines.map(([name, value]) => [name, Number(value)]));
    expect(lines.length).toBeGreaterThan(5);
  });

  test('of many queues, whose number changes meanwhile', async () => {
    await using red = await createNetns();
    const queues = ['numrxqueues', '64', 'numtxqueues', '64'];
    await run(red, 'ip', 'link', 'add', 'eth0', ...queues, 'type', 'veth', 'peer', 'eth1', ...queues);
    const change = [
      'bash',
      '-c',
      'for i in {1..20}; do ethtool -L eth0 rx $((i % 2 * 63 + 1)); done || true',
    ];
    const [, counted] = await Promise.all([
      run(red, ...(change as [string])),
      Promise.all(
        Array.from({ length: 200 }, async (_, i) =>
          getDeviceStatistics(red, i % 2 === 0 ? 'eth0' : 'eth1').catch((error: unknown) => error),
        ),
      ),
    ]);
    for (const one of counted) {
      if (one instanceof Error) expect(one).toMatchObject({ code: 'EAGAIN' });
      else expect(one).toHaveProperty('peer_ifindex');
    }
  });

  testWith(TUN, 'coalescing is what ethtool shows, and the other way around', async () => {
    await using red = await createNetns('red');
    await createLink(red, { kind: 'tun', name: 'tap0', mode: 'tap' });
    await expectCoalescing(red, 'tap0');
    await setCoalesce(red, 'tap0', { rxFrames: 7 });
    expect(await getCoalesce(red, 'tap0')).toEqual({ rxFrames: 7 });
    await expectCoalescing(red, 'tap0');
    await run(red, 'ethtool', '-C', 'tap0', 'rx-frames', '9');
    expect(await getCoalesce(red, 'tap0')).toEqual({ rxFrames: 9 });
    await setCoalesce(red, 'tap0', await getCoalesce(red, 'tap0'));
    const refused = await failure(setCoalesce(red, 'tap0', { rxFrames: 1, txFrames: 2 }));
    expect(refused).toMatchObject({
      code: 'EINVAL',
      option: 'txFrames',
      message: expect.stringContaining(`set coalescing of tap0 ${WHERE}: `) as string,
    });
    expect(await getCoalesce(red, 'tap0')).toEqual({ rxFrames: 9 });
  });

  test('a device without them is refused by its kind', async () => {
    await using red = await createNetns('red');
    await run(red, 'ip', 'link', 'add', 'br0', 'type', 'bridge');
    await createVeth({ netns: red, name: 'v0' }, { netns: red, name: 'v1' });
    for (const [attempt, message] of [
      [
        getDeviceStatistics(red, 'br0'),
        `get statistics of br0 ${WHERE}: devices of the kind bridge have no statistics`,
      ],
      [
        getDeviceStatistics(red, 'lo'),
        `get statistics of lo ${WHERE}: the driver of the device has no statistics`,
      ],
      [
        getDriverInfo(red, 'lo'),
        `get driver of lo ${WHERE}: the driver of the device has no driver information`,
      ],
      [getCoalesce(red, 'v0'), `get coalescing of v0 ${WHERE}: devices of the kind veth have no coalescing`],
      [
        setCoalesce(red, 'v0', { rxUsecs: 1 }),
        `set coalescing of v0 ${WHERE}: devices of the kind veth have no coalescing that can be changed`,
      ],
    ] as const) {
      expect(await failure(attempt)).toMatchObject({ code: 'EOPNOTSUPP', message: `EOPNOTSUPP: ${message}` });
    }
  });

  test('a device that is not there, and values that cannot be', async () => {
    await using red = await createNetns('red');
    for (const attempt of [
      getDriverInfo(red, 'nope'),
      getDeviceStatistics(red, 4242),
      getCoalesce(red, 'nope'),
    ]) {
      expect(await failure(attempt)).toMatchObject({
        code: 'ENODEV',
        message: expect.stringMatching(
          /of (nope|4242) in namespace red: .*there is no such device$/,
        ) as string,
      });
    }
    expect((await failure(setCoalesce(red, 'lo', { rxUsecs: -1 }))).message).toBe(
      'rxUsecs: expected an integer from 0 to 4294967295, got -1',
    );
    expect((await failure(setCoalesce(red, 'lo', { adaptiveRx: 1 as never }))).message).toBe(
      'adaptiveRx: expected true or false, got 1',
    );
  });
});
