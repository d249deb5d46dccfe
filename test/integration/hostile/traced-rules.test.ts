import { createNetns, setLink } from '../../../lib';
import { rtnetns } from '../../support/cli';
import { makeRules } from '../../support/tenant-rules';

describe('trace', () => {
  test('a packet is traced through look-ups in sets of unknown types', async () => {
    await using tenant = await createNetns('tenant');
    await setLink(tenant, 'lo', { up: true });
    expect(await makeRules(tenant, 'lookups')).toBe(1);
    const packet = ['--to', '127.0.0.1', '--protocol', 'udp', '--port', '9'];
    const { status, signal, stdout } = rtnetns('trace', 'tenant', ...packet);
    expect({ status, signal }).toEqual({ status: 0, signal: null });
    expect(stdout).toContain('meta mark map @m map @odd map @m @s accept');
  });
});
