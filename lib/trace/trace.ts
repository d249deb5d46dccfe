import type { EventQueue } from '../common/event-queue';
import { takingBackIn } from '../netns/still-open';
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
 * Milliseconds without a step, after which the packet's path has ended: the kernel sends the steps of one packet without
 * pause, as it passes the chains.
 */
const SILENCE = 300;

/**
 * Sends a packet and returns its path through the nf_tables rules of a namespace, rule by rule, up to the rule that accepts
 * or drops the packet: what `nft monitor trace` prints.
 *
 * The packet is sent from the namespace `from`, or from this one. It is the packet that opens a TCP connection (SYN), an
 * empty UDP datagram, or an echo request. No TCP connection is established: the kernel of the server answers and gets a RST,
 * and the program that listens notices nothing. A UDP server receives the datagram. With an address in `from`, or with
 * `send: false`, nothing is sent, and the path of the next such packet of anybody is returned. The packet must not be
 * translated before it reaches the namespace, because it is recognized by its addresses and ports.
 *
 * During the trace, the ruleset has a table 'rtnetns-trace-…', which no other program can change, and which the kernel
 * deletes when the process ends. The table has one packet traced, and never more. Chains of the families inet, ip and ip6
 * are shown; chains of bridge, arp and netdev, and rules of iptables-legacy, are not.
 *
 * @returns when the path of the packet has ended, or `timeout` is over. A packet that did not come is a result: 'not seen'.
 * @throws {@link NetlinkError} EPERM, or what else the kernel refuses; {@link NetnsError} EPERM for an echo request
 * without CAP_NET_RAW, ERR_NETNS_CLOSED; EADDRINUSE for a `sourcePort` in use, as an error of node's; the signal's reason;
 * TypeError or RangeError for a wrong option.
 * @see nft(8), `nft monitor trace`, `meta nftrace`
 * @example
 * ```ts
 * const { outcome, steps } = await trace(red, { to: '10.0.0.1', port: 80, from: blue });
 * console.log(outcome, steps.map(({ text }) => text)); // accepted [ 'policy accept' ]
 * ```
 */
export async function trace(host: Netns, options: TraceOptions): Promise<PacketTrace> {
  const plan = checkOptions(host, options);
  plan.signal?.throwIfAborted();
  return host.lend('trace a packet in namespace', async ({ fd }) => traceIn(host, fd, plan));
}

async function traceIn(host: Netns, fd: number, plan: TracePlan): Promise<PacketTrace> {
  const probe = plan.sender === undefined ? undefined : await openProbe(plan.sender, plan);
  const events = watchTraceAndGenerations(host, plan.signal);
  let mark: Mark | undefined;
  try {
    await events.next(); // 'ready'
    mark = await placeMark(host, matches(plan, probe?.id ?? plan.sourcePort));
    return await follow(host, { plan, probe, events, mark });
  } catch (error) {
    // with a handle that was closed, its socket is closed, too
    const isGone = mark === undefined || (mark.owned && !host.open);
    return await takingBackIn(host, fd, error, async (handle) => (isGone ? undefined : mark?.remove(handle)));
  } finally {
    probe?.close();
    await events.return();
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
  const { path } = follower;
  const deadline = new Deadline(host, mark, (error) => events.fail(error));
  let incomplete = false;
  const errno = probe?.send() ?? 0;
  probe?.close();
  deadline.expireIn(errno === 0 ? plan.timeout : 0);
  try {
    for await (const event of events) {
      if (event.kind === 'lost') incomplete = true;
      if (event.kind === 'generation' && (await deadline.isOver(event.generation))) break;
      if (event.kind !== 'step') continue;
      if (follower.take(event)) break;
      if (path.seenAt !== undefined) deadline.expireIn(SILENCE);
    }
  } finally {
    deadline.clear();
  }
  await mark.remove(host);
  const whole = isKnown(ruleset, path.steps)
    ? ruleset
    : joined(ruleset, await listRuleset(host, NO_ELEMENTS));
  const last = path.steps.at(-1);
  const rule = last === undefined ? undefined : ruleOf(whole, last);
  const rejects = rule?.expressions.some(({ name }) => name === 'reject') === true;
  const steps = await viewSteps(host, whole, path.steps, devices.names);
  return {
    ...conclude(path, { plan, host: host.toString(), errno, rejects, incomplete }),
    ...(path.packet !== undefined && { packet: path.packet }),
    steps,
    ...(path.end !== undefined && { end: path.end }),
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
 * Ends the trace. When the time is over, the trace's table is deleted. The event of that transaction comes after all steps
 * that were traced before, so a step that is only read late is not missed.
 */
class Deadline {
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
    await this.#mark.remove(this.#host);
    return getGeneration(this.#host);
  }
}
