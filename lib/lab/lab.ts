import { inspect } from 'node:util';
import {
  checkOptions,
  isFunction,
  isSignal,
  isText,
  oneOf,
  optionTable,
  trueOrFalse,
} from '../common/options';
import { inWords } from '../common/in-words';
import { shown } from '../common/shown';
import { didYouMean } from '../common/similar-name';
import { takingBack } from '../common/take-back';
import type { Netns } from '../netns/netns';
import { waitGone } from '../netns/wait-gone';
import { endKey, type Held } from './addresses';
import { carryOut } from './carry-out';
import type { LabDefinition } from './definition';
import { destroySpaces } from './destroy';
import { BreakableLab } from './faults/breakable-lab';
import { Faults } from './faults/faults';
import { LabDefinitionError } from './findings';
import { LabCore } from './lab-core';
import { difference, LabPlan, type Step } from './plan';
import { checkThere, whileNobodyElse } from './ownership';
import type { LabProcess } from './processes/lab-process';
import { readThings } from './read-things';
import type { LabRecord } from './record';
import { resolve } from './resolve';
import { withKnownRules } from './rules/known-rules';
import type { Spaces } from './spaces';
import { asThings, type Things, thingsOf } from './things';
import { until, UNTIL_OPTIONS, type UntilOptions } from './until';

/** How a lab is changed. */
export interface ApplyLabOptions {
  /** Aborts: nothing further is begun, and what was done is undone. */
  signal?: AbortSignal;
  /** Called when more steps are done: how many, and of how many. An error that it throws is a failure like any other. */
  onProgress?: (done: number, total: number) => void;
  /** 'undo' (default): after a failure the lab is as it was before, as far as that can be. 'keep': what was done stays, to be looked at. */
  onFailure?: 'undo' | 'keep';
}

/** @internal */
export const APPLY_OPTIONS = optionTable<ApplyLabOptions>({
  signal: isSignal,
  onProgress: isFunction,
  onFailure: oneOf(['undo', 'keep']),
});

/** How a lab is destroyed. */
export interface DestroyLabOptions {
  /** Resolve only when the kernel has freed the namespaces, and every device with them: see `waitGone`. */
  wait?: boolean;
  /** Ends the waiting. */
  signal?: AbortSignal;
}

/** @internal */
export const DESTROY_OPTIONS = optionTable<DestroyLabOptions>({ wait: trueOrFalse, signal: isSignal });

/** What a definition asks for, and what there is. */
interface Compared {
  wanted: Things;
  found: Things;
  steps: Step[];
}

/** A lab that is there. */
export class Lab extends BreakableLab implements AsyncDisposable {
  readonly #core: LabCore;
  readonly #faults: Faults;

  /** @internal `made` is how the handle came about, for the record. */
  constructor(spaces: Spaces, things: Things, made: 'create' | 'open' = 'open') {
    const core = new LabCore(spaces, things);
    const faults = new Faults(core);
    super(faults);
    this.#core = core;
    this.#faults = faults;
    this.record.happened(made, `${made} ${spaces.name === undefined ? 'the lab' : `lab ${spaces.name}`}`);
  }

  /** What happened to the lab since this handle was made: its changes, faults, and what programs add. */
  get record(): LabRecord {
    return this.#core.record;
  }

  /** Its name; undefined of a lab that ends with the process. */
  get name(): string | undefined {
    return this.#core.spaces.name;
  }

  /** The namespaces of its nodes and routers, by their names. */
  get nodes(): ReadonlyMap<string, Netns> {
    return this.#core.spaces.nodes;
  }

  /** The namespace of its switches, each of which is a bridge of its name. */
  get switches(): Netns {
    return this.#core.spaces.switches;
  }

  /**
   * The namespace of a node or a router.
   *
   * @throws LabError ERR_LAB_NODE where the lab has none of that name.
   *
   * @example
   * ```ts
   * const lan = { subnet: '10.0.0.0/24' };
   * await using lab = await createLab({ switches: { lan }, nodes: { 'web{1..2}': { ports: 'lan' } } });
   * console.log((await ping(lab.node('web1'), '10.0.0.2')).received); // 1
   * ```
   */
  node(name: string): Netns {
    return this.#core.spaces.node(name);
  }

  /** What runs in its nodes, by its names, in the order in which it was started; also what has ended since. Only what this object has started. */
  get processes(): ReadonlyMap<string, LabProcess> {
    return this.#core.spaces.processes.all;
  }

  /**
   * What runs in a node: 'web1', or 'web1.cache' of a process that has a name.
   *
   * @throws LabError ERR_LAB_PROCESS where this object has started none of that name.
   *
   * @example
   * ```ts
   * const code = "require('node:http').createServer().listen(80, () => console.log('up'))";
   * const run = { command: [process.execPath, '-e', code], ready: { log: 'up' } };
   * await using lab = await createLab({ nodes: { web: { run } } });
   * console.log(lab.process('web').end, lab.process('web').output.trim()); // undefined up
   * ```
   */
  process(name: string): LabProcess {
    isText(name, 'name');
    const found = this.processes.get(name);
    if (found !== undefined) return found;
    const names = [...this.processes.keys()];
    const ofNode = names.filter((one) => one.startsWith(`${name}.`));
    const hint =
      ofNode.length === 0 ? didYouMean(name, names) : `; of this node there are ${inWords(ofNode)}`;
    const reason = `there is none of the name '${name}'${hint}`;
    throw this.#core.error('ERR_LAB_PROCESS', 'look up a process', reason);
  }

  /**
   * The addresses of a node without their prefix lengths, in the order of its devices: ['10.0.0.2'].
   *
   * @throws LabError ERR_LAB_NODE where the lab has none of that name.
   *
   * @example
   * ```ts
   * const lan = { subnet: '10.0.0.0/24' };
   * await using lab = await createLab({ switches: { lan }, nodes: { 'web{1..2}': { ports: 'lan' } } });
   * console.log(lab.addrs('web2')); // [ '10.0.0.2' ]
   * ```
   */
  addrs(name: string): string[] {
    this.node(name);
    return [...this.#core.things.values()].flatMap((thing) =>
      thing.kind === 'addr' && thing.node === name ? [thing.addr.slice(0, thing.addr.indexOf('/'))] : [],
    );
  }

  /**
   * The first address of a node: '10.0.0.2'.
   *
   * @throws LabError ERR_LAB_NODE where the lab has none of that name, or the node has no address.
   *
   * @example
   * ```ts
   * const lan = { subnet: '10.0.0.0/24' };
   * await using lab = await createLab({ switches: { lan }, nodes: { 'web{1..2}': { ports: 'lan' } } });
   * console.log(lab.addr('web2')); // 10.0.0.2
   * ```
   */
  addr(name: string): string {
    const [first] = this.addrs(name);
    if (first === undefined)
      throw this.#core.error('ERR_LAB_NODE', 'look up an address', `'${name}' has no address`);
    return first;
  }

  /**
   * What `apply` of this definition would do now. Nothing is changed.
   *
   * @throws LabDefinitionError with all that is wrong with the definition, or where it has another lab's name; LabError ERR_LAB_MISSING where
   * another handle or process has destroyed the lab.
   *
   * @example
   * ```ts
   * const lan = { subnet: '10.0.0.0/24' };
   * await using lab = await createLab({ switches: { lan }, nodes: { 'web{1..2}': { ports: 'lan' } } });
   * const plan = await lab.plan({ switches: { lan }, nodes: { web1: { ports: 'lan' } } });
   * console.log(plan.steps.map(({ action, title }) => `${action} ${title}`)[0]); // delete node web2
   * ```
   */
  async plan(definition: LabDefinition): Promise<LabPlan> {
    this.#check(definition);
    return this.#core.inTurn('plan', async () => {
      await checkThere(this.#core.spaces, 'plan');
      return new LabPlan((await this.#compare(definition)).steps);
    });
  }

  /**
   * Makes the lab what a definition says, and changes nothing else: what stays keeps its counters, addresses and connections. All that is
   * in the lab's namespaces and is not the lab's, such as a device that somebody added, stays as well.
   *
   * @returns what was done.
   * @throws LabDefinitionError with all that is wrong with the definition, or where it has another lab's name, before anything is
   * changed; LabError, whose cause is the kernel's refusal, with what could not be undone in its `rollbackErrors`; LabError ERR_LAB_MISSING
   * where another handle or process has destroyed the lab.
   *
   * @example
   * ```ts
   * const lan = { subnet: '10.0.0.0/24' };
   * await using lab = await createLab({ switches: { lan }, nodes: { 'web{1..2}': { ports: 'lan' } } });
   * const done = await lab.apply({ switches: { lan }, nodes: { 'web{1..3}': { ports: 'lan' } } });
   * console.log(done.steps.length, lab.addr('web3')); // 3 10.0.0.3
   * ```
   */
  async apply(definition: LabDefinition, options: ApplyLabOptions = {}): Promise<LabPlan> {
    this.#check(definition);
    checkOptions(options, APPLY_OPTIONS);
    const { onFailure = 'undo', ...how } = options;
    how.signal?.throwIfAborted();
    return this.#core.changing('apply', async () => {
      const { wanted, found, steps } = await this.#compare(definition);
      const before = this.#core.things;
      const work = async (): Promise<void> => {
        await carryOut(this.#core.spaces, steps, how);
        this.#core.things = wanted;
        await this.#faults.follow(steps);
      };
      await work().catch(async (error: unknown) => {
        if (onFailure === 'keep') throw error;
        this.#core.things = before;
        await takingBack(error, async () => this.#restore(found));
      });
      const plan = new LabPlan(steps);
      this.record.happened('apply', 'apply a definition', { steps: plan.steps.map(({ title }) => title) });
      return plan;
    });
  }

  /**
   * Waits until a condition is met: until the function returns something that counts as true. The function is called at once, and again after
   * each change of a link, an address, a route or a neighbour in the lab, when a fault begins or ends, and when a process of the lab begins, is ready,
   * writes or ends; never by a clock. One that throws is asked again as well.
   *
   * @returns what the function returned.
   * @throws LabError ERR_LAB_TIMEOUT, whose message has what the function returned or threw last, and whose `cause` is what it threw;
   * ERR_LAB_CLOSED where the lab is closed or destroyed meanwhile; the signal's reason.
   * @see rtnetlink(7)
   *
   * @example
   * ```ts
   * const lan = { subnet: '10.0.0.0/24' };
   * await using lab = await createLab({ switches: { lan }, nodes: { 'web{1..2}': { ports: 'lan' } } });
   * void setLink(lab.switches, 'web2', { up: false }); // the cable is pulled
   * const isCut = async () => (await getLink(lab.node('web2'), 'eth0')).carrier === false;
   * console.log(await lab.until(isCut)); // true
   * ```
   */
  async until<T>(
    condition: () => T | Promise<T>,
    options: UntilOptions = {},
  ): Promise<Exclude<T, false | 0 | 0n | '' | null | undefined>> {
    if (typeof condition !== 'function')
      throw new TypeError(`condition: expected a function, got ${shown(condition)}`);
    checkOptions(options, UNTIL_OPTIONS);
    return until(this.#core.spaces, condition, options);
  }

  /**
   * Ends the processes that this object has started, by SIGTERM and after a while by SIGKILL, each before those that it has waited for, and
   * deletes all that is the lab's. Destroying it twice is fine.
   *
   * @throws LabError ERR_LAB_BUSY while another process changes it.
   *
   * @example
   * ```ts
   * const lan = { subnet: '10.0.0.0/24' };
   * await using lab = await createLab({ switches: { lan }, nodes: { 'web{1..2}': { ports: 'lan' } } });
   * await lab.destroy({ wait: true });
   * ```
   */
  async destroy(options: DestroyLabOptions = {}): Promise<void> {
    checkOptions(options, DESTROY_OPTIONS);
    const { wait = false, signal } = options;
    signal?.throwIfAborted();
    await this.#core.turns.take('lab', async () => {
      if (this.#core.closed) return;
      const failed = new AbortController();
      const ends = AbortSignal.any([failed.signal, ...(signal === undefined ? [] : [signal])]);
      const all = [...this.nodes.values(), this.switches];
      const gone = Promise.allSettled([wait ? waitGone(all, { signal: ends }) : undefined]);
      // the names that are held in the namespace of the switches keep that one alive, and so they are let go before the wait is over
      const destroying = whileNobodyElse(this.#core.spaces, 'destroy', async () => {
        await this.#faults.end();
        await destroySpaces(this.#core.spaces);
      });
      await destroying.catch((error: unknown) => {
        failed.abort(error);
        throw error;
      });
      this.#core.closed = true;
      this.record.happened('destroy', 'destroy the lab');
      this.record.end();
      for (const result of await gone) if (result.status === 'rejected') throw result.reason;
    });
  }

  /**
   * Closes the handles of all namespaces, and ends all processes that this object has started by SIGKILL. A lab with a name stays, and one
   * without is gone.
   *
   * @example
   * ```ts
   * const lan = { subnet: '10.0.0.0/24' };
   * await using lab = await createLab({ switches: { lan }, nodes: { 'web{1..2}': { ports: 'lan' } } });
   * lab.close();
   * console.log(lab.node('web1').open); // false
   * ```
   */
  close(): void {
    this.#core.closed = true;
    this.#faults.close();
    this.record.end();
    this.#core.spaces.close();
  }

  /** @internal What `console.log` shows: all fields are private. */
  [inspect.custom](): string {
    return `Lab ${inspect({ name: this.name, nodes: [...this.nodes.keys()] })}`;
  }

  /** Destroys it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.destroy();
  }

  /** Before anything is read or changed. The name may be left out. */
  #check(definition: LabDefinition): void {
    const { name } = resolve(definition);
    if (name === undefined || name === this.name) return;
    const own = this.name === undefined ? 'none' : shown(this.name);
    const message = `expected that of this lab, ${own}, got ${shown(name)}`;
    throw new LabDefinitionError([{ path: 'name', place: ['name'], message }]);
  }

  async #compare(definition: LabDefinition): Promise<Compared> {
    const wanted = asThings(thingsOf(resolve(definition, heldBy(this.#core.things))));
    const found = withKnownRules(await readThings(this.#core.spaces, wanted), this.#core.things);
    return { wanted, found, steps: difference(found, wanted) };
  }

  async #restore(before: Things): Promise<void> {
    const now = await readThings(this.#core.spaces, before);
    const steps = difference(now, before);
    await carryOut(this.#core.spaces, steps);
    await this.#faults.follow(steps);
  }
}

/** The addresses that devices have, which they keep. */
function heldBy(things: Things): Held {
  const held = new Map<string, string[]>();
  for (const thing of things.values()) {
    if (thing.kind !== 'addr') continue;
    const key = endKey(thing);
    held.set(key, [...(held.get(key) ?? []), thing.addr]);
  }
  return held;
}
