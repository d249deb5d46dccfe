import { oneByOne } from '../../common/one-by-one';
import { inWords } from '../../common/in-words';
import { labError } from '../lab-error';
import type { LabCore } from '../lab-core';
import type { Step } from '../plan';
import { ActiveFault, type FaultWork, type LabFault } from './fault';
import { goOnLeft, healLeft } from './heal-left';
import { type LabImpairment, readImpairments } from './impair/read-impairments';
import { killProcesses } from './pause';
import { nodesOf } from './targets';

/** The faults of a lab that this handle knows of. */
export class Faults {
  readonly #active = new Set<ActiveFault>();

  constructor(readonly core: LabCore) {}

  get list(): LabFault[] {
    return [...this.#active];
  }

  /** Breaks something. `work` is made in the lab's turn, and throws what is wrong with what was asked for. */
  async begin(
    operation: string,
    work: (core: LabCore) => FaultWork | Promise<FaultWork>,
  ): Promise<ActiveFault> {
    const { core } = this;
    return core.changing(operation, async () => {
      const made = await this.#attempt(operation, async () => work(core));
      await this.#attempt(made.title, async () => made.begin());
      const fault = new ActiveFault(made, core, (ended) => this.#active.delete(ended));
      this.#active.add(fault);
      core.record.happened(made.kind, made.title, made.details);
      return fault;
    });
  }

  /** @returns the numbers of the processes. */
  async kill(nodes: string | readonly string[], signal: NodeJS.Signals): Promise<number[]> {
    const { core } = this;
    return core.inTurn('kill', async () => {
      const names = nodesOf(nodes, core.spaces);
      const pids = await killProcesses(names, signal, core);
      core.record.happened('kill', `${signal} to ${inWords(names)}`, { nodes: names, signal, pids });
      return pids;
    });
  }

  async impairments(): Promise<LabImpairment[]> {
    const operation = 'list impairments';
    return this.core.inTurn(operation, async () =>
      this.#attempt(operation, async () => readImpairments(this.core)),
    );
  }

  /** Ends all faults, those that another process has left in the kernel as well. One that cannot be ended does not keep the others. */
  async heal(): Promise<void> {
    const { core } = this;
    await core.changing('heal', async () => {
      const steps = [
        ...[...this.#active].reverse().map((fault) => async () => fault.end()),
        async () => healLeft(core.spaces),
      ];
      await oneByOne(steps.map((step) => async () => this.#attempt('heal', step)));
      core.record.happened('heal', 'heal the lab');
    });
  }

  /** After the lab was changed by these steps, in its turn. */
  async follow(steps: readonly Step[]): Promise<void> {
    for (const fault of [...this.#active]) {
      const answer = await this.#attempt(fault.title, async () => fault.work.follow(steps));
      if (answer === 'over') await this.#attempt(`end ${fault.title}`, async () => fault.end());
    }
  }

  /** Before the lab is destroyed, in its turn: what is in the kernel goes with the lab, and what is not would stay. */
  async end(): Promise<void> {
    for (const fault of [...this.#active]) {
      await fault.work.release?.();
      fault.forget();
    }
    // of a lab that this process has made to end with it, there are no others
    if (this.core.spaces.owner === undefined) await goOnLeft(this.core.spaces);
  }

  /** The handle is closed. What is in the kernel stays. */
  close(): void {
    for (const fault of [...this.#active]) fault.forget();
  }

  async #attempt<T>(operation: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw labError(error, { operation, lab: this.core.spaces.name });
    }
  }
}
