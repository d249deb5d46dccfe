import net from 'node:net';
import { constants } from 'node:os';
import type { Descriptor } from '../addon/native';
import { checkTimeout, unlessAborted, withDeadline } from '../common/abort';
import { dialHost } from './connect';
import { checkHost, checkPort } from './inet/endpoint';
import { handOver } from './inet/hand-over';
import { NetnsChanges } from '../netns/changes';
import { checkOptions, isSignal, optionTable } from '../common/options';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { during } from '../netns/netns-error';
import { GROUPS } from '../netlink/rtnetlink/groups';
import { socketError } from './inet/socket-error';

/** How long it is waited. */
export interface WaitForPortOptions {
  /** Milliseconds, from 1, until the call is rejected with ETIMEDOUT; by default it waits as long as it takes. */
  timeout?: number;
  /** Ends the waiting: the call is rejected with the signal's reason. */
  signal?: AbortSignal;
}

const OPTIONS = optionTable<WaitForPortOptions>({ timeout: true, signal: isSignal });

/** Events of the way to a port. */
const WAY = [GROUPS.link, GROUPS.addr4, GROUPS.route4, GROUPS.addr6, GROUPS.route6];

/** Milliseconds between a refusal and the next attempt: doubled each time. */
const [FIRST_PAUSE, LONGEST_PAUSE] = [10, 250];
/** Milliseconds that an attempt may go unanswered: the kernel itself repeats its SYN after 1 s. */
const PATIENCE = 1000;

/** Milliseconds that the listener has to end the connection on its side. */
const FAREWELL = 1000;

/** Errors that a change may mend: of who listens, of the way there, of the name. Any other error ends the waiting. */
const PASSING = new Set(
  `ECONNREFUSED ECONNRESET EHOSTUNREACH EHOSTDOWN ENETUNREACH ENETDOWN ETIMEDOUT EADDRNOTAVAIL EACCES ENODEV
  ENOTFOUND EAI_AGAIN`.split(/\s+/),
);

/**
 * Resolves when something listens at a TCP port, as seen from inside a namespace: when it accepts a connection, which is
 * ended at once, and which the listener sees come and go.
 *
 * The kernel sends no event for a listen(2), neither here nor on another host (6.18: sock_diag has events only for sockets
 * that end). So `waitForPort` tries to connect: at once whenever a link, address or route of the namespace changes, and
 * otherwise 10 ms after a refusal, then 20, 40, up to 250. An attempt that nobody answers is begun anew after 1 s.
 *
 * @param host an address, or a name that is resolved in the namespace, again for each attempt
 * @throws ETIMEDOUT with `syscall`, `address` and `port`, and the last attempt's error as its `cause`;
 * {@link NetnsError} ERR_NETNS_CLOSED for a closed handle; the signal's reason.
 * @see rtnetlink(7), sock_diag(7)
 * @example
 * ```ts
 * const server = spawn(blue, process.execPath, ['-e', "require('node:net').createServer().listen(80)"]);
 * await waitForPort(red, '10.0.0.2', 80, { timeout: 5000 });
 * server.kill();
 * ```
 */
export async function waitForPort(
  netns: Netns,
  host: string,
  port: number,
  options: WaitForPortOptions = {},
): Promise<void> {
  checkNetns(netns);
  checkHost(host);
  checkPort(port, 'port', { least: 1 });
  checkOptions(options, OPTIONS);
  const { timeout, signal } = options;
  checkTimeout(timeout, 'answer');
  signal?.throwIfAborted();
  const dial = dialHost(netns, { host, port });
  const unanswered = (cause?: unknown) =>
    Object.assign(socketError('connect', constants.errno.ETIMEDOUT, { address: host, port }), { cause });
  const asked = `wait for port ${port} of ${host} from namespace`;
  let last: unknown;
  await withDeadline(
    { timeout, signal },
    () => unanswered(last),
    async (limit) => {
      const changes = await NetnsChanges.open(netns, asked, WAY);
      try {
        for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
          try {
            leave(await withDeadline({ timeout: PATIENCE, signal: limit }, unanswered, dial));
            return;
          } catch (error) {
            limit.throwIfAborted();
            if (!isPassing(error)) throw during(error, asked);
            last = error;
          }
          await unlessAborted(limit, changes.next(pause));
        }
      } finally {
        changes.close();
      }
    },
  );
}

/**
 * Ends a connection as a client does that has nothing to say. What the listener sends is read, because the kernel resets a
 * connection that is closed with something unread, and a reset may end the listener's process. Nothing waits for this.
 */
function leave(connection: Descriptor): void {
  const socket = handOver(connection, (fd) => new net.Socket({ fd, readable: true, writable: true }));
  socket.on('error', () => undefined); // the listener may reset it
  socket.resume().end().unref();
  const late = setTimeout(() => socket.destroy(), FAREWELL).unref();
  socket.once('close', () => {
    clearTimeout(late);
  });
}

function isPassing(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isPassing);
  return PASSING.has((error as { code?: string }).code ?? '');
}
