import { allDone } from '../../common/all-done';
import { unlessAborted, withDeadline } from '../../common/abort';
import { isSystemError } from '../../common/system-error';
import type { Netns } from '../../netns/netns';
import { LabError } from '../lab-error';
import type { LabRecord } from '../record';
import type { ProcessThing } from '../things';
import type { CommandDefinition, ProcessDefinition } from './definition';
import { LabProcess } from './lab-process';
import { Output } from './output';
import type { LabProcessEnd, Running } from './running';
import { startCommand } from './start-command';
import { startWorker } from './start-worker';
import { missingOf, untilReady } from './until-ready';

/** Milliseconds. */
const READY_TIMEOUT = 30_000;
const GRACE = 5000;

/** The lab in which a process is started. */
interface Where {
  readonly name: string | undefined;
  node: (name: string) => Netns;
}

interface Entry {
  readonly thing: ProcessThing;
  readonly process: LabProcess;
  ready: boolean;
}

/** Whether a process has ended as it is to. */
function isDone({ definition: { ready } }: ProcessThing, { exitCode }: LabProcessEnd): boolean {
  return exitCode === (ready !== undefined && 'exitCode' in ready ? ready.exitCode : 0);
}

/** 'with exit code 1', 'by SIGKILL' */
function endWords({ exitCode, signal }: LabProcessEnd): string {
  return signal === null ? `with exit code ${exitCode}` : `by ${signal}`;
}

/** Why one could not be run. Of a directory that is not there, the system says what it says of a program. */
function refusalWords(error: Error, definition: ProcessDefinition): string {
  if (!('command' in definition && isSystemError(error) && error.code === 'ENOENT')) return error.message;
  const { cwd } = definition;
  const directory = cwd === undefined ? '' : `, or no directory '${cwd}'`;
  return `${error.message}: there is no such program${directory}`;
}

/** The processes that this object's lab has started, in the order of their starts. */
export class Processes {
  readonly #entries = new Map<string, Entry>();

  constructor(private readonly record: LabRecord) {}

  /** By their names, also those that have ended. */
  get all(): ReadonlyMap<string, LabProcess> {
    return new Map([...this.#entries].map(([name, { process }]) => [name, process]));
  }

  /** Those that became ready and run, and those that have done their work. */
  get things(): ProcessThing[] {
    return [...this.#entries.values()].flatMap(({ thing, process: { end }, ready }) =>
      ready && (end === undefined || isDone(thing, end)) ? [thing] : [],
    );
  }

  /** Starts one, and waits until it is ready. One of the same name is ended before. */
  async start(thing: ProcessThing, lab: Where, signal: AbortSignal): Promise<void> {
    await this.end(thing.name);
    // the new one is the last to have been started
    this.#entries.delete(thing.name);
    const netns = lab.node(thing.node);
    const { definition } = thing;
    const { ready = {}, timeout = READY_TIMEOUT } = definition;
    const fail = (reason: string, process?: LabProcess, cause?: unknown): LabError => {
      const details = { code: 'ERR_LAB_PROCESS', lab: lab.name, operation: `start process ${thing.name}` };
      return new LabError({ ...details, reason, process }, { cause });
    };
    const running: Running =
      'worker' in definition ? await startWorker(netns, definition) : startCommand(netns, definition);
    const output = new Output(running.streams, () => this.record.changed());
    const process = new LabProcess(thing, running, output);
    const entry: Entry = { thing, process, ready: false };
    this.#entries.set(thing.name, entry);

    this.record.happened('start', `start ${thing.name}`, { process: thing.name, pid: process.pid });
    const over = new AbortController();
    void process.ended.then((end) => {
      this.record.happened('end', `end of ${thing.name} ${endWords(end)}`, { process: thing.name, ...end });
      if (entry.ready || ('exitCode' in ready && isDone(thing, end))) return;
      const { error } = end;
      const reason =
        error === undefined
          ? `it ended ${endWords(end)} before it was ready`
          : refusalWords(error, definition);
      over.abort(fail(reason, process, error));
    });
    try {
      await withDeadline(
        { timeout, signal, closing: over.signal },
        () => fail(`it was not ready in ${timeout} ms: ${missingOf(definition)}`, process),
        async (limit) => {
          await unlessAborted(limit, running.begun);
          await untilReady({ netns, ended: process.ended, output, definition }, limit);
          // whoever waits for the end hears of a wrong one as soon as this does
          limit.throwIfAborted();
        },
      );
    } catch (error) {
      if (error instanceof LabError || signal.aborted) throw error;
      throw fail(error instanceof Error ? error.message : String(error), process, error);
    }
    entry.ready = true;
    this.record.happened('ready', `${thing.name} is ready`, { process: thing.name });
  }

  /** Ends one: by SIGTERM, and by SIGKILL when its time is over. */
  async end(name: string): Promise<void> {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    const { process, thing } = entry;
    process.kill('SIGTERM');
    const { grace = GRACE } = thing.definition as CommandDefinition;
    const late = setTimeout(() => process.kill('SIGKILL'), grace);
    await process.ended;
    clearTimeout(late);
    entry.ready = false;
  }

  /** Ends these, each when those have ended that were started after it and have waited for it. */
  async endAll(names: readonly string[] = [...this.#entries.keys()]): Promise<void> {
    const order = [...this.#entries.keys()].filter((name) => names.includes(name));
    const ends = new Map<string, Promise<void>>();
    for (const [i, name] of [...order.entries()].reverse()) {
      const later = order.slice(i + 1).filter((one) => this.#entries.get(one)?.thing.after.includes(name));
      ends.set(
        name,
        allDone(later.map(async (one) => ends.get(one))).then(async () => this.end(name)),
      );
    }
    await allDone([...ends.values()]);
  }

  /** Leaves out those that are no part of the lab any more. */
  forget(names: readonly string[]): void {
    for (const name of names) this.#entries.delete(name);
  }

  /** Ends all at once. */
  kill(): void {
    for (const { process } of this.#entries.values()) process.kill('SIGKILL');
  }
}
