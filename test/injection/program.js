'use strict';
// Makes a system call of rtnetns-exec fail, by strace(1): the program has no C library, and so nothing can be preloaded.
const childProcess = require('node:child_process');
const { readFileSync } = require('node:fs');

const NAME = 'rtnetns-exec';
/** Of the calls' names, because the addon makes calls of the same names. */
const PREFIX = 'exec_';

const start = childProcess.spawn;

/** The plan of the programs that this process starts. */
class ProgramPlan {
  constructor(log) {
    this.log = log;
  }

  /** As Plan.arm. strace counts from after the execve(2) that has started the program. */
  arm({ call, nth, errno, always = false } = {}) {
    this.armed = call === undefined || call.startsWith(PREFIX);
    if (!this.armed) return;
    const injection =
      call === undefined
        ? []
        : ['-e', `inject=${call.slice(PREFIX.length)}:error=${errno}:when=${nth}${always ? '+' : ''}`];
    childProcess.spawn = (file, args, options) =>
      file.endsWith(NAME)
        ? start('strace', ['-D', '-qq', '-o', this.log, ...injection, file, ...args], options)
        : start(file, args, options);
  }

  /** As Plan.disarm. */
  disarm() {
    childProcess.spawn = start;
    const lines = this.armed ? this.#lines() : [];
    const counts = {};
    for (const line of lines) {
      const name = `${PREFIX}${/^\w+/.exec(line)?.[0]}`;
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return { failed: lines.filter((line) => line.includes('(INJECTED)')).length, counts };
  }

  /** The program's own, not those of the command that it becomes. */
  #lines() {
    let log;
    try {
      log = readFileSync(this.log, 'utf8');
    } catch {
      return [];
    }
    const [, ...lines] = log.split('\n').filter((line) => /^\w+\(/.test(line));
    const end = lines.findIndex((line) => /^execve\(.* = 0$/.test(line));
    return end < 0 ? lines : lines.slice(0, end + 1);
  }
}

/** Several plans as one. */
class Plans {
  constructor(...plans) {
    this.plans = plans;
  }

  arm(point) {
    for (const plan of this.plans) plan.arm(point);
  }

  disarm() {
    const all = this.plans.map((plan) => plan.disarm());
    return {
      failed: all.reduce((sum, { failed }) => sum + failed, 0),
      counts: Object.assign({}, ...all.map(({ counts }) => counts)),
    };
  }
}

module.exports = { Plans, ProgramPlan };
