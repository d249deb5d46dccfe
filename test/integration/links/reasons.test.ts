// What the words of a refusal give as its reason: the state of a device, where it is that and not a capability or the kernel.
import {
  addFdb,
  createBridge,
  createLink,
  createNetns,
  createVeth,
  enslaveLink,
  setLink,
} from '../../../lib';
import { testWith } from '../../support/capabilities';
import { failure } from '../../support/ip';

const TUNNELS = 'links of the kinds of tunnels, bond, macsec and team';
const VXLAN = 'links of the kind vxlan';
const VLANS = 'links of the kind vlan';
const MACVLANS = 'links of the kind macvlan';
const MAC = '02:00:00:00:00:09';

describe('createLink, enslaveLink, addFdb', () => {
  testWith(TUNNELS, 'EPERM of a bond is no missing capability', async () => {
    await using red = await createNetns();
    await createVeth({ netns: red, name: 'v0', up: true }, { netns: red, name: 'v1' });
    await createLink(red, { kind: 'bond', name: 'b0' });
    const joining = await failure(enslaveLink(red, 'v0', 'b0'));
    expect(joining).toMatchObject({ code: 'EPERM' });
    expect(joining.message).toContain('a bond takes a device only while it is down');
    const delayed = await failure(createLink(red, { kind: 'bond', name: 'b1', upDelay: 100 }));
    const changed = await failure(setLink(red, 'b0', { kind: 'bond', upDelay: 100 }));
    for (const { code, message } of [delayed, changed] as (Error & { code: string })[]) {
      expect([code, message]).toEqual(['EPERM', expect.stringContaining('need miimon')]);
    }
    for (const { message } of [joining, delayed, changed]) expect(message).not.toContain('CAP_NET_ADMIN');
  });

  test('EPERM of a dynamic entry at a port that is down', async () => {
    await using red = await createNetns();
    await createBridge(red, 'br0');
    await createVeth({ netns: red, name: 'v0', bridge: 'br0' }, { netns: red, name: 'v1' });
    const { message } = await failure(addFdb(red, 'v0', MAC, { state: 'dynamic' }));
    expect(message).toMatch(/^EPERM: .*: the port is not up, and takes no dynamic entries$/);
  });

  testWith(VXLAN, 'an entry of a vxlan without a host, or with one of the other family', async () => {
    await using red = await createNetns();
    await createLink(red, { kind: 'vxlan', name: 'x0', id: 5, port: 4789 });
    const other = await failure(addFdb(red, 'x0', MAC, { dst: 'fd00::2' }));
    expect(other).toMatchObject({ code: 'EAFNOSUPPORT' });
    expect(other.message).toContain('dst is of another family');
    const none = await failure(addFdb(red, 'x0', MAC));
    expect(none).toMatchObject({ code: 'EINVAL' });
    expect(none.message).toContain('dst (or nexthopId) is missing for a vxlan');
  });

  testWith(TUNNELS, 'EEXIST of a tunnel whose ends another one has', async () => {
    await using red = await createNetns();
    const ends = { local: '10.0.0.1', remote: '10.0.0.2' };
    await createLink(red, { kind: 'gre', name: 'x0', ...ends });
    const alike = await failure(createLink(red, { kind: 'gre', name: 'x1', ...ends }));
    expect(alike).toMatchObject({ code: 'EEXIST' });
    expect(alike.message).toContain('the name is free, but another device has what only one may have: ends');
    const named = await failure(createLink(red, { kind: 'gre', name: 'x0', remote: '10.0.0.3' }));
    expect(named.message).toContain("a device named 'x0' exists already");
  });

  testWith(
    VLANS,
    'an MTU above that of the device below, of a new VLAN and of one that is there',
    async () => {
      await using red = await createNetns();
      await createVeth({ netns: red, name: 'v0', mtu: 1400 }, { netns: red, name: 'v1' });
      const vlan = { kind: 'vlan', name: 'v0.7', link: 'v0', id: 7 } as const;
      const made = await failure(createLink(red, { ...vlan, mtu: 1500 }));
      expect(made.message).toMatch(/^EINVAL: create vlan v0\.7 .*the MTU is above that of the device below/);
      await createLink(red, vlan);
      const set = await failure(setLink(red, 'v0.7', { mtu: 1500 }));
      expect(set.message).toMatch(/^ERANGE: set link v0\.7 .*: the MTU is above that of the device below$/);
    },
  );

  testWith(MACVLANS, 'a macvlan beside others, and on a port of a bridge', async () => {
    await using red = await createNetns();
    await createVeth({ netns: red, name: 'v0' }, { netns: red, name: 'v1' });
    await createLink(red, { kind: 'macvlan', name: 'x0', link: 'v0', mode: 'bridge' });
    const whole = { kind: 'macvlan', name: 'x1', link: 'v0', mode: 'passthru' } as const;
    const changed = setLink(red, 'x0', { kind: 'macvlan', mode: 'passthru' });
    for (const attempt of [createLink(red, whole), changed]) {
      const error = await failure(attempt);
      expect(error).toMatchObject({ code: 'EINVAL' });
      expect(error.message).toContain("with 'passthru' a device is the only one on the device below");
    }
    await createBridge(red, 'br0');
    await enslaveLink(red, 'v1', 'br0');
    const busy = await failure(createLink(red, { ...whole, link: 'v1' }));
    expect(busy).toMatchObject({ code: 'EBUSY' });
    expect(busy.message).toContain('the device below has a master');
  });
});
