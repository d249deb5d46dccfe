'use strict';
// What a process holds, and what is there outside of it: after a call that was rejected it has to be as before.
const { readdirSync, readFileSync, readlinkSync } = require('node:fs');
const { setTimeout: pause } = require('node:timers/promises');
const { isDeepStrictEqual } = require('node:util');

function names(directory) {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}

/** What a link or a file of /proc has, unless it is gone. */
function look(read, path) {
  try {
    return [read(path, 'utf8').trim()];
  } catch {
    return [];
  }
}

/** Threads of ours are at most these, and where the process is. */
const THREADS = 2;

function holdings() {
  const here = readlinkSync('/proc/self/ns/net');
  const ours = names('/proc/self/task')
    .map((thread) => `/proc/self/task/${thread}`)
    .filter((path) => look(readFileSync, `${path}/comm`)[0] === 'rtnetns');
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n');
  return {
    descriptors: names('/proc/self/fd')
      .flatMap((fd) => look(readlinkSync, `/proc/self/fd/${fd}`))
      .map((target) => target.replace(/\[\d+\]$/, ''))
      .sort(),
    // the first name makes the directory a shared mount point, which stays
    mounts: mounts.map((line) => line.split(' ').slice(2, 5).join(' ')).filter((line) => !line.endsWith(' /run/netns')),
    names: names('/run/netns'),
    links: names('/sys/class/net'),
    threadsElsewhere: ours.flatMap((path) => look(readlinkSync, `${path}/ns/net`)).filter((one) => one !== here).length,
    threadsTooMany: Math.max(0, ours.length - THREADS),
  };
}

/** Descriptors, links and threads end a moment after their owners have heard of it. @returns the difference, if it stays. */
async function difference(before, within = 1000) {
  const end = performance.now() + within;
  let now = holdings();
  while (!isDeepStrictEqual(now, before)) {
    if (performance.now() > end) return describe(before, now);
    await pause(5);
    now = holdings();
  }
  return undefined;
}

function describe(before, now) {
  const differences = Object.keys(before)
    .filter((key) => !isDeepStrictEqual(before[key], now[key]))
    .map((key) => [key, Array.isArray(now[key]) ? lists(before[key], now[key]) : { before: before[key], now: now[key] }]);
  return Object.fromEntries(differences);
}

function lists(before, now) {
  return { more: without(now, before), less: without(before, now) };
}

function without(list, taken) {
  const rest = [...taken];
  return list.filter((item) => {
    const at = rest.indexOf(item);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

module.exports = { holdings, difference };
