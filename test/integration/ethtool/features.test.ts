import {
  createNetns,
  type Features,
  type FeatureSettings,
  getFeatures,
  type Netns,
  setFeatures,
} from '../../../lib';
import { type Capability, testWith } from '../../support/capabilities';
import { featuresShown } from '../../support/ethtool';
import { failure, ip, run } from '../../support/ip';
import { netnsWithPair } from '../../support/namespaces';

/** As ethtool(8) lists them. */
async function features(netns: Netns, device: string): Promise<Features> {
  const { fixed, ...rest } = await getFeatures(netns, device);
  return { ...rest, fixed: [...fixed].sort() };
}

async function expectSame(netns: Netns, device: string): Promise<void> {
  expect(await features(netns, device)).toEqual(await featuresShown(netns, device));
}

/** Devices of drivers that differ in what they can change, and what one of a kind is made by. */
const DEVICES: readonly (readonly [device: string, command: string, capability?: Capability])[] = [
  ['lo', 'ip link set lo up'],
  ['eth0', 'ip link set eth0 up'],
  ['br0', 'ip link add br0 type bridge'],
  ['d0', 'ip link add d0 type dummy', 'links of the kind dummy'],
  ['v7', 'ip link add link eth0 name v7 type vlan id 7', 'links of the kind vlan'],
  ['m0', 'ip link add link eth0 name m0 type macvlan', 'links of the kind macvlan'],
];

const OWN = { 'tx-gre-segmentation': false, 'tx-sctp-segmentation': false } as const;

/** What `ethtool -K` is told, and the same in our words. */
const GROUPS: readonly (readonly [words: string, settings: FeatureSettings])[] = [
  ['rx off', { rxChecksum: false }],
  ['tx off', { txChecksum: false }],
  ['sg off', { scatterGather: false }],
  ['tso off', { tso: false }],
  ['gso off', { gso: false }],
  ['gro on', { gro: true }],
  ['rxvlan off', { rxVlan: false }],
  ['txvlan off', { txVlan: false }],
  ['tx off tso off gro on', { txChecksum: false, tso: false, gro: true }],
  ['tx-gre-segmentation off tx-sctp-segmentation off', OWN],
];

describe('getFeatures, setFeatures', () => {
  for (const [device, command, capability] of DEVICES) {
    const title = `those of ${device} are those that ethtool shows`;
    const compare = async () => {
      await using red = await netnsWithPair();
      await run(red, ...(command.split(' ') as [string]));
      await expectSame(red, device);
      const { active, fixed } = await getFeatures(red, device);
      expect(Object.keys(active).length).toBeGreaterThan(40);
      expect(fixed.length).toBeGreaterThan(20);
      expect(fixed.length).toBeLessThan(Object.keys(active).length);
      const before = await featuresShown(red, device);
      await setFeatures(red, device, await getFeatures(red, device));
      expect(await featuresShown(red, device)).toEqual(before);
    };
    if (capability === undefined) test(title, compare);
    else testWith(capability, title, compare);
  }

  test.each(GROUPS)('what is set is what ethtool -K %s sets', async (words, settings) => {
    await using red = await netnsWithPair();
    await run(red, 'ethtool', '-K', 'eth0', 'gro', 'off');
    await run(red, 'ethtool', '-K', 'eth1', 'gro', 'off');
    const before = await featuresShown(red, 'eth0');
    await setFeatures(red, 'eth0', settings);
    await run(red, 'ethtool', '-K', 'eth1', ...words.split(' '));
    const after = await featuresShown(red, 'eth0');
    expect(after).toEqual(await featuresShown(red, 'eth1'));
    expect(after).not.toEqual(before);
    await expectSame(red, 'eth0');
    await expectSame(red, 'eth1');
  });

  test('what was returned can be given back', async () => {
    await using red = await netnsWithPair();
    const before = await getFeatures(red, 'eth0');
    await setFeatures(red, 'eth0', { txChecksum: false, scatterGather: false, gro: true });
    const between = await getFeatures(red, 'eth0');
    expect(between).not.toEqual(before);
    expect(between.wanted['tx-tcp-segmentation']).toBe(true);
    expect(between.active['tx-tcp-segmentation']).toBe(false);
    const shown = await featuresShown(red, 'eth0');
    await setFeatures(red, 'eth0', between);
    expect(await featuresShown(red, 'eth0')).toEqual(shown);
    await setFeatures(red, 'eth0', before.active);
    expect(await getFeatures(red, 'eth0')).toEqual(before);
    // here TCP segmentation becomes wanted, and may not be active
    await setFeatures(red, 'eth0', { tso: false });
    await setFeatures(red, 'eth0', between);
    expect(await featuresShown(red, 'eth0')).toEqual(shown);
    await setFeatures(red, 'eth0', before);
    expect(await getFeatures(red, 'eth0')).toEqual(before);
  });

  test('what is not as it is returned', async () => {
    await using red = await netnsWithPair();
    const read = await getFeatures(red, 'eth0');
    const { fixed, wanted, active } = read;
    const change = { ...wanted, [fixed[0]!]: wanted[fixed[0]!] !== true };
    const refused = await failure(setFeatures(red, 'eth0', { ...read, wanted: change }));
    expect(refused).toMatchObject({ code: 'EOPNOTSUPP', option: fixed[0] });
    const lacking = await failure(setFeatures(red, 'eth0', { wanted }));
    expect(lacking.message).toBe('active: it has to be given');
    const wrong = { active, fixed, wanted: { 'rx-gro': 1 } } as unknown as Features;
    expect((await failure(setFeatures(red, 'eth0', wrong))).message).toMatch(
      /^wanted\.rx-gro: expected true/,
    );
  });

  test('by index, by an alternative name, nothing at all, and what is so already', async () => {
    await using red = await netnsWithPair();
    const long = 'a-name-that-is-longer-than-names-of-devices-are';
    await run(red, 'ip', 'link', 'property', 'add', 'dev', 'eth0', 'altname', long);
    const before = await featuresShown(red, 'eth0');
    await setFeatures(red, long, {});
    await setFeatures(red, long, { lro: false, tso: true, 'tx-lockless-or-not': undefined });
    expect(await featuresShown(red, 'eth0')).toEqual(before);
    await setFeatures(red, long, { tso: false });
    const after = await featuresShown(red, 'eth0');
    expect(after.active['tx-tcp-segmentation']).toBe(false);
    const [link] = await ip(red, 'link', 'show', 'eth0');
    expect((await getFeatures(red, link!['ifindex'] as number)).active).toEqual(after.active);
  });

  test('a feature by its own name takes precedence over its group', async () => {
    await using red = await netnsWithPair();
    await setFeatures(red, 'eth0', { tso: false, 'tx-tcp6-segmentation': true });
    expect((await featuresShown(red, 'eth0')).active).toMatchObject({
      'tx-tcp-segmentation': false,
      'tx-tcp6-segmentation': true,
    });
  });

  test('what the device cannot change is refused by its name, and nothing is changed', async () => {
    await using red = await netnsWithPair();
    const before = await featuresShown(red, 'eth0');
    const refused: readonly [settings: FeatureSettings, option: string, reason: string][] = [
      [{ tso: false, lro: true }, 'lro', 'the device cannot change rx-lro'],
      [
        { tso: false, 'tx-checksum-ipv4': true },
        'tx-checksum-ipv4',
        'the device cannot change tx-checksum-ipv4',
      ],
      [
        { tso: false, 'tx-chksum-sctp': false },
        'tx-chksum-sctp',
        "this kernel has no such feature; did you mean 'tx-checksum-sctp'?",
      ],
      [{ tso: false, loopback: true }, 'loopback', 'the device cannot change loopback'],
    ];
    for (const [settings, option, reason] of refused) {
      expect(await failure(setFeatures(red, 'eth0', settings))).toMatchObject({
        name: 'NetlinkError',
        code: 'EOPNOTSUPP',
        option,
        message: `EOPNOTSUPP: set features of eth0 in namespace ${red.toString()}: option '${option}': ${reason}`,
      });
    }
    expect(await featuresShown(red, 'eth0')).toEqual(before);
    const { message } = await failure(setFeatures(red, 'lo', { txChecksum: false }));
    expect(message).toContain("option 'txChecksum': the device cannot change tx-checksum-");
  });

  test('what stays off because of another feature is refused, and nothing is changed', async () => {
    await using red = await netnsWithPair();
    await setFeatures(red, 'eth0', { scatterGather: false, tso: false });
    const before = await featuresShown(red, 'eth0');
    const attempt = setFeatures(red, 'eth0', { txVlan: false, 'tx-tcp-segmentation': true });
    expect(await failure(attempt)).toMatchObject({
      code: 'EOPNOTSUPP',
      option: 'tx-tcp-segmentation',
      message: expect.stringContaining(
        'the device left tx-tcp-segmentation unchanged, because of another feature',
      ) as string,
    });
    expect(await featuresShown(red, 'eth0')).toEqual(before);
    await setFeatures(red, 'eth0', { scatterGather: true, 'tx-tcp-segmentation': true });
    expect((await featuresShown(red, 'eth0')).active['tx-tcp-segmentation']).toBe(true);
  });

  test('a device that is not there', async () => {
    await using red = await createNetns('red');
    const where = 'nope in namespace red: no device matches name';
    const why = "option 'device': there is no such device";
    expect(await failure(getFeatures(red, 'nope'))).toMatchObject({
      code: 'ENODEV',
      device: 'nope',
      message: `ENODEV: get features of ${where}: ${why}`,
    });
    expect(await failure(setFeatures(red, 'nope', { gro: true }))).toMatchObject({
      code: 'ENODEV',
      message: `ENODEV: set features of ${where}: ${why}`,
    });
    expect(await failure(getFeatures(red, 4711))).toMatchObject({ code: 'ENODEV', device: 4711 });
  });

  test('many at once', async () => {
    await using red = await netnsWithPair();
    const all = await Promise.all(
      Array.from({ length: 50 }, async (_, i) => getFeatures(red, `eth${i % 2}`)),
    );
    expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1);
  });
});
