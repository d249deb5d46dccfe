import {
  addAddr,
  addRoute,
  createBridge,
  createNetns,
  createStar,
  createVeth,
  deleteLink,
  exec,
  getLink,
  type Netns,
  nft,
  openNetns,
  removeRule,
  setLink,
  setSysctl,
  waitForLink,
} from '../../../lib';
import { failure } from '../../support/ip';

const TABLE = { family: 'inet', name: 'none' } as const;

describe('NetlinkError, NetnsError', () => {
  test.each<[string, (netns: Netns) => Promise<unknown>]>([
    ['createBridge', async (netns) => createBridge(netns, 'lo')],
    ['setLink', async (netns) => setLink(netns, 'none', { up: true })],
    ['getLink', async (netns) => getLink(netns, 'none')],
    ['deleteLink', async (netns) => deleteLink(netns, 'none')],
    ['createVeth', async (netns) => createVeth({ netns, name: 'lo' }, { netns, name: 'other' })],
    ['addAddr', async (netns) => addAddr(netns, 77, '10.0.0.1/24')],
    ['addRoute', async (netns) => addRoute(netns, { to: 'default', via: '10.0.0.1' })],
    ['removeRule', async (netns) => removeRule(netns, { from: '10.0.0.0/8' })],
    ['createStar', async (netns) => createStar(netns, { bridge: { name: 'lo' }, members: [] })],
    ['setSysctl', async (netns) => setSysctl(netns, 'net.none', 1)],
    ['openNetns', async () => openNetns('none')],
    ['exec', async (netns) => exec(netns, 'none')],
    ['nft.apply', async (netns) => nft.apply(netns, [nft.deleteTable(TABLE)])],
    ['waitForLink', async (netns) => waitForLink(netns, 'none', { timeout: 1 })],
  ])('the stack of an error of %s has the line of the caller', async (_, call) => {
    await using netns = await createNetns();
    const caller = async () => {
      await call(netns);
    };
    expect((await failure(caller())).stack).toMatch(/at (async )?caller .*stacks\.test/);
  });
});
