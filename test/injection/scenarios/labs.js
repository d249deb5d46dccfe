'use strict';
const { answersLost, rtnetns } = require('./scene');

const ERRORS = ['LabError', 'NetnsError', 'NetlinkError'];

const definition = {
  name: 'raft',
  switches: { lan: { subnet: '10.0.0.0/24' } },
  routers: { r: { ports: 'lan' } },
  nodes: { 'n{1..2}': { ports: 'lan' } },
  links: [{ ends: ['r', 'n1'] }],
};

/** Of its namespaces, before and after. */
const NAMES = ['raft', 'raft.r', 'raft.n1', 'raft.n2', 'raft.n3'];

/** Other nodes, and another MTU. */
const next = {
  ...definition,
  switches: { lan: { ...definition.switches.lan, mtu: 1400 } },
  nodes: { 'n{2..3}': { ports: 'lan' } },
  links: [],
};

const SLEEP = { command: ['sh', '-c', 'echo up; exec sleep 60'], ready: { log: 'up' } };

const withLab = (run, more = {}) => ({
  errors: ERRORS,
  operation: /raft|namespace/,
  once: true,
  async setup() {
    const lab = await rtnetns.createLab(definition);
    await lab.plan(definition); // each handle has its socket from now on
    return { lab };
  },
  run,
  done: answersLost,
  async teardown({ lab }) {
    lab.close();
    for (const name of NAMES) await rtnetns.deleteNetns(name, { ifMissing: 'ignore' });
  },
  ...more,
});

/** What a method returns is undone. */
const undoing = { undo: (_, fault) => fault.undo() };

module.exports = {
  createLab: {
    errors: ERRORS,
    operation: /raft|namespace/,
    once: true,
    setup: () => ({}),
    run: () => rtnetns.createLab(definition),
    undo: (_, lab) => lab.destroy(),
    async teardown() {
      for (const name of NAMES) await rtnetns.deleteNetns(name, { ifMissing: 'ignore' });
    },
    done: answersLost,
  },
  'createLab, with a process': {
    errors: ERRORS,
    operation: /raft|namespace/,
    once: true,
    setup: () => ({}),
    run: () => rtnetns.createLab({ name: 'raft', nodes: { n1: { run: SLEEP } } }),
    undo: (_, lab) => lab.destroy(),
    async teardown() {
      for (const name of NAMES) await rtnetns.deleteNetns(name, { ifMissing: 'ignore' });
    },
  },
  planLab: withLab(() => rtnetns.planLab(next)),
  draw: withLab(({ lab }) => rtnetns.draw(lab)),
  'Lab.plan': withLab(({ lab }) => lab.plan(next)),
  'Lab.apply': withLab(({ lab }) => lab.apply(next)),
  'Lab.until': withLab(({ lab }) => {
    let looked = 0;
    return lab.until(() => ++looked === 2);
  }),
  'Lab.partition': withLab(({ lab }) => lab.partition('n1', 'n2'), undoing),
  'Lab.isolate': withLab(({ lab }) => lab.isolate('n1'), undoing),
  'Lab.cut': withLab(({ lab }) => lab.cut('n1'), undoing),
  'Lab.impair': withLab(({ lab }) => lab.impair('n2', { loss: 5 }), undoing),
  'Lab.impairments': withLab(({ lab }) => lab.impairments()),
  'Lab.heal': withLab(({ lab }) => lab.heal()),
  'Lab.destroy': withLab(({ lab }) => lab.destroy()),
  openLab: withLab(async () => (await rtnetns.openLab('raft')).close()),
  listLabs: withLab(() => rtnetns.listLabs()),
  destroyLab: withLab(() => rtnetns.destroyLab('raft')),
  sweepLabs: withLab(() => rtnetns.sweepLabs({ deadOwners: true })),
};
