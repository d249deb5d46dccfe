import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import readline from 'node:readline';

/** What a contender answers to a line "VERB N". */
export interface Answer {
  /** Its own measurement; without it, ours of the whole exchange counts (programs that are scripts). */
  ms?: number;
  count?: number;
}

export interface Timed {
  ms: number;
  /** User and system time of the contender and of the processes that it waited for, to 10 ms. */
  cpuMs: number;
  count: number;
}

const TICK_MS = 10; // USER_HZ is 100 on every architecture that Linux and Node share

/** A running contender. Its start-up is over when `open` resolves, so no measurement holds it. */
export class Session {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    if (!child.stdout) throw new Error('contender without standard output');
    this.#answers = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  static async open([program, ...args]: readonly [string, ...string[]]): Promise<Session> {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.on('error', () => undefined); // it has died: the missing answer tells
    await once(child, 'spawn');
    const session = new Session(child);
    await session.#answer('ready');
    return session;
  }

  async ask(verb: string, n = 0): Promise<Timed> {
    const cpu = this.#cpuMs();
    const start = process.hrtime.bigint();
    this.#child.stdin?.write(`${verb} ${String(n)}\n`);
    const answer = await this.#answer(verb);
    const elapsed = Number(process.hrtime.bigint() - start) / 1e6;
    return { ms: answer.ms ?? elapsed, cpuMs: this.#cpuMs() - cpu, count: answer.count ?? n };
  }

  /** Peak resident memory of the contender's own process, not of those it spawned. */
  peakKb(): number {
    const status = fs.readFileSync(`/proc/${String(this.#child.pid)}/status`, 'utf8');
    return Number(/^VmHWM:\s*(\d+)/m.exec(status)?.[1]);
  }

  async close(): Promise<void> {
    this.#child.stdin?.end();
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
  }

  async #answer(verb: string): Promise<Answer> {
    const line = await this.#answers.next();
    if (line.done) throw new Error(`contender ended without an answer to '${verb}'`);
    return JSON.parse(line.value) as Answer;
  }

  #cpuMs(): number {
    const stat = fs.readFileSync(`/proc/${String(this.#child.pid)}/stat`, 'utf8');
    // After the command's name in brackets: utime, stime, cutime and cstime are fields 14 to 17 of proc(5).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * TICK_MS;
  }
}
