import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectOptions, establish } from './connect';
import { checkDevice } from '../common/check';
import { checkOptions, optionTable } from '../common/options';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { AGENT_OPTIONS, TLS_OPTIONS } from './node-options';

type Callback = (error: Error | null, stream: Duplex) => void;

/** Makes an agent's connections, and gives up those under way when the agent is destroyed. */
class Dialer {
  readonly #netns: Netns;
  readonly #end = new AbortController();

  constructor(netns: Netns) {
    this.#netns = netns;
  }

  /** `finish` makes of the socket what the request gets. */
  dial(options: http.ClientRequestArgs, callback: Callback | undefined, finish: (socket: Socket) => Duplex) {
    this.#connect(options, finish).then(
      (stream) => callback?.(null, stream),
      // node looks at the error alone
      (error: unknown) => callback?.(error as Error, undefined as unknown as Duplex),
    );
  }

  end(): void {
    this.#end.abort();
  }

  async #connect(options: http.ClientRequestArgs, finish: (socket: Socket) => Duplex): Promise<Duplex> {
    const socket = await establish(this.#netns, { ...connectOptions(options), signal: this.#end.signal });
    // as net.connect has it; it has bounded the attempt, too
    if (options.timeout) socket.setTimeout(options.timeout);
    try {
      return finish(socket);
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }
}

const PASSED_ON = [
  'autoSelectFamily',
  'autoSelectFamilyAttemptTimeout',
  'device',
  'family',
  'keepAlive',
  'keepAliveInitialDelay',
  'localAddress',
  'localPort',
  'noDelay',
] as const;

/** What concerns the connection, of the options of a request and its agent in one. */
function connectOptions(given: http.ClientRequestArgs): ConnectOptions {
  const { host, port, socketPath, timeout } = given;
  const passed = Object.entries(given).filter(([name, value]) => {
    return value !== undefined && (PASSED_ON as readonly string[]).includes(name);
  });
  const options = Object.fromEntries(passed) as ConnectOptions;
  if (timeout) options.timeout = timeout;
  if (socketPath) return { ...options, path: socketPath };
  return { ...options, host: host ?? 'localhost', port: Number(port) };
}

class NetnsHttpAgent extends http.Agent {
  readonly #dialer: Dialer;

  constructor(netns: Netns, options?: http.AgentOptions) {
    super(options);
    this.#dialer = new Dialer(netns);
  }

  override createConnection(options: http.ClientRequestArgs, callback?: Callback): undefined {
    this.#dialer.dial(options, callback, (socket) => socket);
  }

  override destroy(): void {
    this.#dialer.end();
    super.destroy();
  }
}

class NetnsHttpsAgent extends https.Agent {
  readonly #dialer: Dialer;

  constructor(netns: Netns, options?: https.AgentOptions) {
    super(options);
    this.#dialer = new Dialer(netns);
  }

  override createConnection(options: https.RequestOptions, callback?: Callback): undefined {
    // node's own does the rest: TLS over the socket, and its cache of sessions
    const secure = (socket: Socket): Duplex =>
      super.createConnection({ ...options, socket } as object) as Duplex;
    this.#dialer.dial(options, callback, secure);
  }

  override destroy(): void {
    this.#dialer.end();
    super.destroy();
  }
}

/** What an agent takes besides the options of node's own. */
export type AgentExtras = Pick<ConnectOptions, 'device' | 'localAddress' | 'autoSelectFamily'>;
/** Node's own options, and {@link AgentExtras}. */
export type HttpAgentOptions = http.AgentOptions & AgentExtras;
/** Node's own options, and {@link AgentExtras}. */
export type HttpsAgentOptions = https.AgentOptions & AgentExtras;

const HTTP_OPTIONS = optionTable<HttpAgentOptions>({ ...AGENT_OPTIONS, device: checkDevice });

const HTTPS_OPTIONS = optionTable<HttpsAgentOptions>({
  ...HTTP_OPTIONS,
  ...TLS_OPTIONS,
  maxCachedSessions: true,
  path: true,
  socket: true,
});

/**
 * An agent whose requests leave through a namespace: `http.get(url, { agent })`. Names are resolved there, see
 * {@link connect}, whose options `device`, `localAddress` and `autoSelectFamily` it takes among its own. The request's
 * `timeout` in milliseconds bounds connecting, too, which fails with ETIMEDOUT then; 0 is no limit, as with node's. The
 * handle must be open for as long as connections are made.
 *
 * node counts a connection only when it is there: at first there may be more than `maxSockets`, if so many requests
 * come at once. node does not let an agent know that a request is destroyed, by its `signal` or otherwise. So a request that
 * is destroyed while it is being connected has its 'error' when the attempt is over, which `timeout` bounds, and leaves the
 * connection to the agent; `agent.destroy()` ends those attempts, too, and cannot be used after that.
 *
 * @see `http.Agent` of node
 * @example
 * ```ts
 * import { once } from 'node:events';
 * import { createServer, get } from 'node:http';
 * await listen(blue, createServer((_, response) => response.end()), { port: 80 });
 * const [response] = await once(get('http://10.0.0.2/', { agent: httpAgent(red) }), 'response');
 * console.log(response.statusCode); // 200
 * ```
 */
export function httpAgent(netns: Netns, options: HttpAgentOptions = {}): http.Agent {
  checkNetns(netns);
  checkOptions(options, HTTP_OPTIONS, { open: true });
  return new NetnsHttpAgent(netns, options);
}

/**
 * The same for `https`, with its sessions.
 *
 * @example
 * ```ts
 * import { once } from 'node:events';
 * import { get } from 'node:https';
 * const request = get('https://10.0.0.2/', { agent: httpsAgent(red, { device: 'eth0' }) });
 * const [error] = await once(request, 'error'); // because nobody listens there
 * console.log(error.code); // ECONNREFUSED
 * ```
 */
export function httpsAgent(netns: Netns, options: HttpsAgentOptions = {}): https.Agent {
  checkNetns(netns);
  checkOptions(options, HTTPS_OPTIONS, { open: true });
  return new NetnsHttpsAgent(netns, options);
}
