import { constants } from 'node:os';
import type { Netns } from '../../../lib';
import { dial } from '../../../lib/sockets/inet/dial';
import { exchange } from '../../../lib/sockets/dns/dns-exchange';
import { socketError } from '../../../lib/sockets/inet/socket-error';

/** A namespace in which a socket is not open for a long time. */
const slow = {
  lend: async () => new Promise<never>(() => undefined),
  openSocket: async () => new Promise<never>(() => undefined),
  toString: () => 'red',
} as unknown as Netns;

const timedOut = socketError('connect', constants.errno.ETIMEDOUT, { address: '10.0.0.1', port: 80 });

test.each<[string, (signal: AbortSignal) => Promise<unknown>]>([
  ['a connection', async (signal) => dial(slow, { address: '10.0.0.1', port: 80 }, {}, signal)],
  ['a query', async (signal) => exchange(slow, '10.0.0.1', Buffer.alloc(12), { tcp: false, signal })],
])('%s whose time is up while its socket is opened is rejected with the very reason', async (_, attempt) => {
  await expect(attempt(AbortSignal.abort(timedOut))).rejects.toBe(timedOut);
});
