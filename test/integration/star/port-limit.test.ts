import { createNetns, createStar, deleteStar, type NetlinkError } from '../../../lib';
import { bridge, failure, names, run } from '../../support/ip';

/** BR_MAX_PORTS of the kernel is 1,024, and it gives no port the number 0. */
const MOST = 1023;
const MEMBERS = Array.from({ length: MOST + 1 }, (_, i) => ({ name: `ns${i}` }));

describe('createStar', () => {
  test('1,023 members on one bridge, and the refusal of the 1,024th, of which nothing is left', async () => {
    await using host = await createNetns();
    const star = await createStar(host, { bridge: { name: 'br0' }, members: MEMBERS, onFailure: 'keep' });
    const failed = star.members.flatMap((member, i) =>
      member.status === 'failed' ? [[i, member.error]] : [],
    );
    expect(failed).toEqual([[expect.any(Number), expect.objectContaining({ code: 'EXFULL' })]]);
    const [[at, error]] = failed as [[number, NetlinkError]];
    expect(error.message).toContain('a bridge has no more than 1,023 ports');
    expect(await bridge(host, 'link')).toHaveLength(MOST);
    expect((await run(host, 'ip', '-br', 'link')).trim().split('\n')).toHaveLength(1 + 1 + MOST);
    expect(await names()).toEqual(MEMBERS.flatMap(({ name }, i) => (i === at ? [] : [name])).sort());
    await deleteStar(host, star, { wait: true });
  });

  test('1,024 members are refused, and nothing is left', async () => {
    await using host = await createNetns();
    const error = await failure(createStar(host, { bridge: { name: 'br0' }, members: MEMBERS }));
    expect(error).toMatchObject({ name: 'NetlinkError', code: 'EXFULL' });
    expect(error.message).toContain('a bridge has no more than 1,023 ports');
    expect((await run(host, 'ip', '-br', 'link')).trim().split('\n')).toHaveLength(1);
    expect(await names()).toEqual([]);
  });
});
