import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { anyJson } from '../common/any-json';
import type { EventIterator } from '../common/event-queue';
import { checkOptions, integerFrom, optionTable } from '../common/options';
import { Lab } from '../lab/lab';
import { LabError } from '../lab/lab-error';
import type { LabRecordEntry } from '../lab/record';
import { shown } from '../common/shown';
import { act } from './actions';
import { LiveLab } from './live-lab';
import { page } from './page';

/** How a lab is served. */
export interface ServeLabOptions {
  /** The port of 127.0.0.1; a free one by default. */
  port?: number;
}

const OPTIONS = optionTable<ServeLabOptions>({ port: integerFrom(0, 65535) });

/** A page that shows a lab. */
export interface LabView extends AsyncDisposable {
  /** 'http://127.0.0.1:41233/?token=…': whoever has it can change the lab. */
  readonly url: string;
  /**
   * Ends the page and its server. The lab stays.
   *
   * @example
   * ```ts
   * await using lab = await createLab({ nodes: { a: {} } });
   * const view = await serveLab(lab);
   * await view.close();
   * ```
   */
  close(): Promise<void>;
}

const CLOSED = 'it was closed or destroyed';

/** Bytes of a request's body. */
const LONGEST_BODY = 4096;

/**
 * Serves a page on 127.0.0.1 that shows a lab live: its picture, what its wires carry, and what happens to it, with buttons to cut, delay and heal.
 * The page needs nothing from elsewhere, and its URL holds a token, without which nothing is answered.
 *
 * The server is in the network namespace of this process: with `rtnetns sandbox` a browser outside does not reach it. The picture is an SVG where
 * the package `@viz-js/viz` is installed, and text where it is not.
 *
 * @throws Error EADDRINUSE where the port is taken; TypeError for what is no lab; LabError ERR_LAB_CLOSED for one that was
 * closed or destroyed.
 * @example
 * ```ts
 * const lan = { subnet: '10.0.0.0/24' };
 * await using lab = await createLab({ switches: { lan }, nodes: { 'web{1..2}': { ports: 'lan' } } });
 * await using view = await serveLab(lab);
 * console.log(new URL(view.url).hostname); // 127.0.0.1
 * ```
 */
export async function serveLab(lab: Lab, options: ServeLabOptions = {}): Promise<LabView> {
  if (!((lab as unknown) instanceof Lab)) throw new TypeError(`lab: expected a lab, got ${shown(lab)}`);
  checkOptions(options, OPTIONS);
  if (!lab.switches.open)
    throw new LabError({ code: 'ERR_LAB_CLOSED', lab: lab.name, operation: 'serve', reason: CLOSED });
  const token = randomBytes(16).toString('hex');
  const viewers = new Viewers(lab);
  const server = createServer((request, response) => {
    answer(lab, { viewers, token, server }, request, response).catch((error: unknown) => {
      refuse(response, 500, error instanceof Error ? error.message : String(error));
    });
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening').catch((error: unknown) => {
    viewers.close();
    throw error;
  });
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    viewers.close();
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}/?token=${token}`, close, [Symbol.asyncDispose]: close };
}

interface Served {
  viewers: Viewers;
  token: string;
  server: Server;
}

async function answer(
  lab: Lab,
  { viewers, token, server }: Served,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { port } = server.address() as AddressInfo;
  // not by `new URL`, which throws of some, and takes the host from others
  const [path = '', query] = (request.url ?? '/').split('?', 2);
  const route = ROUTES[`${request.method} ${path}`];
  // another name in `Host` is a page of somebody else's whose name leads here (DNS rebinding)
  if (request.headers.host !== `127.0.0.1:${port}`) refuse(response, 403, 'wrong host');
  else if (!isToken(new URLSearchParams(query).get('token'), token)) refuse(response, 403, 'wrong token');
  else if (route === undefined) refuse(response, 404, 'there is no such page');
  else await route({ lab, viewers, request, response });
}

interface Exchange {
  lab: Lab;
  viewers: Viewers;
  request: IncomingMessage;
  response: ServerResponse;
}

const ROUTES: Readonly<Partial<Record<string, (exchange: Exchange) => unknown>>> = {
  'GET /': ({ lab, response }) => {
    const nonce = randomBytes(16).toString('base64');
    const policy = `default-src 'none'; connect-src 'self'; img-src data:; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; frame-ancestors 'none'`;
    response.writeHead(200, {
      ...HEADERS,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
    });
    response.end(page({ title: lab.name ?? 'lab', nonce }));
  },
  'GET /events': ({ viewers, response }) => {
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' });
    viewers.add(response);
  },
  'POST /act': async ({ lab, request, response }) => {
    try {
      await act(lab, JSON.parse(await bodyOf(request)));
      response.writeHead(204, HEADERS).end();
    } catch (error) {
      refuse(response, 400, error instanceof Error ? error.message : String(error));
    }
  },
};

const HEADERS = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

function refuse(response: ServerResponse, status: number, reason: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' }).end(`${reason}\n`);
}

function isToken(given: string | null, token: string): boolean {
  const [one, other] = [given ?? '', token].map((text) => Buffer.from(text));
  return one?.length === other?.length && timingSafeEqual(one as Buffer, other as Buffer);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > LONGEST_BODY) throw new RangeError(`request: more than ${LONGEST_BODY} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

/** Those who look at the page. Nobody follows the lab while there is none. */
class Viewers {
  readonly #open = new Set<ServerResponse>();
  readonly #following: EventIterator<LabRecordEntry>;
  #live: LiveLab | undefined;

  constructor(private readonly lab: Lab) {
    this.#following = lab.record[Symbol.asyncIterator]();
    void this.#relay();
  }

  add(response: ServerResponse): void {
    this.#open.add(response);
    response.once('close', () => {
      this.#open.delete(response);
      if (this.#open.size === 0) this.#stop();
    });
    this.#live ??= new LiveLab(this.lab, {
      sight: (sight) => this.#send('sight', JSON.stringify(sight)),
      rates: (rates) => this.#send('rates', JSON.stringify(rates)),
      failed: () => {
        this.#send('gone', '{}');
        this.close();
      },
    });
    for (const entry of this.lab.record.entries) send(response, 'entry', entryJson(entry));
    if (this.#live.sight !== undefined) send(response, 'sight', JSON.stringify(this.#live.sight));
  }

  close(): void {
    void this.#following[Symbol.asyncDispose]();
    this.#stop();
    for (const response of this.#open) response.end();
  }

  /** An iterator of entries ends, and does not fail. */
  async #relay(): Promise<void> {
    for await (const entry of this.#following) {
      this.#send('entry', entryJson(entry));
      // of a rule of a packet filter the events of devices say nothing
      this.#live?.lookAgain();
    }
  }

  #stop(): void {
    this.#live?.close();
    this.#live = undefined;
  }

  #send(event: string, json: string): void {
    for (const response of this.#open) send(response, event, json);
  }
}

/** The details may be anything. */
function entryJson({ time, kind, title, ...details }: LabRecordEntry): string {
  return anyJson({ time, kind, title, ...details }, { time, kind, title });
}

function send(response: ServerResponse, event: string, json: string): void {
  response.write(`event: ${event}\ndata: ${json}\n\n`);
}
