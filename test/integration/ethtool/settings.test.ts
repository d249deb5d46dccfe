import {
  createNetns,
  getChannels,
  getLinkSettings,
  getPause,
  getRings,
  type Netns,
  setChannels,
  setPause,
  setRings,
} from '../../../lib';
import { type Capability, testWith } from '../../support/capabilities';
import { failure, run } from '../../support/ip';
import { netnsWithPair } from '../../support/namespaces';

/** The value behind each word of ethtool(8), of the last of several lines that begin with the word. */
async function shown(netns: Netns, ...args: string[]): Promise<Record<string, string>> {
  const lines = (await run(netns, 'ethtool', ...args)).matchAll(/^\s*([^:\n]+):[ \t]+(.+)$/gm);
  return Object.fromEntries([...lines].map(([, word = '', value = '']) => [word, value]));
}

/** Link settings in the words of ethtool(8). */
async function settings(netns: Netns, device: string): Promise<Record<string, string>> {
  const { linkDetected, speed, duplex, autoneg, port, supported, advertised } = await getLinkSettings(
    netns,
    device,
  );
  expect([supported, advertised]).toEqual([[], []]);
  return {
    Speed: speed === undefined ? 'Unknown!' : `${speed}Mb/s`,
    Duplex: { full: 'Full', half: 'Half', none: 'Unknown! (255)' }[duplex ?? 'none'],
    'Auto-negotiation': autoneg ? 'on' : 'off',
    Port: { tp: 'Twisted Pair', none: 'None', other: 'Other' }[port as 'tp' | 'none' | 'other'],
    'Link detected': linkDetected ? 'yes' : 'no',
  };
}

const DEVICES: readonly (readonly [device: string, command: string, capability?: Capability])[] = [
  ['eth0', 'ip link set eth0 mtu 1400'],
  ['eth1', 'ip link set eth1 up'],
  ['br0', 'ip link add br0 type bridge'],
  ['v7', 'ip link add link eth0 name v7 type vlan id 7', 'links of the kind vlan'],
  ['m0', 'ip link add link eth0 name m0 type macvlan', 'links of the kind macvlan'],
];

const CHANNELS = 'channels of veth devices are changed';
const WHERE = 'in namespace red';

describe('getLinkSettings, getChannels, setChannels, getRings, setRings, getPause, setPause', () => {
  for (const [device, command, capability] of DEVICES) {
    const title = `link settings of ${device} are those that ethtool shows`;
    const compare = async () => {
      await using red = await netnsWithPair();
      await run(red, ...(command.split(' ') as [string]));
      expect(await shown(red, device)).toMatchObject(await settings(red, device));
    };
    if (capability === undefined) test(title, compare);
    else testWith(capability, title, compare);
  }

  test('a link, and the end of it', async () => {
    await using red = await netnsWithPair('red', { up: true });
    await getLinkSettings(red, 'eth0');
    expect((await getLinkSettings(red, 'eth0')).linkDetected).toBe(true);
    await run(red, 'ip', 'link', 'set', 'eth1', 'down');
    expect((await getLinkSettings(red, 'eth0')).linkDetected).toBe(false);
    expect(await shown(red, 'eth0')).toMatchObject({ 'Link detected': 'no' });
  });

  testWith(CHANNELS, 'channels are those that ethtool shows, and the other way around', async () => {
    await using red = await createNetns('red');
    const queues = ['numrxqueues', '4', 'numtxqueues', '3'];
    await run(red, 'ip', 'link', 'add', 'eth0', ...queues, 'type', 'veth', 'peer', 'eth1', ...queues);
    const expectSame = async (rx: number, tx: number) => {
      expect(await getChannels(red, 'eth0')).toEqual({ rx, tx, max: { rx: 4, tx: 3 } });
      // the numbers of what there is come behind those of what there may be
      expect(await shown(red, '-l', 'eth0')).toMatchObject({ RX: `${rx}`, TX: `${tx}`, Combined: 'n/a' });
    };
    await setChannels(red, 'eth0', { rx: 3, tx: 2 });
    await expectSame(3, 2);
    await run(red, 'ethtool', '-L', 'eth0', 'rx', '4', 'tx', '1');
    await expectSame(4, 1);
    await setChannels(red, 'eth0', await getChannels(red, 'eth0'));
    await expectSame(4, 1);
    await setChannels(red, 'eth0', { rx: 1 });
    await setChannels(red, 'eth0', {});
    await expectSame(1, 1);
    for (const [option, count] of [
      ['rx', 5],
      ['combined', 1],
    ] as const) {
      expect(await failure(setChannels(red, 'eth0', { [option]: count, tx: 2 }))).toMatchObject({
        code: 'EINVAL',
        option,
        message: expect.stringContaining(
          `EINVAL: set channels of eth0 ${WHERE}: requested channel count exceeds`,
        ) as string,
      });
    }
    await expectSame(1, 1);
  });

  test('a device without them is refused by its kind', async () => {
    await using red = await netnsWithPair('red');
    await run(red, 'ip', 'link', 'add', 'br0', 'type', 'bridge');
    const refused: readonly [attempt: Promise<unknown>, operation: string, what: string][] = [
      [getChannels(red, 'br0'), 'get channels of br0', 'channels'],
      [setChannels(red, 'br0', { rx: 1 }), 'set channels of br0', 'channels that can be changed'],
      [getRings(red, 'br0'), 'get rings of br0', 'rings'],
      [setRings(red, 'br0', { rx: 512, tx: 256 }), 'set rings of br0', 'rings that can be changed'],
      [getPause(red, 'br0'), 'get pause of br0', 'flow control'],
      [setPause(red, 'br0', { autoneg: false }), 'set pause of br0', 'flow control that can be changed'],
    ];
    for (const [attempt, operation, what] of refused) {
      expect(await failure(attempt)).toMatchObject({
        code: 'EOPNOTSUPP',
        message: `EOPNOTSUPP: ${operation} ${WHERE}: devices of the kind bridge have no ${what}`,
      });
    }
    expect(await failure(getLinkSettings(red, 'lo'))).toMatchObject({
      code: 'EOPNOTSUPP',
      message: `EOPNOTSUPP: get link settings of lo ${WHERE}: failed to retrieve link settings: the driver of the device has no link settings`,
    });
  });

  test('a device that is not there, and values that cannot be', async () => {
    await using red = await createNetns('red');
    for (const attempt of [
      getChannels(red, 'nope'),
      setChannels(red, 'nope', { rx: 1 }),
      getRings(red, 'nope'),
      setRings(red, 'nope', { rx: 1 }),
      getPause(red, 'nope'),
      setPause(red, 'nope', { rx: true }),
      getLinkSettings(red, 'nope'),
    ]) {
      expect(await failure(attempt)).toMatchObject({
        code: 'ENODEV',
        message: expect.stringMatching(
          /of nope in namespace red: no device matches name: option 'device': there is no such device$/,
        ) as string,
      });
    }
    const most = { max: { rx: -1 } };
    for (const set of [setRings(red, 'lo', most), setChannels(red, 'lo', most)]) {
      expect((await failure(set)).message).toMatch(/^max\.rx: expected an integer from 0/);
    }
    expect(await failure(setRings(red, 'lo', { rx: -1 }))).toMatchObject({
      name: 'RangeError',
      message: 'rx: expected an integer from 0 to 4294967295, got -1',
    });
  });
});
