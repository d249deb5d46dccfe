import { createBridgeNetwork, createNetns, deleteNetns, listBridgePorts } from '../../../lib';
import { bridge, failure, run } from '../../support/ip';
import { createLab, member } from '../../support/lab';

/** BR_MAX_PORTS of the kernel is 1,024, and it gives no port the number 0. */
const MOST = 1023;

describe('createBridgeNetwork', () => {
  test('1,023 members on one bridge, and the refusal of the 1,024th, of which nothing is left', async () => {
    await using lab = await createLab();
    const { host } = lab;
    const members = await Promise.all(Array.from({ length: MOST }, async () => createNetns()));
    lab.use({ [Symbol.asyncDispose]: async () => deleteNetns(members) });
    const wide = lab.use(await createBridgeNetwork(host, { name: 'wide', subnet: '10.1.0.0/16' }));
    const attached = await Promise.all(members.map(async (netns) => wide.attach(netns)));
    expect(new Set(attached.map(({ addresses }) => addresses[4])).size).toBe(MOST);
    expect(await bridge(host, 'link')).toHaveLength(MOST);
    expect(await listBridgePorts(host, 'wide')).toHaveLength(MOST);

    const late = await member(lab);
    const state = async () => ({
      links: await run(host, 'ip', '-br', 'link'),
      rules: await run(host, 'nft', 'list', 'ruleset'),
      inside: await run(late, 'ip', 'addr'),
      inspected: await wide.inspect(),
    });
    const before = await state();
    const error = await failure(wide.attach(late));
    expect(error).toMatchObject({ name: 'NetlinkError', code: 'EXFULL', operation: 'create veth' });
    expect(error.message).toContain('a bridge has no more than 1,023 ports');
    expect('rollbackErrors' in error).toBe(false);
    expect(await state()).toEqual(before);

    const [first] = members;
    await wide.detach(first!);
    expect(await wide.attach(late)).toMatchObject({ found: false });
    expect(await bridge(host, 'link')).toHaveLength(MOST);
    await wide.remove();
  });
});
