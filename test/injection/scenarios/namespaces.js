'use strict';
const { answersLost, end, namespaces, rtnetns } = require('./scene');

const forget = (name) => () => rtnetns.deleteNetns(name, { ifMissing: 'ignore' });

/** The steps of waiting for the end of a namespace, from another one. */
const GONE =
  /delete namespace|wait for the end|create namespace|watch namespaces|number a namespace|receive events|create veth/;

const deleting = {
  operation: /delete namespace/,
  once: true,
  async setup() {
    return { red: await rtnetns.createNetns('red') };
  },
  restore: forget('red'),
  teardown: end,
};

module.exports = {
  'createNetns, without a name': {
    operation: /create namespace/,
    run: () => rtnetns.createNetns(),
    undo: (_, netns) => netns.close(),
  },
  'createNetns, without IPv6': {
    operation: /create namespace/,
    run: () => rtnetns.createNetns(undefined, { lo: true, ipv6: false }),
    undo: (_, netns) => netns.close(),
  },
  'createNetns, with a name': {
    operation: /create namespace half/,
    run: () => rtnetns.createNetns('half'),
    undo: (_, netns) => rtnetns.deleteNetns(netns),
  },
  'createNetns, the first name': {
    operation: /create namespace half/,
    cold: true,
    run: () => rtnetns.createNetns('half'),
    undo: (_, netns) => rtnetns.deleteNetns(netns),
  },
  createNetnsPool: {
    operation: /create namespace/,
    run: async () => (await rtnetns.createNetnsPool({ size: 1 })).close(),
  },
  'attachNetns, of a handle': {
    operation: /attach namespace att/,
    setup: () => namespaces('red'),
    run: ({ red }) => rtnetns.attachNetns('att', red),
    undo: forget('att'),
    teardown: end,
  },
  'attachNetns, of a process': {
    operation: /(attach|open) namespace/,
    run: () => rtnetns.attachNetns('att', process.pid),
    undo: forget('att'),
  },
  'deleteNetns, by a handle': {
    ...deleting,
    run: ({ red }) => rtnetns.deleteNetns(red),
  },
  'deleteNetns, by a name': {
    ...deleting,
    run: () => rtnetns.deleteNetns('red'),
  },
  'deleteNetns, until it is gone': {
    ...deleting,
    operation: GONE,
    // the name goes first, then the namespace is waited for
    done: () => true,
    run: async ({ red }) => rtnetns.deleteNetns(red, { wait: true }),
  },
  waitGone: {
    operation: GONE,
    run: async () => {
      const netns = await rtnetns.createNetns();
      const gone = rtnetns.waitGone(netns);
      netns.close();
      await gone;
    },
  },
  'openNetns, by a name': opening(() => 'red'),
  'openNetns, by a path': opening(() => ({ path: '/run/netns/red' })),
  'openNetns, by a process': opening(() => ({ pid: process.pid })),
  currentNetns: {
    operation: /open namespace/,
    run: () => rtnetns.currentNetns(),
    undo: (_, netns) => netns.close(),
  },
  identifyNetns: {
    operation: /open namespace/,
    run: () => rtnetns.identifyNetns(),
  },
  netnsPids: {
    operation: /open namespace/,
    setup: () => namespaces('red'),
    run: () => rtnetns.netnsPids('red'),
    teardown: end,
  },
  setNsid: {
    operation: /set nsid|open a netlink socket/,
    once: true,
    setup: () => namespaces('red', 'blue'),
    run: async ({ red, blue }) => rtnetns.setNsid(red, blue, 7),
    teardown: end,
    done: answersLost,
  },
  getNsid: {
    operation: /get nsid|open a netlink socket/,
    setup: () => namespaces('red', 'blue'),
    run: ({ red, blue }) => rtnetns.getNsid(red, blue),
    teardown: end,
  },
};

function opening(reference) {
  return {
    operation: /open namespace/,
    setup: () => namespaces('red'),
    run: () => rtnetns.openNetns(reference()),
    undo: (_, netns) => netns.close(),
    teardown: end,
  };
}
