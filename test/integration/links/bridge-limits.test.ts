// Values that the kernel refuses without a sentence.
import {
  type BridgePortSettings,
  type BridgeSettings,
  createBridge,
  createNetns,
  createVeth,
  setBridge,
  setBridgePort,
} from '../../../lib';
import { failure, run } from '../../support/ip';

describe('setBridge, setBridgePort', () => {
  test.each<[BridgeSettings, string[], string]>([
    [
      { groupForwardMask: 0b1 },
      ['group_fwd_mask', '1'],
      'groupForwardMask: a bridge never forwards STP, pause frames and LACP',
    ],
    [
      { groupForwardMask: 0b100 },
      ['group_fwd_mask', '4'],
      'groupForwardMask: a bridge never forwards STP, pause frames and LACP',
    ],
    [
      { groupForwardMask: 0x10000 },
      ['group_fwd_mask', '65536'],
      'groupForwardMask: expected an integer from 0 to 65535, got 65536',
    ],
    ...['01', '02', '03'].map((end): [BridgeSettings, string[], string] => [
      { groupAddress: `01:80:c2:00:00:${end}` },
      ['group_address', `01:80:c2:00:00:${end}`],
      `groupAddress: expected '01:80:c2:00:00:00', or one from`,
    ]),
    [{ groupAddress: '02:00:00:00:00:01' }, ['group_address', '02:00:00:00:00:01'], 'groupAddress: expected'],
    [
      { multicastRouter: 3 },
      ['mcast_router', '3'],
      'multicastRouter: expected an integer from 0 to 2, got 3',
    ],
    [
      { multicastIgmpVersion: 1 },
      ['mcast_igmp_version', '1'],
      'multicastIgmpVersion: expected an integer from 2 to 3, got 1',
    ],
    [
      { multicastMldVersion: 3 },
      ['mcast_mld_version', '3'],
      'multicastMldVersion: expected an integer from 1 to 2, got 3',
    ],
    [{ helloTime: 99 }, ['hello_time', '99'], 'helloTime: expected an integer from 100 to 1000, got 99'],
    [{ maxAge: 4001 }, ['max_age', '4001'], 'maxAge: expected an integer from 600 to 4000, got 4001'],
  ])('%p is refused as ip is refused it, with the reason', async (settings, words, message) => {
    await using red = await createNetns('red');
    await createBridge(red, 'br0');
    await expect(run(red, 'ip', 'link', 'set', 'br0', 'type', 'bridge', ...words)).rejects.toThrow();
    for (const attempt of [setBridge(red, 'br0', settings), createBridge(red, 'br1', settings)]) {
      expect(await failure(attempt)).toMatchObject({
        name: 'RangeError',
        message: expect.stringContaining(message) as string,
      });
    }
  });

  test.each<[BridgePortSettings, string[], string]>([
    [{ cost: 0 }, ['cost', '0'], 'cost: expected an integer from 1 to 65535, got 0'],
    [{ priority: 64 }, ['priority', '64'], 'priority: expected an integer from 0 to 63, got 64'],
    [
      { groupForwardMask: 0b10 },
      ['group_fwd_mask', '2'],
      'groupForwardMask: pause frames are never forwarded, so bit 1 is 0, got 2',
    ],
    [
      { multicastRouter: 4 },
      ['mcast_router', '4'],
      'multicastRouter: expected an integer from 0 to 3, got 4',
    ],
    [{ state: 5 }, ['state', '5'], 'state: expected an integer from 0 to 4, got 5'],
    [
      { multicastEhtHostsLimit: 0 },
      ['mcast_eht_hosts_limit', '0'],
      'multicastEhtHostsLimit: expected an integer from 1 to 4294967295, got 0',
    ],
  ])('%p of a port is refused as ip is refused it, with the reason', async (settings, words, message) => {
    await using red = await createNetns('red');
    await createBridge(red, 'br0');
    await createVeth({ netns: red, name: 'a', bridge: 'br0' }, { netns: red, name: 'b' });
    await expect(run(red, 'ip', 'link', 'set', 'a', 'type', 'bridge_slave', ...words)).rejects.toThrow();
    expect(await failure(setBridgePort(red, 'a', settings))).toMatchObject({ name: 'RangeError', message });
  });

  test('a VLAN that there is not is refused on a kernel without VLANs, too', async () => {
    await using red = await createNetns();
    expect(await failure(setBridge(red, 'br0', { vlanDefaultPvid: 4095 }))).toMatchObject({
      name: 'RangeError',
      message: 'vlanDefaultPvid: expected an integer from 0 to 4094, got 4095',
    });
  });
});
