// Devices whose names are not UTF-8: the kernel allows all bytes but '/', ':' and blanks.
import {
  addAddr,
  addRoute,
  createLink,
  createNetns,
  createVeth,
  deleteLink,
  enslaveLink,
  getLink,
  getSysctl,
  listLinks,
  type Netns,
  renameLink,
  setLink,
  waitForLink,
} from '../../../lib';
import { bashBytes, failure, ip } from '../../support/ip';

const NAME = '\udcff\udcfe';
const IN_SHELL = `$'\\xff\\xfe'`;

/** Its namespace, with another device `vb`. */
async function foreign(): Promise<Netns> {
  const red = await createNetns();
  await bashBytes(red, `ip link add ${IN_SHELL} type veth peer name vb`);
  return red;
}

const names = async (netns: Netns) =>
  (await bashBytes(netns, 'ls /proc/self/net/dev_snmp6')).trim().split('\n').sort();

describe('listLinks', () => {
  test('a name of other bytes is listed, and what is listed names the device', async () => {
    await using red = await foreign();
    const listed = (await listLinks(red)).find(({ name }) => name !== 'lo' && name !== 'vb')!;
    expect(listed.name).toBe(NAME);
    expect(await getLink(red, NAME)).toEqual(listed);
    expect(await waitForLink(red, NAME)).toEqual(listed);

    await setLink(red, NAME, { mtu: 1300, alias: 'a\udc80', up: true });
    await addAddr(red, NAME, '10.0.0.1/24');
    await addRoute(red, { to: '10.9.0.0/16', device: NAME });
    const shown = await bashBytes(red, `ip -o link show dev ${IN_SHELL}; ip -4 route show dev ${IN_SHELL}`);
    expect(shown).toContain('\xff\xfe@vb: <');
    expect(shown).toContain(' mtu 1300 ');
    expect(shown).toContain('alias a\x80\n');
    expect(shown).toMatch(/^10\.9\.0\.0\/16 /m);
    expect((await getLink(red, NAME)).alias).toBe('a\udc80');
    expect(await getSysctl(red, `net.ipv4.conf.${NAME}.forwarding`)).toBe('0');

    await createLink(red, { kind: 'bridge', name: 'br0' });
    await enslaveLink(red, NAME, 'br0');
    expect(await bashBytes(red, 'ip -o link show master br0')).toContain('\xff\xfe@vb: <');
    await deleteLink(red, NAME);
    expect((await ip(red, 'link')).map(({ ifname }) => ifname)).toEqual(['lo', 'br0']);
  });

  test('devices of such names are created and renamed', async () => {
    await using red = await createNetns();
    await createVeth({ netns: red, name: '\udc80a' }, { netns: red, name: 'ä\udcc3' });
    expect(await names(red)).toEqual(['lo', '\x80a', '\xc3\xa4\xc3']);
    await renameLink(red, '\udc80a', 'b\udcc3');
    expect(await names(red)).toEqual(['b\xc3', 'lo', '\xc3\xa4\xc3']);
  });

  test('half of a surrogate pair that stands for no byte is refused', async () => {
    await using red = await createNetns();
    expect(await failure(createLink(red, { kind: 'bridge', name: 'a\ud800' }))).toMatchObject({
      name: 'RangeError',
      message: 'name: half of a surrogate pair is no character, got "a\\ud800"',
    });
    expect(await failure(setLink(red, 'lo', { alias: '\ud800' }))).toMatchObject({
      name: 'RangeError',
      message: 'alias: half of a surrogate pair is no character, got "\\ud800"',
    });
  });
});
