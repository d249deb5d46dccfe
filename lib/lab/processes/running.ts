import type { Readable } from 'node:stream';
import type { Worker } from 'node:worker_threads';

/** How a process of a lab has ended. */
export interface LabProcessEnd {
  /** null where a signal ended it. */
  exitCode: number | null;
  /** null where it ended by itself; of a worker always. */
  signal: NodeJS.Signals | null;
  /** Why it could not be run, or what a worker has thrown. */
  error?: Error;
}

/** A command or a worker. */
export interface Running {
  readonly pid?: number | undefined;
  readonly worker?: Worker | undefined;
  readonly streams: readonly Readable[];
  /** When it runs; never of one that could not be run. */
  readonly begun: Promise<void>;
  /** When all that it has written has been read as well. */
  readonly ended: Promise<LabProcessEnd>;
  /** Whether there was something left to end. */
  kill(signal: NodeJS.Signals): boolean;
}
