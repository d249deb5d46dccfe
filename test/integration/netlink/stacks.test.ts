import net from 'node:net';
import {
  addAddr,
  addRoute,
  connect,
  createBridge,
  createBridgeNetwork,
  createNetns,
  createSocket,
  createStar,
  createVeth,
  deleteLink,
  deleteNetns,
  exec,
  getLink,
  listConntrack,
  listen,
  type Netns,
  nft,
  openNetns,
  ping,
  removeRule,
  resolve,
  setLink,
  setSysctl,
  trace,
  waitForAddr,
  waitForLink,
  waitForPort,
} from '../../../lib';
import { etc } from '../../support/etc';
import { failure } from '../../support/ip';

/** On the network, but nobody has it. */
const SILENT = '10.9.9.9';

/** A call under way in a namespace whose handle is closed then. */
async function closing<T>(netns: Netns, call: Promise<T>): Promise<T> {
  setTimeout(() => netns.close(), 50);
  return call;
}

/** A call in a namespace whose handle is closed. */
async function closed<T>(netns: Netns, call: () => Promise<T>): Promise<T> {
  netns.close();
  return call();
}

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
    ['waitForLink, at once', async (netns) => waitForLink(netns, 'none', { timeout: 0 })],
    ['waitForLink', async (netns) => waitForLink(netns, 'none', { timeout: 50 })],
    ['waitForLink, closed', async (netns) => closing(netns, waitForLink(netns, 'none'))],
    ['waitForAddr', async (netns) => waitForAddr(netns, 'lo', '10.0.0.1', { timeout: 50 })],
    ['waitForPort', async (netns) => waitForPort(netns, '127.0.0.1', 80, { timeout: 50 })],
    ['waitForPort, closed', async (netns) => closing(netns, waitForPort(netns, '127.0.0.1', 80))],
    ['deleteNetns', async () => deleteNetns('none')],
    ['connect, refused', async (netns) => connect(netns, { host: '127.0.0.1', port: 80 })],
    ['connect, in time', async (netns) => connect(netns, { host: SILENT, port: 80, timeout: 50 })],
    ['resolve', async (netns) => resolve(netns, '127.0.0.1', { family: 6 })],
    ['resolve, in time', async (netns) => resolve(netns, 'none.invalid', { timeout: 50 })],
    ['ping', async (netns) => ping(netns, '127.0.0.1', { device: 'none' })],
    ['listen', async (netns) => listen(netns, net.createServer(), { host: SILENT, port: 80 })],
    ['createSocket', async (netns) => createSocket(netns, 'udp4', { address: SILENT })],
    ['listConntrack', async (netns) => closed(netns, async () => listConntrack(netns))],
    ['nft.listRuleset', async (netns) => closed(netns, async () => nft.listRuleset(netns))],
    ['trace', async (netns) => closed(netns, async () => trace(netns, { to: SILENT }))],
    [
      'createBridgeNetwork',
      async (netns) => createBridgeNetwork(netns, { name: 'lo', subnet: '10.0.0.0/24' }),
    ],
  ])('the stack of an error of %s has the line of the caller', async (_, call) => {
    using files = etc({});
    files.write('netns/red/resolv.conf', `nameserver ${SILENT}`);
    await using red = await createNetns('red');
    await using netns = await openNetns('red');
    await setLink(red, 'lo', { up: true });
    await createBridge(red, 'br0', { up: true, addrs: ['10.9.9.1/24'] });
    const caller = async () => {
      await call(netns);
    };
    expect((await failure(caller())).stack).toMatch(/at (async )?caller .*stacks\.test/);
  });
});
