'use strict';
const { execFileSync } = require('node:child_process');
const { mkdirSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const rtnetns = require('../../../dist');

/**
 * Namespaces of these names, with lo up, by handles that nothing has been asked of yet. The one that made them is closed.
 * @returns { NAME: Netns }
 */
async function namespaces(...names) {
  const opened = {};
  for (const name of names) {
    const made = await rtnetns.createNetns(name);
    await rtnetns.setLink(made, 'lo', { up: true });
    made.close();
    opened[name] = await rtnetns.openNetns(name);
  }
  return opened;
}

const isNetns = (value) => value instanceof rtnetns.Netns;

/** Deletes all named namespaces of a scene, and closes the others. */
async function end(scene) {
  const all = Object.values(scene).filter(isNetns);
  for (const netns of all.filter(({ name }) => name !== undefined)) {
    await rtnetns.deleteNetns(netns.name, { ifMissing: 'ignore' });
  }
  for (const netns of all) netns.close();
}

/** Puts a directory with these files over /etc. @returns what takes it away. */
function etc(files) {
  const directory = mkdtempSync('/run/rtnetns-etc-');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  execFileSync('mount', ['--bind', directory, '/etc']);
  return () => {
    execFileSync('umount', ['--lazy', '/etc']);
    rmSync(directory, { recursive: true });
  };
}

/** What a program prints in a namespace that has a name. */
const ask = (netns, command, ...args) =>
  execFileSync('ip', ['netns', 'exec', netns.name, command, ...args], { encoding: 'utf8' });

/** The ruleset, without the numbers that the kernel gives. */
const ruleset = (netns) => ask(netns, 'nft', '-j', 'list', 'ruleset').replace(/"handle": \d+,?/g, '');

const listed = (netns, args) => execFileSync('ip', ['-n', netns.name, '-j', ...args], { encoding: 'utf8' });

/** Without what follows from the state of the carrier, and from duplicate address detection. */
const steady = (text) =>
  text.replace(/"(flags)":\[[^\]]*\],?|"(tentative|operstate|link_netnsid)":[^,}]*,?/g, '');

/** What `ip -j` lists, without what changes on its own. */
const ip = (netns, ...args) => steady(listed(netns, args));

/** Settings that a device has as one of its kind, or as the port of another. */
function detail(netns, device, fields) {
  const [{ linkinfo = {} }] = JSON.parse(listed(netns, ['-d', 'link', 'show', device]));
  const all = { ...linkinfo.info_data, ...linkinfo.info_slave_data };
  return JSON.stringify(Object.fromEntries(fields.map((field) => [field, all[field]])));
}

/** The routes, but for those that come with the carrier, a moment after the link is up. */
function routes(netns) {
  const all = JSON.parse(listed(netns, ['route', 'show', 'table', 'all']));
  return steady(JSON.stringify(all.filter(({ dst }) => dst !== 'ff00::/8')));
}

const everything = (netns) => ip(netns, 'addr') + routes(netns) + ip(netns, 'rule');

/** The answers of the kernel are lost, or find no room, but it has done what it was asked to. */
const answersLost = ({ call }) => call === 'recvmmsg' || call === 'new';

/** The queueing disciplines, classes and filters of d0. */
const traffics = (netns) =>
  ['qdisc', 'class', 'filter'].map((noun) => ask(netns, 'tc', noun, 'show', 'dev', 'd0')).join('');

module.exports = {
  ...{ answersLost, ask, detail, end, etc, everything, ip, namespaces, rtnetns, ruleset, traffics },
};
