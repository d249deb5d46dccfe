import net from 'node:net';
import {
  connect,
  createNetns,
  createSocket,
  createVeth,
  exec,
  listen,
  type Netns,
  resolve,
  setLink,
  spawn,
  waitForPort,
} from '../../../lib';
import { failure } from '../../support/ip';

/** The name of a device, an argument, a file: a terminal would turn red. */
const FAKE = '\x1b[31m\u202e';

async function lab(): Promise<Netns> {
  const red = await createNetns();
  const end = { netns: red, up: true, addrGenMode: 'none' } as const;
  await createVeth({ ...end, name: FAKE }, { ...end, name: 'other' });
  return red;
}

const port = 4711;

describe('connect, listen, createSocket, waitForPort, resolve, exec, spawn', () => {
  test.each<[name: string, attempt: (red: Netns) => Promise<unknown>, shown: string]>([
    [
      'connect',
      (red) => connect(red, { host: `fe80::9%${FAKE}`, port }),
      'connect EADDRNOTAVAIL fe80::9%\\x1b[31m\\u202e:4711 - Local (:::0)',
    ],
    [
      'connect from a wrong address',
      (red) => connect(red, { host: `fe80::9%${FAKE}`, port, localAddress: '10.0.0.1' }),
      'localAddress: expected one of IPv6, as "fe80::9%\\u001b[31m\\u202e" is, got "10.0.0.1"',
    ],
    [
      'listen',
      (red) => listen(red, net.createServer(), { host: `fe80::9%${FAKE}`, port }),
      'listen EADDRNOTAVAIL: address not available fe80::9%\\x1b[31m\\u202e:4711',
    ],
    [
      'createSocket',
      (red) => createSocket(red, 'udp6', { address: `fe80::9%${FAKE}`, port }),
      'bind EADDRNOTAVAIL fe80::9%\\x1b[31m\\u202e:4711',
    ],
    [
      'waitForPort',
      (red) => waitForPort(red, `fe80::9%${FAKE}`, port, { timeout: 1 }),
      'connect ETIMEDOUT fe80::9%\\x1b[31m\\u202e:4711',
    ],
    [
      'resolve',
      (red) => resolve(red, `fe80::9%${FAKE}`, { family: 4 }),
      'getaddrinfo ENOTFOUND fe80::9%\\x1b[31m\\u202e',
    ],
    [
      'exec',
      (red) => exec(red, 'sh', ['-c', 'echo "$0" >&2; echo next >&2; false', FAKE]),
      'Command failed: sh -c echo "$0" >&2; echo next >&2; false \\x1b[31m\\u202e\n\\x1b[31m\\u202e\nnext\n',
    ],
    [
      'spawn',
      (red) => new Promise((_, reject) => spawn(red, `/etc/passwd/${FAKE}`).on('error', reject)),
      'spawn /etc/passwd/\\x1b[31m\\u202e ENOTDIR',
    ],
    [
      'an option',
      (red) => setLink(red, 'lo', { [FAKE]: 1 } as object),
      '\\x1b[31m\\u202e: there is no such option',
    ],
  ])('%s', async (_, attempt, shown) => {
    await using red = await lab();
    expect((await failure(attempt(red))).message).toBe(shown);
  });
});
