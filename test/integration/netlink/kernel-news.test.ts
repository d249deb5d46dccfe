// What kernels from 5.9 on brought, each missing on its own: this kernel seems to lack it (test/support/old-kernel.c).
import { createNetns } from '../../../lib';
import { kernelHas } from '../../support/capabilities';
import { ip, run } from '../../support/ip';
import { nftSays } from '../../support/nft';
import { onOldKernel } from '../../support/old-kernel';
import { program, type Tools } from '../../support/program';

const NEWS = [
  'echo',
  'destroy',
  'alternative-names',
  'moves',
  'sentences',
  'forwarding',
  'close-range',
  'close_range',
  'close_range-refused',
  'owner',
];
const LONG = 'an-alternative-name-that-is-long';

/** Does all that has another way where a kernel lacks one of these. */
async function doAll({ rtnetns, tell }: Tools, { long, withTables }: { long: string; withTables: boolean }) {
  const { createVeth, exec, moveLink, nft, openNetns, setLink, setSysctl, trace } = rtnetns;
  const [red, blue] = [await openNetns('red'), await openNetns('blue')];
  const [va] = await createVeth({ netns: red, name: 'va' }, { netns: blue, addrs: ['10.0.0.2/24'] });
  await setLink(red, long, { mtu: 1300 }); // an alternative name of br0
  const taken = await moveLink(red, 'va', blue, { name: 'br0' }).catch((error: unknown) => error);
  await moveLink(red, 'va', blue);
  await setSysctl(red, 'net.ipv6.conf.all.forwarding', 1);
  const table = { family: 'ip', name: 't' } as const;
  const missing = nft.deleteTable({ ...table, name: 'none' }, { ifMissing: 'ignore' });
  let verdict: unknown = 'accepted';
  if (withTables) {
    await nft.apply(red, [missing, nft.addTable(table)]);
    await setLink(red, 'lo', { up: true });
    ({ outcome: verdict } = await trace(red, { to: '127.0.0.1' }));
  }
  const { stdout } = await exec(red, 'cat', ['/proc/sys/net/ipv6/conf/all/forwarding']);
  const { code } = taken as { code: string };
  tell({ va: va.name, taken: code, forwarding: stdout, verdict });
}

const withTables = kernelHas('nf_tables in the families ip, ip6 and inet');

describe('createVeth, setLink, moveLink, setSysctl, nft.apply, exec, trace', () => {
  test.each(NEWS)('work where the kernel lacks %s', async (feature) => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    for (const netns of [red, blue]) await run(netns, 'ip', 'link', 'add', 'br0', 'type', 'bridge');
    await run(red, 'ip', 'link', 'property', 'add', 'dev', 'br0', 'altname', LONG);
    const { told, stderr } = await onOldKernel(
      program(doAll, { long: LONG, withTables }),
      `RTNETNS_LACKS=${feature}`,
    );
    expect(stderr).toBe('');
    expect(told).toEqual([{ va: 'va', taken: 'EEXIST', forwarding: '1\n', verdict: 'accepted' }]);
    expect(await ip(red, 'link')).toMatchObject([{ ifname: 'lo' }, { ifname: 'br0', mtu: 1300 }]);
    const moved = await ip(blue, 'link');
    expect(moved.map(({ ifname }) => ifname).sort()).toEqual(['br0', 'lo', 'va', 'veth0']);
    if (withTables) expect(await nftSays(red, 'list', 'tables')).toBe('table ip t\n');
  });
});
