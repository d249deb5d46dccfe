import {
  type ChildProcess,
  type ChildProcessWithoutNullStreams,
  spawn as spawnHere,
  type SpawnOptions,
  type SpawnOptionsWithoutStdio,
} from 'node:child_process';
import { readSync } from 'node:fs';
import { endianness } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { fromBytes, toBytes } from '../common/byte-text';
import { checkTimeout } from '../common/abort';
import type { Words } from '../common/error-text';
import { isSystemError } from '../common/system-error';
import { WANTS } from '../common/wants';
import { NetnsError, toNetnsError } from '../netns/netns-error';
import { printable } from '../common/printable';
import { findCommand } from './find-command';
import { errnoName } from '../addon/errno';
import { type Descriptor, native } from '../addon/native';
import { checkObject, checkOptions, isSignal, optionTable, trueOrFalse } from '../common/options';
import { shown } from '../common/shown';
import { checkNetns } from '../netns/check-netns';
import { checkRuntime } from '../netns/check-runtime';
import type { Netns } from '../netns/netns';
import { programPath } from '../addon/programs';

export const OPERATION = 'run a command in';

/** What a command finds besides the network. */
export interface Surroundings {
  /**
   * false: the command has no mount namespace of its own, and sees /sys and /etc as this process does. For programs that need
   * neither, this is faster, and it works where mounting is not allowed, as in many containers.
   */
  mounts?: boolean;
  /**
   * true: the command ends with this process, however that ends, because the kernel sends it SIGKILL then. One that a worker has started ends
   * with the worker. The kernel forgets this where the command's program takes on another user (set-user-ID), and what the command starts
   * lives on.
   */
  endWithParent?: boolean;
}

/**
 * What is known beforehand to fail is left to node, which does it in its own way: no pid, no 'spawn' event. These fail
 * for certain: there is no process 0, and a directory is no program.
 */
const STAND_INS = { ENOENT: '/proc/0/exe', EACCES: '/' } as const;

/** In the place of the namespace's name, for the program in native/programs/exec. */
const NO_MOUNTS = '-';

/** Bytes; a report that the program in native/programs/exec writes of a failure is shorter, even with a long path. */
const REPORT_SIZE = 1024;

const WORDS: Words = {
  EPERM:
    'CAP_SYS_ADMIN is missing (it is needed to enter a namespace and to mount its /sys), or parts of /sys are masked, ' +
    "as in a container: run as root, or run it under 'rtnetns sandbox'",
  EINVAL: '/ is not a mount point, as in a chroot',
  ENOSPC: 'a limit is reached: user.max_mnt_namespaces, fs.mount-max',
};

/** Failures of the command and not of the namespace: as node has them. */
const OF_THE_COMMAND = ['execve', 'setgroups', 'setgid', 'setuid', 'chdir'];

/** @internal What node checks itself is not checked here. */
export const SPAWN_OPTIONS = optionTable<SpawnOptions & Surroundings>({
  argv0: true,
  cwd: (value, path) => checkCharacters(path, value),
  detached: true,
  endWithParent: trueOrFalse,
  env: (value, path) => checkEnvironment(path, value),
  gid: true,
  killSignal: true,
  mounts: trueOrFalse,
  serialization: true,
  shell: true,
  signal: isSignal,
  stdio: true,
  timeout: (value, path) => checkTimeout(value, 'wait', path),
  uid: true,
  windowsHide: true,
  windowsVerbatimArguments: true,
});

/** @internal Options in place of the arguments are refused here. */
export function checkCommand(command: unknown, args: unknown): void {
  checkText('command', command);
  checkList('args', args);
  for (const [i, arg] of args.entries()) checkText(`args[${i}]`, arg, { empty: true });
}

/**
 * Runs a command in a namespace. It is node's own `child_process.spawn`, with all of its options, and returns node's
 * own ChildProcess. What runs is the command itself, not a child of something else: exit code, signals, process group
 * and `pid` are its own.
 *
 * The command finds the same surroundings as under `ip netns exec`. It has a mount namespace of its own, and /sys shows
 * the devices of the network namespace. Each file in /etc/netns/NAME/, such as resolv.conf, is mounted over the file of
 * the same name in /etc, if the handle was created or opened by a name. Later mounts and unmounts outside take effect
 * inside, too, but not the other way round. Unlike with `ip netns exec`, the cgroups stay in /sys/fs/cgroup. With
 * `mounts: false` there is none of this: only the network is the namespace's.
 *
 * The handle may be closed as soon as this returns: the command keeps the namespace.
 *
 * It has the descriptors that `stdio` asks for, and no other: not even one that this process has been given without
 * close-on-exec.
 *
 * `uid` and `gid` are set last, in the namespace.
 *
 * A command that does not exist or is not executable fails as with node: an 'error' event with ENOENT or EACCES, and no
 * `pid`. What fails later is an 'error' after 'spawn' and before 'exit': a {@link NetnsError} where the namespace could not
 * be entered, or a file of /etc/netns/NAME/ could not be mounted; otherwise one like node's own (a script without its
 * interpreter, a `uid` that may not be taken on). For a file that /etc lacks, there is a warning on standard error alone.
 *
 * @param args - None by default. Node writes them as UTF-8, so a byte of a name that is not UTF-8 is refused.
 * @param options - `shell` puts command and arguments together and gives them to /bin/sh, as node does: quoting is
 * the caller's business.
 * @throws {@link NetnsError} ERR_NETNS_CLOSED for a handle that was closed; EMFILE where no descriptor is left. Where that
 * shows only while the command is started, or no process can be started (EAGAIN), it is an 'error' event.
 * @throws TypeError for bad arguments, also node's own.
 * @see ip-netns(8): `ip netns exec NAME COMMAND`; setns(2), mount_namespaces(7)
 * @example
 * ```ts
 * import { once } from 'node:events';
 * const child = spawn(red, 'ip', ['route', 'get', '10.0.0.2'], { stdio: 'ignore' });
 * const [code] = await once(child, 'exit');
 * console.log(code); // 0
 * ```
 */
export function spawn(
  netns: Netns,
  command: string,
  args?: readonly string[],
  options?: SpawnOptionsWithoutStdio & Surroundings,
): ChildProcessWithoutNullStreams;
export function spawn(
  netns: Netns,
  command: string,
  args: readonly string[],
  options: SpawnOptions & Surroundings,
): ChildProcess;
export function spawn(
  netns: Netns,
  command: string,
  args: readonly string[] = [],
  options: SpawnOptions & Surroundings = {},
): ChildProcess {
  checkNetns(netns);
  checkCommand(command, args);
  checkOptions(options, SPAWN_OPTIONS);
  const { uid, gid, shell, argv0, mounts = true, endWithParent = false, ...rest } = options;
  if (argv0 !== undefined) checkText('argv0', argv0, { empty: true });
  if (shell !== undefined && typeof shell !== 'boolean') checkText('shell', shell);
  checkId('uid', uid);
  checkId('gid', gid);
  checkRuntime(netns, OPERATION, { deno: 'Deno gives a process no descriptors that Node gives one' });
  const [file, ...operands] = shell ? inShell(shell, [command, ...args]) : [command, ...args];
  const shownAs = { spawnfile: file, spawnargs: [argv0 ?? file, ...operands] };
  native();
  const { fd } = netns.access(OPERATION);
  const found = findCommand(file, rest);
  if ('code' in found) {
    return Object.assign(withReason(spawnHere(STAND_INS[found.code], rest), netns.toString()), shownAs);
  }
  const name = !mounts ? NO_MOUNTS : netns.name === undefined ? '' : toBytes(netns.name).toString('hex');
  const parent = endWithParent ? process.pid : undefined;
  const wanted = [name, uid, gid, parent, found.path].map((value) => `${value ?? ''}`);
  const child = start(fd, [...wanted, ...shownAs.spawnargs], rest, netns.toString());
  return Object.assign(child, shownAs);
}

/** Starts the program in native/programs/exec, whose main.c describes its arguments. */
function start(fd: number, args: readonly string[], options: SpawnOptions, netns: string): ChildProcess {
  const { reader, writer } = openPipe(netns);
  try {
    const stdio = list(options.stdio);
    const numbers = [stdio.length, stdio.length + 1].map(String);
    const child = spawnHere(programPath('rtnetns-exec'), [...numbers, ...args], {
      ...options,
      stdio: [...stdio, fd, writer.fd],
    });
    // the caller did not ask for these two streams; where no descriptor was left, node has made no list
    (child.stdio as unknown[] | undefined)?.splice(stdio.length);
    if (child.pid === undefined) reader.close();
    else watch(child, reader, netns);
    return withReason(child, netns);
  } catch (error) {
    reader.close();
    throw error;
  } finally {
    writer.close();
  }
}

function openPipe(netns: string): { reader: Descriptor; writer: Descriptor } {
  try {
    return native().openPipe();
  } catch (error) {
    throw toNetnsError(error, OPERATION, netns);
  }
}

/**
 * Where the system has no descriptor or process left, the command is not started, and node is about to report that. What the
 * system lacks is no fault of the command, so the error is to be that of the namespace.
 */
function withReason<T extends ChildProcess>(child: T, netns: string): T {
  if (child.pid !== undefined) return child;
  const emit = child.emit.bind(child) as (event: string | symbol, ...values: unknown[]) => boolean;
  const explained = (value: unknown) =>
    isSystemError(value) && value.code in WANTS ? toNetnsError(value, OPERATION, netns) : value;
  child.emit = (event: string | symbol, ...values: unknown[]) =>
    emit(event, ...(event === 'error' ? values.map(explained) : values));
  return child;
}

/** Once the process is gone, all that there will be is in the pipe. */
function watch(child: ChildProcess, reader: Descriptor, netns: string): void {
  child.prependOnceListener('exit', () => {
    const report = read(reader);
    reader.close();
    if (report.length > 0) child.emit('error', toError(child, netns, report));
  });
}

function read({ fd }: Descriptor): Buffer {
  const room = Buffer.alloc(REPORT_SIZE);
  try {
    return room.subarray(0, readSync(fd, room));
  } catch (error) {
    // a child that another thread has just forked has the other end, until it becomes its own program
    if (isSystemError(error) && error.code === 'EAGAIN') return Buffer.alloc(0);
    throw error;
  }
}

function toError({ spawnfile, spawnargs }: ChildProcess, netns: string, report: Buffer): unknown {
  const errno = endianness() === 'LE' ? report.readInt32LE() : report.readInt32BE();
  const [call = '', path = ''] = fromBytes(report.subarray(4)).split('\0');
  const code = errnoName(errno);
  if (OF_THE_COMMAND.includes(call)) {
    const syscall = `spawn ${spawnfile}`;
    const details = { errno: -errno, code, syscall, path: spawnfile, spawnargs: spawnargs.slice(1) };
    const step = call === 'execve' ? '' : ` (${call})`;
    return Object.assign(new Error(printable(`${syscall} ${code}${step}`)), details);
  }
  if (path !== '') {
    const reasons = [`${path} cannot be ${OF_A_FILE[call]}`, WORDS[code]].filter((one) => one !== undefined);
    const reason = `${reasons.join(': ')} (${call})`;
    return new NetnsError({ code, errno, operation: OPERATION, netns, reason });
  }
  const [, sentence = 'the system refused it'] = getSystemErrorMap().get(-errno) ?? [];
  const error = Object.assign(new Error(sentence), { code, errno, syscall: call });
  return toNetnsError(error, OPERATION, netns, WORDS);
}

/** What is done with files of /etc/netns/NAME, and with that directory, by the system call. */
const OF_A_FILE: Readonly<Record<string, string>> = {
  mount: 'mounted over the file of its name in /etc',
  open: 'opened',
  getdents64: 'listed',
};

type Stdio = Extract<SpawnOptions['stdio'], readonly unknown[]>;

/** The options of the descriptors as a list, which others can follow. */
function list(stdio: SpawnOptions['stdio']): Stdio {
  if (!Array.isArray(stdio)) return [stdio, stdio, stdio];
  return stdio.length >= 3 ? stdio : [...stdio, ...Array<undefined>(3 - stdio.length)];
}

function inShell(shell: string | true, words: readonly string[]): [string, ...string[]] {
  return [shell === true ? '/bin/sh' : shell, '-c', words.join(' ')];
}

function checkList(option: string, value: unknown): asserts value is readonly string[] {
  if (!Array.isArray(value))
    throw new TypeError(`${option}: expected a list of strings, before the options, got ${shown(value)}`);
}

function checkText(option: string, value: unknown, { empty = false } = {}): asserts value is string {
  if (typeof value !== 'string') throw new TypeError(`${option}: expected a string, got ${shown(value)}`);
  if (value.includes('\0')) throw new TypeError(`${option}: it must not hold a NUL, got ${shown(value)}`);
  if (value === '' && !empty) throw new TypeError(`${option}: it must not be empty`);
  checkCharacters(option, value);
}

/** Node would write U+FFFD in place of half of a surrogate pair, by which this library names a byte that is not UTF-8. */
function checkCharacters(option: string, value: unknown): void {
  if (typeof value !== 'string' || value.isWellFormed()) return;
  const rule = 'node writes it as UTF-8, so it cannot hold half of a surrogate pair';
  throw new RangeError(`${printable(option)}: ${rule}, got ${shown(value)}`);
}

/** Node makes strings of numbers, and leaves out what is undefined. */
function checkEnvironment(option: string, env: unknown): void {
  checkObject(env, option);
  for (const name in env) {
    const value = (env as Readonly<Record<string, unknown>>)[name];
    const path = `${option}.${name}`;
    if (value === undefined || typeof value === 'number') continue;
    if (typeof value !== 'string')
      throw new TypeError(`${printable(path)}: expected a string, got ${shown(value)}`);
    checkCharacters(path, value);
  }
}

function checkId(option: string, value: unknown): void {
  if (value === undefined || value === null) return;
  if (typeof value !== 'number') throw new TypeError(`${option}: expected a number, got ${shown(value)}`);
  if (!Number.isInteger(value) || value < 0 || value > 0x7fffffff) {
    throw new RangeError(`${option}: expected an integer from 0 to 2147483647, got ${value}`);
  }
}
