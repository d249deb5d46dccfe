import { checkOptions } from '../../common/options';
import { checkImpairment, type ImpairmentOptions } from '../../traffic/impairment';
import { checkFlap, cutOf, type FlapOptions, flapOf } from './cut';
import type { LabFault } from './fault';
import type { Faults } from './faults';
import { IMPAIR_OPTIONS, impairmentOf, type ImpairOptions } from './impair/impair';
import type { LabImpairment } from './impair/read-impairments';
import { isolationOf } from './isolate';
import { partitionOf } from './partition';
import { isSignalName, pauseOf } from './pause';
import { runScenario } from './scenario/run-scenario';
import { SCENARIO_OPTIONS, type ScenarioOptions, type ScenarioStep } from './scenario/scenario-step';
import { areNodes, checkTarget, type LabTarget } from './targets';

/** What a lab has to be broken by, and mended. */
export abstract class BreakableLab {
  readonly #faults: Faults;

  /** @internal */
  constructor(faults: Faults) {
    this.#faults = faults;
  }

  /** The faults that are there, in the order in which they were made, of those that were made by this handle. */
  get faults(): LabFault[] {
    return this.#faults.list;
  }

  /**
   * Divides a lab: nothing passes from the addresses of one group to those of the other, in either direction, of IPv4 and IPv6, connections
   * that are there included. Programs see silence, as when a cable is cut far away. Nodes in neither group reach both, and routers pass on what
   * others send. Partitions may overlap: where one ends, the others stay. Addresses that `apply` adds later are included.
   *
   * Behind a NAT, a node is in a partition by its own addresses: nothing that it sends to the other group passes its router. Between two nodes
   * that are each behind another NAT, and know each other's ports outside (UDP hole punching), packets pass: separate the routers, too.
   *
   * @throws LabError ERR_LAB_NODE where the lab has no such node; RangeError for a node in both groups; LabError, whose cause is the kernel's
   * refusal: by then nothing is left.
   * @see nft(8)
   * @example
   * ```ts
   * const lan = { subnet: '10.0.0.0/24' };
   * await using lab = await createLab({ switches: { lan }, nodes: { 'n{1..3}': { ports: 'lan' } } });
   * const partition = await lab.partition('n1', ['n2', 'n3']);
   * console.log((await ping(lab.node('n1'), lab.addr('n2'), { timeout: 100 })).received); // 0
   * await partition.undo();
   * ```
   */
  async partition(groupA: string | readonly string[], groupB: string | readonly string[]): Promise<LabFault> {
    areNodes(groupA, 'groupA');
    areNodes(groupB, 'groupB');
    return this.#faults.begin('partition', (core) => partitionOf(groupA, groupB, core));
  }

  /**
   * Isolates nodes: nothing comes in, leaves or is forwarded, but by `lo`. Other than with a cable that is cut, devices keep their carriers.
   *
   * @throws LabError ERR_LAB_NODE where the lab has no such node; LabError, whose cause is the kernel's refusal.
   * @see nft(8)
   * @example
   * ```ts
   * const lan = { subnet: '10.0.0.0/24' };
   * await using lab = await createLab({ switches: { lan }, nodes: { 'n{1..3}': { ports: 'lan' } } });
   * await using isolation = await lab.isolate('n1');
   * console.log(isolation.title); // isolation of n1
   * ```
   */
  async isolate(nodes: string | readonly string[]): Promise<LabFault> {
    areNodes(nodes, 'nodes');
    return this.#faults.begin('isolate', (core) => isolationOf(nodes, core));
  }

  /**
   * Pulls out wires: the other end of each is set down, so that the device has no carrier, and the node keeps its addresses and routes. Of a
   * link between two nodes, the other node's device is down meanwhile; its addresses and routes are put back.
   *
   * @param target a node, of which all wires are pulled out; a device, `{ node: 'a', device: 'eth1' }`; or two nodes with links between them.
   * @throws LabError ERR_LAB_NODE or ERR_LAB_DEVICE where the lab has no such node or wire; LabError, whose cause is the kernel's refusal.
   * @see ip-link(8)
   * @example
   * ```ts
   * const lan = { subnet: '10.0.0.0/24' };
   * await using lab = await createLab({ switches: { lan }, nodes: { 'n{1..3}': { ports: 'lan' } } });
   * const cut = await lab.cut('n1');
   * console.log((await getLink(lab.node('n1'), 'eth0')).carrier); // false
   * await cut.undo();
   * ```
   */
  async cut(target: LabTarget): Promise<LabFault> {
    checkTarget(target);
    return this.#faults.begin('cut', async (core) => cutOf(target, core));
  }

  /**
   * Pulls out wires and plugs them in again, from now on and until it is undone: a wire that flaps. What `cut` says holds for each time.
   *
   * @throws RangeError where `down` is not less than `every`; LabError ERR_LAB_NODE or ERR_LAB_DEVICE where the lab has no such node or wire.
   * @example
   * ```ts
   * const lan = { subnet: '10.0.0.0/24' };
   * await using lab = await createLab({ switches: { lan }, nodes: { 'n{1..3}': { ports: 'lan' } } });
   * await using flapping = await lab.flap('n1', { every: 1000, down: 200 });
   * console.log(flapping.title); // flapping of n1
   * ```
   */
  async flap(target: LabTarget, options: FlapOptions): Promise<LabFault> {
    checkTarget(target);
    checkFlap(options);
    return this.#faults.begin('flap', async (core) => flapOf(target, options, core));
  }

  /**
   * Stops the processes that are in nodes now (SIGSTOP), until it is undone (SIGCONT). Never this process, nor what it does in the nodes itself
   * (`listen`, `ping`). Processes that somebody else has stopped stay so.
   *
   * @throws LabError ERR_LAB_NODE where the lab has no such node.
   * @see signal(7)
   * @example
   * ```ts
   * const lan = { subnet: '10.0.0.0/24' };
   * await using lab = await createLab({ switches: { lan }, nodes: { 'n{1..3}': { ports: 'lan' } } });
   * await using pause = await lab.pause('n1');
   * console.log(pause.active); // true
   * ```
   */
  async pause(nodes: string | readonly string[]): Promise<LabFault> {
    areNodes(nodes, 'nodes');
    return this.#faults.begin('pause', (core) => pauseOf(nodes, core));
  }

  /**
   * Sends a signal to the processes that are in nodes now, but never to this one.
   *
   * @param signal 'SIGKILL' by default.
   * @returns the numbers of the processes.
   * @throws LabError ERR_LAB_NODE where the lab has no such node; RangeError for a name that is no signal's.
   * @see signal(7)
   * @example
   * ```ts
   * const lan = { subnet: '10.0.0.0/24' };
   * await using lab = await createLab({ switches: { lan }, nodes: { 'n{1..3}': { ports: 'lan' } } });
   * console.log(await lab.kill('n1', 'SIGTERM')); // []
   * ```
   */
  async kill(nodes: string | readonly string[], signal: NodeJS.Signals = 'SIGKILL'): Promise<number[]> {
    areNodes(nodes, 'nodes');
    isSignalName(signal, 'signal');
    return this.#faults.kill(nodes, signal);
  }

  /**
   * Delays, loses, slows down or damages what nodes send and receive, until it is undone. Times are milliseconds, chances percent, the rate bits
   * a second. In both directions each packet is impaired once: what the node sends at its device, and what it receives at the other end of
   * the wire. Where several impairments are of one device, the last one holds; packets that wait there stay. After the last one is undone, it is
   * again what the definition says.
   *
   * With `to`, only packets to (and from) these nodes are impaired. What is said of single nodes counts more than what is said of all.
   *
   * A kernel without netem can lose packets (by rules), and slow them down where it has tbf, but not with `to`.
   *
   * @param target a node, of which all devices are meant; a device, `{ node: 'a', device: 'eth1' }`; or two nodes with links between them.
   * @throws RangeError or TypeError as `setImpairment`; LabError ERR_LAB_NODE or ERR_LAB_DEVICE where the lab has no such node or wire;
   * ERR_LAB_NETEM for what takes netem, on a kernel without it; EEXIST where somebody has added a queueing discipline of another kind.
   * @see tc-netem(8), tc-htb(8), tc-flower(8)
   * @example
   * ```ts
   * const lan = { subnet: '10.0.0.0/24' };
   * await using lab = await createLab({ switches: { lan }, nodes: { 'n{1..3}': { ports: 'lan' } } });
   * await using impairment = await lab.impair('n1', { loss: 100 }, { to: 'n2' });
   * console.log((await ping(lab.node('n1'), lab.addr('n2'), { timeout: 100 })).received); // 0
   * console.log((await ping(lab.node('n1'), lab.addr('n3'))).received); // 1
   * ```
   */
  async impair(
    target: LabTarget,
    impairment: ImpairmentOptions,
    options: ImpairOptions = {},
  ): Promise<LabFault> {
    checkTarget(target);
    checkImpairment(impairment, undefined, 'impairment');
    checkOptions(options, IMPAIR_OPTIONS);
    return this.#faults.begin('impair', async (core) => impairmentOf(target, impairment, options, core));
  }

  /**
   * What impairs the packets of the lab, as the kernel has it: also what the definition says.
   *
   * @example
   * ```ts
   * const lan = { subnet: '10.0.0.0/24' };
   * await using lab = await createLab({ switches: { lan }, nodes: { 'n{1..3}': { ports: 'lan' } } });
   * await using impairment = await lab.impair('n1', { loss: 5 }, { direction: 'out' });
   * const found = await lab.impairments();
   * console.log(found.map(({ node, device, direction }) => `${node} ${device} ${direction}`)); // [ 'n1 eth0 out' ]
   * ```
   */
  async impairments(): Promise<LabImpairment[]> {
    return this.#faults.impairments();
  }

  /**
   * Breaks and mends by a schedule. All of it is checked before it begins. The times of the steps are milliseconds from the beginning; a step
   * begins when the one before is done. At the end, and after a step that failed, the faults that the scenario has made are undone.
   *
   * @throws LabDefinitionError with all that is wrong with the steps, before anything is done; what the step has thrown that failed; the signal's
   * reason; LabError ERR_LAB_CLOSED where the lab is closed or destroyed meanwhile.
   * @example
   * ```ts
   * const lan = { subnet: '10.0.0.0/24' };
   * await using lab = await createLab({ switches: { lan }, nodes: { 'n{1..3}': { ports: 'lan' } } });
   * await lab.scenario([{ at: 0, partition: ['n1', ['n2', 'n3']] }, { at: 50, heal: true }, { at: 60, cut: 'n2' }]);
   * console.log(lab.record.entries.filter(({ kind }) => kind === 'step').length); // 3
   * ```
   */
  async scenario(steps: readonly ScenarioStep<this>[], options: ScenarioOptions = {}): Promise<void> {
    checkOptions(options, SCENARIO_OPTIONS);
    await runScenario(this, steps, options, this.#faults);
  }

  /**
   * Ends all faults: also those that another process has made in a lab with a name, and may have left there when it was killed.
   *
   * @throws LabError, whose cause is the kernel's refusal, when all the others have been ended.
   * @example
   * ```ts
   * const lan = { subnet: '10.0.0.0/24' };
   * await using lab = await createLab({ switches: { lan }, nodes: { 'n{1..3}': { ports: 'lan' } } });
   * await lab.partition('n1', ['n2', 'n3']);
   * await lab.heal();
   * console.log(lab.faults.length); // 0
   * ```
   */
  async heal(): Promise<void> {
    await this.#faults.heal();
  }
}
