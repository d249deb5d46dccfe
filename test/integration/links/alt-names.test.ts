import { addAltName, createBridge, createNetns, getLink, removeAltName } from '../../../lib';
import { failure, ip } from '../../support/ip';

describe('addAltName, removeAltName', () => {
  const LONG = 'the-uplink-of-the-second-tenant';

  test('as ip shows them', async () => {
    await using red = await createNetns();
    await addAltName(red, 'lo', LONG);
    await addAltName(red, LONG, 'short');
    expect((await ip(red, 'link'))[0]).toMatchObject({ altnames: [LONG, 'short'] });
    expect((await getLink(red, LONG)).name).toBe('lo');
    await removeAltName(red, 'short', LONG);
    expect((await ip(red, 'link'))[0]).toMatchObject({ altnames: ['short'] });
    await removeAltName(red, 'short', 'short');
    expect((await ip(red, 'link'))[0]).not.toHaveProperty('altnames');
  });

  test('a name that is taken, and one that is not there', async () => {
    await using red = await createNetns();
    await createBridge(red, 'br0');
    await addAltName(red, 'lo', LONG);
    expect(await failure(addAltName(red, 'lo', LONG))).toMatchObject({
      name: 'NetlinkError',
      code: 'EEXIST',
    });
    await addAltName(red, 'lo', LONG, { ifExists: 'ignore' });
    const other = addAltName(red, 'br0', LONG, { ifExists: 'ignore' });
    expect((await failure(other)).message).toContain(
      `a device of the namespace has the name '${LONG}' already`,
    );
    expect(await failure(removeAltName(red, 'br0', 'nosuch'))).toMatchObject({ code: 'ENOENT' });
    await removeAltName(red, 'br0', 'nosuch', { ifMissing: 'ignore' });
    const ofOther = await failure(removeAltName(red, 'br0', LONG));
    expect(ofOther).toMatchObject({ name: 'NetlinkError', code: 'EINVAL' });
    expect(ofOther.message).toContain('the name is that of another device, or the name of the device itself');
    expect((await ip(red, 'link'))[0]).toMatchObject({ altnames: [LONG] });
    expect(await failure(addAltName(red, 'nosuch', LONG))).toMatchObject({ code: 'ENODEV' });
  });

  test('what is no name is refused before any system call', async () => {
    await using red = await createNetns();
    await expect(addAltName(red, 'lo', 'a/b')).rejects.toThrow(RangeError);
    await expect(addAltName(red, 'lo', 'x'.repeat(128))).rejects.toThrow(RangeError);
    await expect(addAltName(red, 'lo', 7 as unknown as string)).rejects.toThrow(TypeError);
  });
});
