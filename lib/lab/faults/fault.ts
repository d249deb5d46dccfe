import type { LabCore } from '../lab-core';
import type { Step } from '../plan';

/** What kinds of faults there are. */
export type LabFaultKind = 'partition' | 'isolate' | 'cut' | 'flap' | 'pause' | 'impair';

/** A part of a lab that is broken, until it is mended: by `undo`, by the end of its `await using`, or by `heal` of the lab. */
export interface LabFault extends AsyncDisposable {
  readonly kind: LabFaultKind;
  /** 'partition of a from b and c' */
  readonly title: string;
  /** Whether it is there still. */
  readonly active: boolean;
  /**
   * Mends it. Twice is fine, and so is a lab that has been destroyed.
   *
   * @throws LabError, whose cause is the kernel's refusal; ERR_LAB_BUSY while another process changes the lab.
   * @example
   * ```ts
   * const lan = { subnet: '10.0.0.0/24' };
   * await using lab = await createLab({ switches: { lan }, nodes: { 'n{1..3}': { ports: 'lan' } } });
   * const partition = await lab.partition('n1', ['n2', 'n3']);
   * await partition.undo();
   * console.log(partition.active); // false
   * ```
   */
  undo(): Promise<void>;
}

/** What a fault does. All of it is done in the lab's turn. */
export interface FaultWork {
  readonly kind: LabFaultKind;
  readonly title: string;
  readonly details?: Readonly<Record<string, unknown>>;
  /** What fails leaves nothing. */
  begin: () => Promise<void>;
  end: () => Promise<void>;
  /** The lab was changed by these steps: what the fault does about it. 'over': the steps have mended it, and `end` puts the rest right. */
  follow: (steps: readonly Step[]) => Promise<'over' | undefined>;
  /** The lab's handle is closed, or the lab is destroyed: what goes on in this process alone ends. */
  stop?: () => void;
  /** The lab is destroyed: what would stay without it. */
  release?: () => Promise<void>;
}

/** A fault of a lab's, as its user has it. */
export class ActiveFault implements LabFault {
  #active = true;

  constructor(
    readonly work: FaultWork,
    private readonly core: LabCore,
    private readonly onEnd: (fault: ActiveFault) => void,
  ) {}

  get kind(): LabFaultKind {
    return this.work.kind;
  }

  get title(): string {
    return this.work.title;
  }

  get active(): boolean {
    return this.#active;
  }

  async undo(): Promise<void> {
    if (!this.#active || this.core.closed) return;
    await this.core.turns.take('lab', async () => {
      if (!this.#active || this.core.closed) return;
      await this.core.alone(`end ${this.title}`, async () => this.end());
    });
  }

  /** Within the lab's turn. */
  async end(): Promise<void> {
    if (!this.#active) return;
    await this.work.end();
    this.over();
  }

  /** What it has done is gone. */
  over(): void {
    if (!this.#active) return;
    this.forget();
    this.core.record.happened('undo', this.title);
  }

  /** The handle of the lab is closed. */
  forget(): void {
    this.work.stop?.();
    this.#active = false;
    this.onEnd(this);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.undo();
  }
}
