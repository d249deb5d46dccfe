import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { setEnvironmentData, SHARE_ENV, Worker, type WorkerOptions } from 'node:worker_threads';
import { toNetnsError } from '../netns/netns-error';
import { packageRoot } from '../addon/load';
import { checkNetns } from '../netns/check-netns';
import { checkRuntime } from '../netns/check-runtime';
import type { Netns } from '../netns/netns';
import { checkOptions, isText, listOf, optionTable } from '../common/options';
import { shown } from '../common/shown';
import { routeSocket } from '../netlink/sockets';
import { HANDOVER, type Handover } from './worker-handover';

/** The file that a new worker preloads: the built one, because a worker of the tests cannot load TypeScript either. */
const preload = (): string => join(packageRoot(), 'dist', 'worker-preload.js');

const OPERATION = 'create a worker in namespace';

/** What node checks itself is not checked here. */
const OPTIONS = optionTable<WorkerOptions>({
  argv: true,
  env: true,
  eval: true,
  execArgv: listOf(isText),
  name: true,
  resourceLimits: true,
  stderr: true,
  stdin: true,
  stdout: true,
  trackUnmanagedFds: true,
  transferList: true,
  workerData: true,
});

/**
 * Starts a worker whose thread lives in a namespace, from before the first line of JavaScript runs on it,
 * modules that are preloaded (`--require`, `--import`) included. Each socket that it opens is there: of net,
 * http, dgram, fetch. So are the processes and the workers that it starts. It is node's own `Worker`, with all
 * its options and events.
 *
 * Only the thread is in the namespace. libuv's pool is not, because all threads of the process share it. So
 * `dns.lookup()`, and with it every connection to a name, asks from the process's own namespace. In the worker, use
 * `dns.Resolver` with `setServers()`.
 *
 * The namespace lives at least as long as the worker, whatever becomes of the handle.
 *
 * @param file as for `new Worker`: a path, absolute or beginning with './', a file: or data: URL, or code with
 * `eval: true`.
 * @param options those of `new Worker`.
 * @returns the worker as soon as it has been started, before any of its events: as with `new Worker`, a file
 * that is not there is its 'error' event, with MODULE_NOT_FOUND or ERR_MODULE_NOT_FOUND.
 * @throws {@link NetnsError} ERR_UNSUPPORTED_RUNTIME in Bun and Deno, EPERM without CAP_SYS_ADMIN, ERR_NETNS_CLOSED for a handle that was closed; what
 * `new Worker` throws for arguments that cannot be.
 * @see setns(2), https://nodejs.org/api/worker_threads.html
 * @example
 * ```ts
 * const code = "require('node:net').createServer().listen(80)"; // or a file
 * const worker = await createWorker(blue, code, { eval: true });
 * await waitForPort(red, '10.0.0.2', 80);
 * await worker.terminate();
 * ```
 */
export async function createWorker(
  netns: Netns,
  file: string | URL,
  options: WorkerOptions = {},
): Promise<Worker> {
  checkNetns(netns);
  if (typeof file !== 'string' && !(file instanceof URL))
    throw new TypeError(`file: expected a path, a URL, or code with the option 'eval', got ${shown(file)}`);
  checkOptions(options, OPTIONS);
  checkEnvironment(options.env);
  checkRuntime(netns, OPERATION, ONLY_OF_NODE);
  try {
    // Finds out whether the namespace can be entered. In the worker, a refusal would be an event among others.
    (await netns.openSocket(OPERATION, routeSocket)).close();
  } catch (error) {
    throw toNetnsError(error, OPERATION, netns.toString());
  }
  await poolStarted();
  return new Promise((resolve, reject) => {
    const lent = netns.lend(OPERATION, async ({ fd }) => {
      const worker = start(file, options, { fd, netns: netns.toString() });
      resolve(worker);
      await settled(worker);
    });
    lent.catch(reject);
  });
}

/** Elsewhere a worker ignores what has it enter the namespace, and would run in the process's own. */
const ONLY_OF_NODE = {
  bun: 'the workers of Bun cannot live in a namespace: only those of Node can',
  deno: 'the workers of Deno cannot live in a namespace: only those of Node can',
};

/** It is copied before node sees it. */
function checkEnvironment(env: unknown): void {
  if (env === SHARE_ENV || typeof env === 'object' || env === undefined) return;
  throw new TypeError(`env: expected an object or SHARE_ENV, got ${shown(env)}`);
}

/**
 * Starts the threads of libuv's pool. They live for good in the namespace of the thread that first needs them, so that
 * thread must not be a worker in another namespace.
 */
async function poolStarted(): Promise<void> {
  await promisify(randomBytes)(1);
}

/** Until the worker has entered the namespace, or failed to. */
async function settled(worker: Worker): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      worker.off('online', done).off('exit', done);
      resolve();
    };
    worker.on('online', done).on('exit', done);
  });
}

function start(file: string | URL, options: WorkerOptions, place: Pick<Handover, 'fd' | 'netns'>): Worker {
  const { execArgv } = options;
  const env = options.env ?? process.env;
  // what one inherits that is given an environment is for node to decide: its versions differ
  const inherits = execArgv === undefined && (env === process.env || env === SHARE_ENV);
  const handover: Handover = {
    ...place,
    execArgv: inherits ? process.execArgv : execArgv,
    nodeOptions: (env === SHARE_ENV ? process.env : env)['NODE_OPTIONS'],
  };
  const construct = (argv: readonly string[] | undefined) =>
    new Worker(file, { ...options, ...preloading(env, argv) });
  // the constructor copies what is there
  setEnvironmentData(HANDOVER, handover);
  try {
    return inherits ? inheriting(construct) : construct(execArgv);
  } finally {
    setEnvironmentData(HANDOVER, undefined);
  }
}

type Environment = Exclude<WorkerOptions['env'], undefined>;

/**
 * In the environment, the file goes before all others that are preloaded. One that is shared must stay as it
 * is: there it goes before those of the arguments only.
 */
function preloading(env: Environment, execArgv: readonly string[] | undefined): WorkerOptions {
  if (env === SHARE_ENV) return { execArgv: ['--require', preload(), ...(execArgv ?? [])] };
  const quoted = `"${preload().replace(/["\\]/g, '\\$&')}"`;
  const nodeOptions = `--require ${quoted} ${env['NODE_OPTIONS'] ?? ''}`;
  return { env: { ...env, NODE_OPTIONS: nodeOptions }, ...(execArgv && { execArgv: [...execArgv] }) };
}

/**
 * A worker with `execArgv` of its own does not inherit the options of the process. So it is given those of the process,
 * except for options that only a process can have (`--expose-gc`), which node lists in its refusal.
 */
function inheriting(construct: (execArgv: string[]) => Worker): Worker {
  let options = withValues(process.execArgv);
  for (;;) {
    try {
      return construct(options.flat());
    } catch (error) {
      const refused = refusedFlags(error);
      const rest = options.filter(([flag = '']) => !refused.includes(flag));
      if (rest.length === options.length) throw error;
      options = rest;
    }
  }
}

/** ['--title', 'x', '--expose-gc'] → [['--title', 'x'], ['--expose-gc']] */
function withValues(argv: readonly string[]): string[][] {
  const options: string[][] = [];
  for (const arg of argv) {
    const last = options.at(-1);
    if (last === undefined || arg.startsWith('-')) options.push([arg]);
    else last.push(arg);
  }
  return options;
}

/** 'Initiated Worker with invalid execArgv flags: --title, --expose-gc' */
function refusedFlags(error: unknown): string[] {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ERR_WORKER_INVALID_EXEC_ARGV' ? message.slice(message.indexOf(': ') + 2).split(', ') : [];
}
