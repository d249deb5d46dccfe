import { type Netns, watch, type WatchEvent, type WatchOptions, type WatchSelection } from '../../lib';
import { inspect } from 'node:util';
import { ip, type Json } from './ip';

type Kind = Exclude<WatchEvent['kind'], 'ready'>;

/**
 * Follows a watch in the background, and keeps what its events add up to. An event that does not fit what was told
 * before it fails the test: something new that is there already, a change of what is not there.
 */
export class Follower {
  readonly events: WatchEvent[] = [];
  readonly #selection: WatchSelection | undefined;
  readonly #state = new Map<Kind, Set<unknown>>();
  /** The same as text. No two objects are told in the same words: an address and a route are not alike. */
  readonly #texts = new Set<string>();
  readonly #loop: Promise<void>;
  readonly #end = new AbortController();
  #check: () => void = () => undefined;
  #failure: Error | undefined;

  constructor(netns: Netns, selection?: WatchSelection, options: WatchOptions = {}) {
    this.#selection = selection;
    this.#loop = this.#follow(watch(netns, selection, { ...options, signal: this.#end.signal }));
  }

  /** Waits until the events are as they should be. */
  async until(condition: () => boolean): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`not told of; the last were ${inspect(this.events.slice(-5))}`));
      }, 8000);
      this.#check = () => {
        if (this.#failure === undefined && !condition()) return;
        clearTimeout(timer);
        this.#check = () => undefined;
        if (this.#failure === undefined) resolve();
        else reject(this.#failure);
      };
      this.#check();
    });
  }

  /** Whether it was asked to tell of them. */
  tells(name: keyof WatchSelection): boolean {
    return this.#selection === undefined || this.#selection[name] === true;
  }

  async ready(): Promise<this> {
    await this.until(() => this.events.some(({ kind }) => kind === 'ready'));
    return this;
  }

  /** What there is, as far as has been told. */
  state<K extends Kind>(
    kind: K,
  ): Extract<WatchEvent, { kind: K }>[K & keyof Extract<WatchEvent, { kind: K }>][] {
    return [...(this.#state.get(kind) ?? [])] as never;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#loop;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #follow(events: AsyncIterable<WatchEvent>): Promise<void> {
    try {
      for await (const event of events) {
        this.events.push(event);
        if (event.kind !== 'ready') this.#apply(event);
        this.#check();
      }
    } catch (error) {
      if (!this.#end.signal.aborted) this.#failure = error as Error;
      this.#check();
    }
  }

  #apply(event: Exclude<WatchEvent, { kind: 'ready' }>): void {
    let all = this.#state.get(event.kind);
    if (all === undefined) this.#state.set(event.kind, (all = new Set()));
    const value = (event as unknown as Json)[event.kind];
    // `before`, and what is gone, are the very objects that were told
    const old = event.change === 'changed' ? event.before : event.change === 'gone' ? value : undefined;
    if (old !== undefined) {
      if (!all.delete(old)) throw new Error(`not told before: ${inspect(event)}`);
      this.#texts.delete(text(old));
    }
    if (event.change === 'gone') return;
    if (this.#texts.has(text(value))) throw new Error(`told twice: ${inspect(event)}`);
    all.add(value);
    this.#texts.add(text(value));
  }
}

function text(value: unknown): string {
  return JSON.stringify(value);
}

const byText = (values: unknown[]) => values.map((value) => JSON.stringify(value)).sort();

/** What a watch says there is, and what `ip -j` says, each in the same words. */
export async function asIp(netns: Netns, follower: Follower) {
  const links = await ip(netns, 'link');
  const nameOf = new Map(links.map(({ ifindex, ifname }) => [ifindex, ifname]));
  const indexOf = new Map(links.map(({ ifindex, ifname }) => [ifname, ifindex]));
  const flags = (list: unknown) => (list as string[]).map((flag) => flag.toLowerCase()).sort();
  const port = (info: unknown) =>
    (info as { info_slave_data?: { state?: string } } | undefined)?.info_slave_data?.state;
  const routes = (
    await Promise.all(['-4', '-6'].map((family) => ip(netns, family, 'route', 'show', 'table', 'all')))
  ).flatMap((list, i) => list.map((route) => ({ ...route, family: i === 0 ? 4 : 6 }))) as Json[];
  const hops = (list: Json[]) =>
    list
      .map(({ gateway, via, dev, flags }) => [
        gateway ?? (via as { host?: unknown } | undefined)?.host ?? null,
        indexOf.get(dev),
        flags ?? [],
      ])
      .sort();
  const ipSays = {
    links: links.map(({ ifindex, ifname, mtu, address, operstate, flags: list, master, linkinfo }) => [
      ifindex,
      ifname,
      mtu,
      address,
      operstate,
      flags(list).filter((flag) => !['no-carrier', 'm-down'].includes(flag)),
      indexOf.get(master) ?? null,
      port(linkinfo) ?? null,
    ]),
    addrs: (await ip(netns, 'addr')).flatMap(({ ifindex, addr_info: list }) =>
      (list as Json[]).map(({ family, local, prefixlen, address, scope, tentative, dadfailed }) => [
        ifindex,
        family === 'inet' ? 4 : 6,
        `${local as string}/${prefixlen as number}`,
        address ?? null,
        scope,
        tentative ?? false,
        dadfailed ?? false,
      ]),
    ),
    routes: routes.map(
      ({
        family,
        type = 'unicast',
        dst,
        table = 'main',
        gateway,
        via,
        dev,
        metric,
        prefsrc,
        protocol,
        nexthops,
        flags,
      }) => [
        family,
        type,
        dst,
        String(table),
        gateway ?? (via as { host?: unknown } | undefined)?.host ?? null,
        indexOf.get(dev) ?? null,
        metric ?? null,
        prefsrc ?? null,
        protocol,
        nexthops === undefined ? (flags ?? []) : [],
        hops((nexthops as Json[] | undefined) ?? []),
      ],
    ),
    neighbors: (await ip(netns, 'neigh')).map(({ dst, dev, lladdr, state }) => [
      dst,
      indexOf.get(dev),
      lladdr ?? null,
      (state as string[])[0],
    ]),
    rules: (await Promise.all(['-4', '-6'].map((family) => ip(netns, family, 'rule')))).flatMap((list, i) =>
      list.map(({ priority, src, srclen, table }) => [
        i === 0 ? 4 : 6,
        priority,
        src === 'all' ? null : srclen === undefined ? src : `${src as string}/${srclen as number}`,
        String(table),
      ]),
    ),
    nsids: (await ip(netns, 'netns', 'list-id')).map(({ nsid }) => nsid),
  };
  const watchSays = {
    links: follower
      .state('link')
      .map(({ index, name, mtu, mac, operState, flags: list, master, port }) => [
        index,
        name,
        mtu,
        mac,
        String(operState).toUpperCase(),
        flags(list).filter((flag) => flag !== 'running'),
        master ?? null,
        port?.state ?? null,
      ]),
    addrs: follower
      .state('addr')
      .map(({ index, family, addr, peer, scope, flags }) => [
        index,
        family,
        peer === undefined ? addr : addr,
        peer ?? null,
        scope,
        flags.includes('tentative'),
        flags.includes('dadfailed'),
      ]),
    routes: follower
      .state('route')
      .map(({ family, type, to, table, via, index, metric, src, protocol, nexthops = [], flags }) => [
        family,
        type,
        to,
        String(table),
        via ?? null,
        index ?? null,
        metric ?? null,
        src ?? null,
        protocol,
        nexthops.length > 0 ? [] : flags,
        hops(nexthops.map(({ via, index, flags }) => ({ gateway: via, dev: nameOf.get(index), flags }))),
      ]),
    neighbors: follower
      .state('neighbor')
      .map(({ address, index, mac, state }) => [address, index, mac ?? null, String(state).toUpperCase()]),
    rules: follower
      .state('rule')
      .map(({ family, priority, from, table }) => [family, priority, from ?? null, String(table)]),
    nsids: follower.state('nsid'),
  };
  return { ipSays: texts(ipSays, follower), watchSays: texts(watchSays, follower) };
}

type Texts = Record<'links' | 'addrs' | 'routes' | 'neighbors' | 'rules' | 'nsids', string[]>;

function texts(said: Record<keyof Texts, unknown[]>, follower: Follower): Partial<Texts> {
  const told = (Object.entries(said) as [keyof Texts, unknown[]][]).filter(([name]) => follower.tells(name));
  return Object.fromEntries(told.map(([name, values]) => [name, byText(values)]));
}

/** Waits until a watch has told all that `ip -j` says. */
export async function caughtUp(netns: Netns, follower: Follower): Promise<void> {
  let { ipSays, watchSays } = await asIp(netns, follower);
  for (let tries = 0; tries < 40 && JSON.stringify(ipSays) !== JSON.stringify(watchSays); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    ({ ipSays, watchSays } = await asIp(netns, follower));
  }
  expect(watchSays).toEqual(ipSays);
}
