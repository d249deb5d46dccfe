import type { Socket } from 'node:dgram';
import { on, once } from 'node:events';
import { createSocket, type NatDependence, type Netns } from '../../lib';

// What RFC 5780 finds out of a NAT, by a server with two addresses and two ports, in messages of JSON.

export interface Endpoint {
  address: string;
  port: number;
}

interface Request {
  id: number;
  /** By which of its addresses and ports the server is to answer as well: the others, instead of those that were asked. */
  change?: { address: boolean; port: boolean };
}

interface Answer {
  id: number;
  /** Whether it comes from where it was asked of, which is the last one to a request. */
  last: boolean;
  /** As whom the server sees the client. */
  mapped: Endpoint;
}

/** How long a test waits for what has to come. */
const PATIENCE = 10_000;

export class StunServer implements AsyncDisposable {
  /** How many requests have come. */
  requests = 0;

  private constructor(
    readonly addresses: readonly string[],
    readonly ports: readonly number[],
    private readonly sockets: readonly (readonly Socket[])[],
  ) {}

  /** Opens its four sockets: one for each of the two addresses and ports. */
  static async open(netns: Netns, addresses: readonly string[], ports = [3478, 3479]): Promise<StunServer> {
    const sockets = await Promise.all(
      addresses.map(async (address) =>
        Promise.all(ports.map(async (port) => createSocket(netns, 'udp4', { address, port }))),
      ),
    );
    const server = new StunServer(addresses, ports, sockets);
    sockets.forEach((row, i) => {
      row.forEach((socket, j) =>
        socket.on('message', (message, client) =>
          server.answer(i, j, JSON.parse(String(message)) as Request, client),
        ),
      );
    });
    return server;
  }

  /** One of the four, by the indexes of its address and its port. */
  endpoint(address: 0 | 1, port: 0 | 1): Endpoint {
    return { address: this.addresses[address]!, port: this.ports[port]! };
  }

  private answer(i: number, j: number, { id, change }: Request, client: Endpoint): void {
    this.requests++;
    const mapped = { address: client.address, port: client.port };
    const say = (from: Socket, last: boolean, then?: () => void): void => {
      from.send(JSON.stringify({ id, last, mapped } satisfies Answer), client.port, client.address, then);
    };
    const finish = (): void => say(this.sockets[i]![j]!, true);
    if (change === undefined) finish();
    else say(this.sockets[change.address ? 1 - i : i]![change.port ? 1 - j : j]!, false, finish);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.sockets.flat().map(close));
  }
}

async function close(socket: Socket): Promise<void> {
  const closed = once(socket, 'close');
  socket.close();
  await closed;
}

/** A client that has one port. */
export class StunClient implements AsyncDisposable {
  static #ids = 0;

  /** From where somebody other than the server has sent. */
  readonly heard: Endpoint[] = [];

  private constructor(readonly socket: Socket) {
    socket.on('message', (message, { address, port }) => {
      const text = String(message);
      if (text.startsWith('{')) return;
      this.heard.push({ address, port });
      if (text === 'hello') socket.send('hello yourself', port, address);
    });
  }

  static async open(netns: Netns, port = 0): Promise<StunClient> {
    return new StunClient(await createSocket(netns, 'udp4', { port }));
  }

  get port(): number {
    return this.socket.address().port;
  }

  /** What the server answers. @returns whether also by the other address or port that was asked for. */
  async ask(server: Endpoint, change?: Request['change']): Promise<{ mapped: Endpoint; changed: boolean }> {
    const id = ++StunClient.#ids;
    const answers = on(this.socket, 'message', { signal: AbortSignal.timeout(PATIENCE) });
    this.socket.send(JSON.stringify({ id, ...(change && { change }) }), server.port, server.address);
    let changed = false;
    for await (const [message] of answers as AsyncIterable<[Buffer]>) {
      if (!String(message).startsWith('{')) continue;
      const answer = JSON.parse(String(message)) as Answer;
      if (answer.id !== id) continue;
      if (answer.last) return { mapped: answer.mapped, changed };
      changed = true;
    }
    throw new Error('the socket was closed');
  }

  hello({ address, port }: Endpoint): void {
    this.socket.send('hello', port, address);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await close(this.socket);
  }
}

/** RFC 5780, 4.3: which of three servers see the same port. */
export async function mappingOf(client: StunClient, server: StunServer): Promise<NatDependence> {
  const [first, second, third] = [
    (await client.ask(server.endpoint(0, 0))).mapped,
    (await client.ask(server.endpoint(1, 0))).mapped,
    (await client.ask(server.endpoint(1, 1))).mapped,
  ];
  if (second.port === first.port) return 'endpointIndependent';
  return third.port === second.port ? 'addressDependent' : 'addressAndPortDependent';
}

/** RFC 5780, 4.4: from which other address and port an answer comes in. The client must not have sent to them. */
export async function filteringOf(client: StunClient, server: StunServer): Promise<NatDependence> {
  const server0 = server.endpoint(0, 0);
  if ((await client.ask(server0, { address: true, port: true })).changed) return 'endpointIndependent';
  if ((await client.ask(server0, { address: false, port: true })).changed) return 'addressDependent';
  return 'addressAndPortDependent';
}

/** How often both say hello. */
const ROUNDS = 3;

/**
 * UDP hole punching: each of the two says hello to where the server sees the other one, and answers to where it hears somebody from.
 *
 * @returns whether both have heard the other.
 */
export async function punch(one: StunClient, other: StunClient, server: StunServer): Promise<boolean> {
  const at = server.endpoint(0, 0);
  const both = [one, other] as const;
  const [first, second] = [(await one.ask(at)).mapped, (await other.ask(at)).mapped];
  for (let round = 0; round < ROUNDS; round++) {
    one.hello(second);
    other.hello(first);
    // what they have said has come by now, or never will: answers of the server come behind it
    for (const client of [...both, ...both]) await client.ask(at);
    if (both.every(({ heard }) => heard.length > 0)) return true;
  }
  return false;
}
