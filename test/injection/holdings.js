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

function holdings() {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n');
  return {
    descriptors: names('/proc/self/fd')
      .flatMap((fd) => look(readlinkSync, `/proc/self/fd/${fd}`))
      // what libuv keeps, from the first server on, to open another file when no descriptor is left
      .filter((target) => target !== '/dev/null')
      .map((target) => target.replace(/\[\d+\]$/, ''))
      .sort(),
    // the first name makes the directory a shared mount point, which stays
    mounts: mounts
      .map((line) => line.split(' ').slice(2, 5).join(' '))
      .filter((line) => !line.endsWith(' /run/netns')),
    names: names('/run/netns'),
    links: names('/sys/class/net'),
  };
}

/** The library keeps no more threads than these for itself, and none of them in another namespace for long. */
const THREADS = 2;

function threadsOfOurs() {
  const here = readlinkSync('/proc/self/ns/net');
  const ours = names('/proc/self/task')
    .map((thread) => `/proc/self/task/${thread}`)
    .filter((path) => look(readFileSync, `${path}/comm`)[0] === 'rtnetns');
  const elsewhere = ours
    .flatMap((path) => look(readlinkSync, `${path}/ns/net`))
    .filter((netns) => netns !== here);
  return { elsewhere: elsewhere.length, tooMany: Math.max(0, ours.length - THREADS) };
}

const NO_THREADS = { elsewhere: 0, tooMany: 0 };

/** Descriptors, links and threads end a moment after their owners have heard of it. @returns the difference, if it stays. */
async function difference(holdingsBefore, within = 1000) {
  const end = performance.now() + within;
  const before = { ...holdingsBefore, ...NO_THREADS };
  const all = () => ({ ...holdings(), ...threadsOfOurs() });
  let now = all();
  while (!isDeepStrictEqual(now, before)) {
    if (performance.now() > end) return describe(before, now);
    await pause(5);
    now = all();
  }
  return undefined;
}

function describe(before, now) {
  const differences = Object.keys(before)
    .filter((key) => !isDeepStrictEqual(before[key], now[key]))
    .map((key) => [
      key,
      Array.isArray(now[key]) ? lists(before[key], now[key]) : { before: before[key], now: now[key] },
    ]);
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

/** Of two texts that other programs have printed, as JSON without line breaks. */
function lineDifference(before, now) {
  const lines = (text) => text.replace(/(?<=[}\]],?)\s*(?=[{[])|(?=\{)/g, '\n').split('\n');
  const { more, less } = lists(lines(before), lines(now));
  if (more.length + less.length === 0) return 'the same lines in another order';
  return [...less.map((line) => `- ${line}`), ...more.map((line) => `+ ${line}`)].join('\n');
}

module.exports = { holdings, difference, lineDifference };
