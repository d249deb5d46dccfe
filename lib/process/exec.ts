import type { ChildProcess, SpawnOptions } from 'node:child_process';
import type { Readable } from 'node:stream';
import { checkOptions, optionTable, trueOrFalse } from '../common/options';
import { printable } from '../common/printable';
import { withCallers } from '../common/stack';
import { shown } from '../common/shown';
import { checkNetns } from '../netns/check-netns';
import type { Netns } from '../netns/netns';
import { checkCommand, spawn, SPAWN_OPTIONS, type Surroundings } from './spawn';

/** What {@link exec} takes: the options of node's `spawn`, but for `stdio`, and these. */
export interface ExecOptions extends Omit<SpawnOptions, 'stdio'>, Surroundings {
  /** What the command reads on its standard input; nothing by default. */
  input?: string | Uint8Array;
  /** Of stdout and stderr: 'utf8' by default; 'buffer' for the bytes as they are. */
  encoding?: BufferEncoding | 'buffer';
  /** The command is killed when it has written more bytes than these to one of them: 1 MiB by default. */
  maxBuffer?: number;
  /** false: a command that fails is a result, too, for the caller to look at. */
  reject?: boolean;
}

const { stdio: _, ...COMMAND_OPTIONS } = SPAWN_OPTIONS;

const OPTIONS = optionTable<ExecOptions>({
  ...COMMAND_OPTIONS,
  input: true,
  encoding: true,
  maxBuffer: true,
  reject: trueOrFalse,
});

/** What a command wrote, and how it ended. */
export interface ExecResult<Output = string> {
  stdout: Output;
  stderr: Output;
  /** null where it was ended by a signal. */
  exitCode: number | null;
  /** null where it ended by itself. */
  signal: NodeJS.Signals | null;
}

/** What `exec` rejects with, as `execFile` of node does. */
export interface ExecError<Output = string> extends Error, Partial<ExecResult<Output>> {
  /** The exit code; 'ENOENT', 'ABORT_ERR', 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER' where that is not what was wrong. */
  code?: number | string | null;
  /** The command and its arguments. */
  cmd: string;
  /** Whether it was killed from here, by `timeout` for one. */
  killed: boolean;
}

const DEFAULT_MAX_BUFFER = 1024 * 1024;

/**
 * Runs a command in a namespace to its end: the promise form of {@link spawn}, whose options it takes, `signal` and
 * `timeout` (milliseconds; 0, which is the default, is no limit, as with node's) among them.
 *
 * It behaves as node's promisified `execFile`: a command that exits with another code than 0, or by a signal, is a
 * rejection, an {@link ExecError} that has `code`, `signal`, `stdout` and `stderr`. With `reject: false` that is a result.
 * A command that cannot be run, is aborted, or writes too much rejects in either case, once the command has ended.
 *
 * @throws {@link ExecError}; `code` is 'ENOENT' where there is no such command.
 * @throws {@link NetnsError} where the namespace cannot be entered.
 * @see ip-netns(8): `ip netns exec`
 * @example
 * ```ts
 * const { stdout } = await exec(red, 'ip', ['-brief', 'link', 'show', 'dev', 'lo']);
 * console.log(stdout.split(/ +/)[1]); // UNKNOWN
 * ```
 */
export async function exec(
  netns: Netns,
  command: string,
  args: readonly string[] | undefined,
  options: ExecOptions & { encoding: 'buffer' },
): Promise<ExecResult<Buffer>>;
export async function exec(
  netns: Netns,
  command: string,
  args?: readonly string[],
  options?: ExecOptions & { encoding?: BufferEncoding },
): Promise<ExecResult>;
export async function exec(
  netns: Netns,
  command: string,
  args: readonly string[] = [],
  options: ExecOptions = {},
): Promise<ExecResult<string | Buffer>> {
  checkNetns(netns);
  checkCommand(command, args);
  checkOptions(options, OPTIONS);
  const {
    input = '',
    encoding = 'utf8',
    maxBuffer = DEFAULT_MAX_BUFFER,
    timeout = 0,
    reject = true,
    ...rest
  } = options;
  if (encoding !== 'buffer' && !Buffer.isEncoding(encoding)) {
    throw new TypeError(`encoding: expected 'utf8', 'buffer', …, got ${shown(encoding)}`);
  }
  checkAmount('maxBuffer', maxBuffer);
  const child = spawn(netns, command, args, { ...rest, stdio: 'pipe' });
  const ended = await untilEnd(child, { input, maxBuffer, timeout, killSignal: rest.killSignal });

  const decode = (bytes: Buffer) => (encoding === 'buffer' ? bytes : bytes.toString(encoding));
  const { exitCode, signal, failure, killed } = ended;
  const result = { stdout: decode(ended.stdout), stderr: decode(ended.stderr), exitCode, signal };
  const cmd = [command, ...args].join(' ');
  if (failure !== undefined) throw withCallers(Object.assign(failure, { ...result, cmd, killed }));
  if (!killed && (exitCode === 0 || !reject)) return result;
  const lines = ended.stderr.toString().split('\n');
  const error = new Error([`Command failed: ${cmd}`, ...lines].map(printable).join('\n'));
  throw Object.assign(error, { ...result, code: exitCode, cmd, killed });
}

interface Ended {
  stdout: Buffer;
  stderr: Buffer;
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  killed: boolean;
  /** It could not be run, or not to its end. */
  failure: Error | undefined;
}

interface Limits {
  input: string | Uint8Array;
  maxBuffer: number;
  timeout: number;
  killSignal: ExecOptions['killSignal'];
}

async function untilEnd(
  child: ChildProcess,
  { input, maxBuffer, timeout, killSignal }: Limits,
): Promise<Ended> {
  let failure: Error | undefined;
  let killed = false;
  const deafen = () => {
    // or a child of the command that has its output would hold up the end
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  const kill = () => {
    deafen();
    killed = true;
    child.kill(killSignal);
  };
  const exceeded = (error: Error) => {
    failure ??= error;
    kill();
  };
  const stdout = collect(child.stdout, maxBuffer, 'stdout', exceeded);
  const stderr = collect(child.stderr, maxBuffer, 'stderr', exceeded);
  const timer = timeout > 0 ? setTimeout(kill, timeout) : undefined;
  child.on('error', (error) => {
    failure ??= error;
    killed ||= child.killed;
    deafen();
  });
  // a command need not read what it is given
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  return new Promise((resolve) => {
    child.once('close', (code: number | null, signal: NodeJS.Signals | null) => {
      clearTimeout(timer);
      // a negative one is node's, of a command that never ran
      const exitCode = code !== null && code >= 0 ? code : null;
      const said = { stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) };
      resolve({ ...said, exitCode, signal, killed, failure });
    });
  });
}

/** Collects the parts of a stream, up to `maxBuffer` bytes. */
function collect(
  stream: Readable | null,
  maxBuffer: number,
  name: string,
  exceeded: (error: Error) => void,
): Buffer[] {
  const parts: Buffer[] = [];
  let room = maxBuffer;
  stream?.on('data', (part: Buffer) => {
    parts.push(part.subarray(0, room));
    room -= part.length;
    if (room >= 0) return;
    const code = 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';
    exceeded(Object.assign(new RangeError(`${name} maxBuffer length exceeded`), { code }));
  });
  return parts;
}

function checkAmount(option: string, value: unknown): void {
  if (typeof value !== 'number' || !(value >= 0)) {
    throw new TypeError(`${option}: expected a number that is not negative, got ${shown(value)}`);
  }
}
