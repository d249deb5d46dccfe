import { constants } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { oneOf } from '../../common/options';
import type { Output } from './output';
import type { LabProcessEnd, Running } from './running';

const isSignalName = oneOf(Object.keys(constants.signals));

/** A process of a lab, or a worker. */
export class LabProcess {
  readonly #running: Running;
  readonly #output: Output;
  #end: LabProcessEnd | undefined;
  /** 'web1', or 'web1.cache' of one that has a name. */
  readonly name: string;
  /** The node in which it is. */
  readonly node: string;
  /** Resolves when it has ended, however that is. It is never rejected. */
  readonly ended: Promise<LabProcessEnd>;

  /** @internal */
  constructor({ name, node }: { name: string; node: string }, running: Running, output: Output) {
    this.name = name;
    this.node = node;
    this.#running = running;
    this.#output = output;
    this.ended = running.ended.then((end) => (this.#end = end));
  }

  /** Undefined of a worker, and of a command that could not be run. */
  get pid(): number | undefined {
    return this.#running.pid;
  }

  /** The worker itself; undefined of a command. */
  get worker(): Worker | undefined {
    return this.#running.worker;
  }

  /** How it has ended; undefined as long as it runs. */
  get end(): LabProcessEnd | undefined {
    return this.#end;
  }

  /** The last 65,536 characters of what it has written to standard output and standard error. */
  get output(): string {
    return this.#output.tail;
  }

  /**
   * Sends a signal to it and to all of its process group: SIGTERM by default. Of a worker, any signal is its end.
   *
   * @returns whether it was still there.
   * @example
   * ```ts
   * await using lab = await createLab({ nodes: { a: { run: { command: ['sleep', '60'] } } } });
   * lab.process('a').kill('SIGINT');
   * console.log((await lab.process('a').ended).signal); // SIGINT
   * ```
   */
  kill(signal: NodeJS.Signals = 'SIGTERM'): boolean {
    isSignalName(signal, 'signal');
    return this.#running.kill(signal);
  }
}
