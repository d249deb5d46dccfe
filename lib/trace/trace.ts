import type { EventQueue } from '../common/event-queue';
import { listLinks } from '../links/links';
import { errnoName } from '../addon/errno';
import type { Netns } from '../netns/netns';
import { getGeneration } from '../nft/generation';
import { listRuleset } from '../nft/list';
import { type GenerationEvent, type TraceEvent, watchTraceAndGenerations } from '../nft/trace';
import { type Devices, Follower } from './follow';
import { type Mark, matches, placeMark } from './mark';
import { checkOptions, type TraceOptions, type TracePlan } from './options';
import { conclude } from './outcome';
import { openProbe, type Probe } from './probe';
import type { PacketTrace } from './types';
import { isKnown, joined, ruleOf, viewSteps } from './view';

/**
 * The steps of a packet come one upon the other, in the time of the kernel alone. After this many milliseconds of silence
 * there will be no more.
 */
const SILENCE = 300;

/**
 * The way of one packet through the nf_tables rules of a namespace, rule by rule, up to where it is accepted or dropped:
 * what `nft monitor trace` prints, of a packet that is sent for it.
 *
 * What is sent, from the namespace `from` or this one, is the packet that opens a TCP connection (SYN), an empty UDP
 * datagram, or an echo request. No connection comes of it: the server's kernel answers, is reset, and the program that
 * listens is told of nothing. A UDP server gets the datagram. With an address in `from`, or with `send: false`, nothing is
 * sent, and the next such packet of anybody is shown. On its way to the namespace, the packet must not be translated by
 * others: it is known by its addresses and ports.
 *
 * For as long as it takes, a table of its own is in the ruleset: 'rtnetns-trace-…', which no other program can change, and
 * which goes with the process, whatever becomes of that. It lets one packet be traced, and never more. Chains of the
 * families inet, ip and ip6 are shown; those of bridge, arp and netdev, and iptables of the old kind, are not.
 *
 * @returns when the packet has come to its end, or `timeout` is over. That it did not come is a result, 'not seen'.
 * @throws {@link NetlinkError} EPERM, or what else the kernel refuses; {@link NetnsError} EPERM for an echo request
 * without CAP_NET_RAW, ERR_NETNS_CLOSED; EADDRINUSE for a `sourcePort` in use, as node has it; the signal's reason;
 * TypeError or RangeError for an option that cannot be.
 * @see nft(8), `nft monitor trace`, `meta nftrace`
 */
export async function trace(host: Netns, options: TraceOptions): Promise<PacketTrace> {
  const plan = checkOptions(host, options);
  plan.signal?.throwIfAborted();
  const probe = plan.sender === undefined ? undefined : await openProbe(plan.sender, plan);
  const events = watchTraceAndGenerations(host, plan.signal);
  let mark: Mark | undefined;
  try {
    await events.next(); // 'ready'
    mark = await placeMark(host, matches(plan, probe?.id ?? plan.sourcePort));
    return await follow(host, { plan, probe, events, mark });
  } finally {
    probe?.close();
    await events.return();
    if (host.open) await mark?.remove();
  }
}

const NO_ELEMENTS = { elements: false } as const;

interface Work {
  plan: TracePlan;
  probe: Probe | undefined;
  events: EventQueue<TraceEvent | GenerationEvent>;
  mark: Mark;
}

async function follow(host: Netns, { plan, probe, events, mark }: Work): Promise<PacketTrace> {
  const [ruleset, devices] = await Promise.all([listRuleset(host, NO_ELEMENTS), readDevices(host)]);
  const follower = new Follower(mark.table, devices);
  const { way } = follower;
  const limit = new Limit(host, mark, (error) => events.fail(error));
  let incomplete = false;
  const errno = probe?.send() ?? 0;
  probe?.close();
  limit.expireIn(errno === 0 ? plan.timeout : 0);
  try {
    for await (const event of events) {
      if (event.kind === 'lost') incomplete = true;
      if (event.kind === 'generation' && (await limit.isOver(event.generation))) break;
      if (event.kind !== 'step') continue;
      if (follower.take(event)) break;
      if (way.seenAt !== undefined) limit.expireIn(SILENCE);
    }
  } finally {
    limit.clear();
  }
  await mark.remove();
  const whole = isKnown(ruleset, way.steps) ? ruleset : joined(ruleset, await listRuleset(host, NO_ELEMENTS));
  const last = way.steps.at(-1);
  const rule = last === undefined ? undefined : ruleOf(whole, last);
  const rejects = rule?.expressions.some(({ name }) => name === 'reject') === true;
  const steps = await viewSteps(host, whole, way.steps, devices.names);
  return {
    ...conclude(way, { plan, host: host.toString(), errno, rejects, incomplete }),
    ...(way.packet !== undefined && { packet: way.packet }),
    steps,
    ...(way.end !== undefined && { end: way.end }),
    ...(errno !== 0 && { sendError: errnoName(errno) }),
  };
}

async function readDevices(host: Netns): Promise<Devices> {
  const links = await listLinks(host);
  return {
    names: new Map(links.map(({ index, name }) => [index, name])),
    loopback: links.find(({ flags }) => flags.includes('loopback'))?.index,
  };
}

/**
 * When the time is over, our table is taken away. That is a transaction, and what was traced before it has been told
 * before it: so nothing is missed that was only late in being read.
 */
class Limit {
  readonly #host: Netns;
  readonly #mark: Mark;
  readonly #fail: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #last: Promise<number> | undefined;

  constructor(host: Netns, mark: Mark, fail: (error: unknown) => void) {
    this.#host = host;
    this.#mark = mark;
    this.#fail = fail;
  }

  expireIn(milliseconds: number): void {
    clearTimeout(this.#timer);
    if (this.#last !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#last = this.#expire();
      this.#last.catch(this.#fail);
    }, milliseconds);
  }

  async isOver(generation: number): Promise<boolean> {
    if (this.#last === undefined) return false;
    return ((generation - (await this.#last)) | 0) >= 0;
  }

  clear(): void {
    clearTimeout(this.#timer);
  }

  async #expire(): Promise<number> {
    await this.#mark.remove();
    return getGeneration(this.#host);
  }
}
