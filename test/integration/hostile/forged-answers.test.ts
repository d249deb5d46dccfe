import { createNetns, getLink, listLinks } from '../../../lib';
import { forge } from '../../support/forger';

describe('getLink', () => {
  test('answers that a tenant forges do not reach the socket of a handle', async () => {
    await using tenant = await createNetns('tenant');
    expect(await getLink(tenant, 'lo')).toMatchObject({ name: 'lo' });
    const sent = await forge(tenant, 'answers');
    expect(sent.length).toBeGreaterThan(50);
    expect(new Set(sent)).toEqual(new Set(['ECONNREFUSED']));
    expect(await getLink(tenant, 'lo')).toMatchObject({ name: 'lo', index: 1 });
    expect((await listLinks(tenant)).map(({ name }) => name)).not.toContain('forged');
  });
});
