import { createNetns, createVeth } from '../../lib';
import { ip } from '../support/ip';

test('a pair, each end in a namespace of its own', async () => {
  await using red = await createNetns('red');
  await using blue = await createNetns();
  const pair = await createVeth(
    {
      netns: red,
      name: 'eth0',
      up: true,
      mac: '02:00:00:00:00:01',
      mtu: 1400,
      addrs: ['10.0.1.1/24', 'fd00::1/64'],
    },
    { netns: blue, up: true, mac: '02:00:00:00:00:02', addrs: ['10.0.1.2/24'] },
  );
  expect(pair).toEqual([
    { index: 2, name: 'eth0' },
    { index: 2, name: 'veth0' },
  ]);
  const [link] = await ip(red, 'link', 'show', 'eth0');
  expect(link).toMatchObject({ ifname: 'eth0', mtu: 1400, address: '02:00:00:00:00:01', operstate: 'UP' });
});
