import { createBridge, createNetns, getStats, setLink, waitForLink, watch } from '../../../lib';
import { forge } from '../../support/forger';

describe('watch', () => {
  test('forged and malformed events are ignored and counted, and the watch goes on', async () => {
    await using tenant = await createNetns('tenant');
    const { ignored } = getStats();
    const names: string[] = [];
    for await (const event of watch(tenant, { links: true })) {
      if (event.kind === 'link') names.push(event.link.name);
      if (event.kind === 'ready') {
        expect(await forge(tenant, 'events')).toEqual(['ok', 'ok', 'ok', 'ok']);
        await createBridge(tenant, 'real');
      }
      if (names.includes('real')) break;
    }
    expect(names).not.toContain('forged');
    expect(getStats().ignored - ignored).toBe(4);
  });

  test('a wait for a link does not end by a forged event', async () => {
    await using tenant = await createNetns('tenant');
    const waiting = waitForLink(tenant, 'lo', { up: true });
    await forge(tenant, 'events');
    await setLink(tenant, 'lo', { up: true });
    expect(await waiting).toMatchObject({ name: 'lo', index: 1 });
  });
});
