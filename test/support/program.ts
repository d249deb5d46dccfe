import { execFile } from 'node:child_process';
import type * as Fs from 'node:fs';
import type * as Threads from 'node:worker_threads';
import type * as Library from '../../lib';
import { ROOT } from './cli';
import { CHILD_TIMEOUT } from './ip';
import { jsonLines } from './lines';

export interface Tools {
  rtnetns: typeof Library;
  fs: typeof Fs;
  threads: typeof Threads;
  /** Says something to the test. */
  tell: (value: unknown) => void;
  holdings: typeof holdings;
}

/** What the process has: threads of the addon, open descriptors. */
function holdings(fs: typeof Fs) {
  const threads = fs.readdirSync('/proc/self/task').filter((thread) => {
    try {
      return fs.readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').startsWith('rtnetns');
    } catch {
      return false; // ended since
    }
  });
  return { threads: threads.length, descriptors: fs.readdirSync('/proc/self/fd').length };
}

/**
 * A function as the text of a program for a process or a worker of its own, where it has the built library. It sees
 * nothing of what is around it here. `before` is what runs before the library is loaded.
 */
export function program(main: (tools: Tools) => unknown, argument?: undefined, before?: string): string;
export function program<T>(
  main: (tools: Tools, argument: T) => unknown,
  argument: T,
  before?: string,
): string;
export function program(
  main: (tools: Tools, argument: never) => unknown,
  argument: unknown,
  before = '',
): string {
  return `'use strict';
    ${before}
    const tools = {
      rtnetns: require(${JSON.stringify(ROOT)}),
      fs: require('node:fs'),
      threads: require('node:worker_threads'),
      tell: (value) => require('node:fs').writeSync(1, JSON.stringify(value) + '\\n'),
      holdings: ${holdings.toString()},
    };
    (${main.toString()})(tools, ${JSON.stringify(argument)});`;
}

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stderr: string;
  /** What it told. */
  told: unknown[];
}

interface StartOptions {
  /** Flags of node. */
  flags?: readonly string[];
  /** The command that runs node. */
  wrapper?: readonly string[];
}

/** A program in a process of its own. Whatever becomes of it is a result. */
export function start(text: string, { flags = [], wrapper = [] }: StartOptions = {}) {
  const [file, ...args] = [...wrapper, process.execPath, ...flags, '-e', text];
  let settle: (ended: Ended) => void;
  const ended = new Promise<Ended>((resolve) => (settle = resolve));
  const child = execFile(file, args, { cwd: ROOT, timeout: 2 * CHILD_TIMEOUT }, (_, stdout, stderr) => {
    const { exitCode: code, signalCode: signal } = child;
    settle({ code, signal, stderr, told: jsonLines(stdout) });
  });
  return { child, ended };
}

/** Runs it to its end. */
export async function runProgram(...args: Parameters<typeof start>): Promise<Ended> {
  return start(...args).ended;
}
