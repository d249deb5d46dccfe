import { difference } from '../../../lib/lab/plan';
import { resolve } from '../../../lib/lab/resolve';
import { asThings, thingsOf } from '../../../lib/lab/things';
import { findingsOf } from '../../support/lab-findings';

const command = ['true'];

describe('what nodes run', () => {
  test('it is called as its node, or NODE.NAME', () => {
    const { processes } = resolve({
      nodes: {
        'web{1..2}': {
          run: [
            { command, after: ['db', 'r.cache'] },
            { name: 'log', worker: './log.mjs' },
          ],
        },
        db: { run: { command } },
      },
      routers: { r: { run: { name: 'cache', command, after: 'db' } } },
    });
    expect(processes.map(({ name, node, after }) => [name, node, after])).toEqual([
      ['r.cache', 'r', ['db']],
      ['web1', 'web1', ['db', 'r.cache']],
      ['web1.log', 'web1', []],
      ['web2', 'web2', ['db', 'r.cache']],
      ['web2.log', 'web2', []],
      ['db', 'db', []],
    ]);
  });

  test('a plan goes by each property, as it is written', () => {
    const thing = (run: object) =>
      asThings(thingsOf(resolve({ nodes: { a: { run: { command, ...run } } } })));
    const lines = (before: object, after: object) =>
      difference(thing(before), thing(after)).map(({ action, title, changes }) => [action, title, changes]);
    expect(lines({}, {})).toEqual([]);
    expect(lines({ env: { A: 'x', B: 'y' } }, { env: { B: 'y', A: 'x' } })).toEqual([]);
    expect(lines({ env: { A: 'x' } }, { env: { A: 'X' } })).toEqual([
      ['change', 'process a', { env: [{ A: 'x' }, { A: 'X' }] }],
    ]);
    expect(lines({ cwd: '/' }, {})).toEqual([['change', 'process a', { cwd: ['/', undefined] }]]);
    expect(difference(thing({}), new Map()).map(({ action, title }) => `${action} ${title}`)).toEqual([
      // which does not go with its node
      ...['delete node a', 'delete process a'],
    ]);
  });

  test.each<[string, unknown, string[]]>([
    [
      'options',
      {
        nodes: {
          a: { run: { commands: ['x'] } },
          b: {
            run: [{ command: 'node server.js' }, { command: [] }, { command, env: { A: 1 }, timeout: 0 }],
          },
          c: { run: { worker: 'x', uid: 1 } },
          d: { run: { command, ready: { port: 0 } } },
          e: { run: [{ command, ready: {} }, { command, ready: { log: 'x', file: 'y' } }, 7] },
          f: { run: { command, ready: { log: 'x', host: '10.0.0.1' }, name: 'a.b' } },
          g: { run: { command, worker: 'x' } },
        },
      },
      [
        "nodes.a.run.commands: there is no such option; did you mean 'command'?",
        'nodes.a.run.command: it has to be given',
        'nodes.b.run[0].command: expected a list, got "node server.js"',
        "nodes.b.run[1].command: expected a program, like ['node', 'server.js']",
        'nodes.b.run[2].env.A: expected a string, got 1',
        'nodes.b.run[2].timeout: expected milliseconds, from 1 to 2147483646, got 0',
        'nodes.c.run.uid: there is no such option',
        'nodes.d.run.ready.port: expected an integer from 1 to 65535, got 0',
        'nodes.e.run[0].ready: expected one of port, log, file and exitCode, and host only with port',
        'nodes.e.run[1].ready: expected one of port, log, file and exitCode, and host only with port',
        'nodes.e.run[2]: expected an object, got 7',
        `nodes.f.run.name: expected letters, digits, '-' and '_', got "a.b"`,
        'nodes.f.run.ready: expected one of port, log, file and exitCode, and host only with port',
        "nodes.g.run: expected either 'command' or 'worker', got both",
      ],
    ],
    [
      'two without a name, and nobody to wait for',
      {
        nodes: {
          db: { run: [{ command }, { command, after: ['bd'] }] },
          web: { run: { command, after: 'bd' } },
        },
      },
      [
        "nodes.db.run[1]: there is a process 'db' already: processes of a node have names",
        "nodes.web.run.after: there is no process 'bd'; did you mean 'db'?",
      ],
    ],
    [
      'circles',
      {
        nodes: {
          a: { run: { command, after: 'b' } },
          b: { run: { command, after: ['c'] } },
          c: { run: { command, after: 'b' } },
          'd{1..2}': { run: { command, after: 'd1' } },
        },
      },
      [
        'nodes.a.run.after: each waits for the next: b, c, b',
        'nodes.d{1..2}.run.after: each waits for the next: d1, d1',
      ],
    ],
  ])('%s', (_, definition, findings) => {
    expect(findingsOf(definition)).toEqual(findings);
  });
});
