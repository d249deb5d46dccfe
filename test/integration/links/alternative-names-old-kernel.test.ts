// Linux 5.10 finds no device by an alternative name longer than names are where the device is to be changed. This kernel seems to
// be such a one: test/support/old-kernel.c.
import { createBridge, createNetns, createVeth } from '../../../lib';
import { ip, run } from '../../support/ip';
import { onOldKernel } from '../../support/old-kernel';
import { program, type Tools } from '../../support/program';

async function change({ rtnetns, tell }: Tools) {
  const { enslaveLink, openNetns, releaseLink, setBridge, setBridgePort, setLink } = rtnetns;
  const red = await openNetns('red');
  const [port, bridge] = ['port-of-a-bridge-with-ports', 'bridge-of-a-port-of-a-bridge'];
  await setLink(red, port, { mtu: 1300 });
  await setBridge(red, bridge, { maxAge: 1500 });
  await enslaveLink(red, port, bridge);
  await setBridgePort(red, port, { cost: 77 });
  await enslaveLink(red, 'eth1', bridge);
  await releaseLink(red, 'port-of-a-bridge-that-leaves');
  const [missing] = await Promise.allSettled([setLink(red, 'port-of-another-bridge', { mtu: 1300 })]);
  tell((missing as { reason: Error }).reason.message);
}

describe('setLink, enslaveLink, releaseLink, setBridge, setBridgePort', () => {
  test('change a device by a long alternative name', async () => {
    await using red = await createNetns('red');
    await createVeth({ netns: red, name: 'eth0' }, { netns: red, name: 'eth1' });
    await createBridge(red, 'br0');
    for (const [device, name] of [
      ['eth0', 'port-of-a-bridge-with-ports'],
      ['eth1', 'port-of-a-bridge-that-leaves'],
      ['br0', 'bridge-of-a-port-of-a-bridge'],
    ] as const) {
      await run(red, 'ip', 'link', 'property', 'add', 'dev', device, 'altname', name);
    }
    const { told, stderr } = await onOldKernel(program(change));
    expect(stderr).toBe('');
    expect(told).toEqual([
      'ENODEV: find device port-of-another-bridge in namespace red: there is no such device',
    ]);
    const shown = async (device: string) => (await ip(red, 'link', 'show', 'dev', device))[0];
    expect(await shown('eth0')).toMatchObject({
      mtu: 1300,
      master: 'br0',
      linkinfo: { info_slave_data: { cost: 77 } },
    });
    expect(await shown('eth1')).not.toHaveProperty('master');
    expect(await shown('br0')).toMatchObject({ linkinfo: { info_data: { max_age: 1500 } } });
  });
});
