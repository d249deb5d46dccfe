import { Turns } from '../common/turns';
import { Impairments } from './faults/impair/impairments';
import { Paused } from './faults/paused';
import { PulledWires } from './faults/pulled-wires';
import { LabError } from './lab-error';
import { checkThere, whileNobodyElse } from './ownership';
import type { LabRecord } from './record';
import type { Spaces } from './spaces';
import type { Things } from './things';

/** What the parts of a lab's handle have in common. */
export class LabCore {
  readonly turns = new Turns();
  /** What faults have in common. */
  readonly pulled = new PulledWires(() => this.things);
  readonly paused = new Paused();
  readonly impairments: Impairments;
  closed = false;

  /** `things` are what there is to be. */
  constructor(
    readonly spaces: Spaces,
    public things: Things,
  ) {
    this.impairments = new Impairments(spaces, () => this.things);
  }

  get record(): LabRecord {
    return this.spaces.record;
  }

  /** One change after another. */
  async inTurn<T>(operation: string, work: () => Promise<T>): Promise<T> {
    return this.turns.take('lab', async () => {
      if (this.closed) throw this.error('ERR_LAB_CLOSED', operation, 'it has been destroyed');
      return work();
    });
  }

  /** The same, while no other process changes the lab. */
  async changing<T>(operation: string, work: () => Promise<T>): Promise<T> {
    return this.inTurn(operation, async () =>
      this.alone(operation, async () => {
        await checkThere(this.spaces, operation);
        return work();
      }),
    );
  }

  /** While no other process changes the lab. */
  async alone<T>(operation: string, work: () => Promise<T>): Promise<T> {
    return whileNobodyElse(this.spaces, operation, work);
  }

  error(code: string, operation: string, reason: string, options?: ErrorOptions): LabError {
    return new LabError({ code, lab: this.spaces.name, operation, reason }, options);
  }
}
