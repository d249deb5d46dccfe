import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabDefinitionError, readLab } from '../../../lib';

const directory = mkdtempSync(join(tmpdir(), 'rtnetns-labs-'));
const file = join(directory, 'lab.yaml');
afterAll(() => rmSync(directory, { recursive: true }));

/** 'LINE: path: message' of each finding, and undefined of a file that is as it should be. */
async function faults(text: string | Uint8Array): Promise<string[] | undefined> {
  writeFileSync(file, text);
  try {
    await readLab(file);
    return undefined;
  } catch (error) {
    if (!(error instanceof LabDefinitionError)) throw error;
    expect(error.file).toBe(file);
    return error.findings.map(({ line, path, message }) => [line, path, message].join(': '));
  }
}

const NEWER = `shapes:
  star: { nodes: 0 }
  line:
    - { nodes: 2, prefix: l- }
    - nodes: 2
      prefix: much-too-long-
nodes:
  a:
    run:
      - command: node server.js
      - command: [node, server.js]
        ready: { prot: 80 }
        after:
          - b
regions:
  eu: [a]
  us:
    - a
    - b
latency:
  - between: [eu, asia]
    delay: 1
`;

const GOOD = `# a comment
name: raft
switches:
  lan: { subnet: &subnet 10.0.0.0/24, gateway: false }
nodes:
  web{1..3}:
    ports: lan
  db:
    ports:
      - switch: lan
        addrs: [10.0.0.9/24]
`;

describe('readLab', () => {
  test('a file of YAML and one of JSON are the same data', async () => {
    writeFileSync(file, GOOD);
    const definition = await readLab(file);
    expect(definition).toEqual({
      name: 'raft',
      switches: { lan: { subnet: '10.0.0.0/24', gateway: false } },
      nodes: { 'web{1..3}': { ports: 'lan' }, db: { ports: [{ switch: 'lan', addrs: ['10.0.0.9/24'] }] } },
    });
    writeFileSync(file, JSON.stringify(definition, undefined, '\t'));
    expect(await readLab(file)).toEqual(definition);
    writeFileSync(file, `\ufeff${JSON.stringify(definition)}`);
    expect(await readLab(file)).toEqual(definition);
  });

  test('so has what is wrong with shapes, processes and regions', async () => {
    expect(await faults(NEWER)).toEqual([
      '2: shapes.star.nodes: expected an integer from 1 to 1023, got 0',
      '10: nodes.a.run[0].command: expected a list, got "node server.js"',
      "12: nodes.a.run[1].ready.prot: there is no such option; did you mean 'port'?",
    ]);
    const next = NEWER.replace('star: { nodes: 0 }', 'star: { nodes: 1 }');
    expect(await faults(next.replace('node server.js', '[node]').replace('prot', 'port'))).toEqual([
      "5: shapes.line[1]: 'much-too-long-node1' has 19 letters, and the name of a device at most 15",
    ]);
    const last = next.replace('much-too-long-', 'm-');
    expect(
      await faults(last.replace('node server.js', '[node]\n        name: x').replace('prot', 'port')),
    ).toEqual([
      "15: nodes.a.run[1].after[0]: there is no process 'b'; did you mean 'a'?",
      "19: regions.us[0]: 'a' is in the region 'eu' already",
      "20: regions.us[1]: there is no node 'b'; did you mean 'a'?",
      "22: latency[0].between[1]: there is no region 'asia'",
    ]);
  });

  test('all that is wrong has its line, in YAML', async () => {
    const text = `switchs: {}
switches:
  lan: { subnet: 10.0.0.0/99 }
nodes:
  a:
    ports:
      - lam
      - switch: lan
        mtu: 1
  b:
    ports:
      device: eth7
links:
  - ends: [a, c]
  - ends:
      - a
      - node: b
        impair:
          delai: 5
`;
    expect(await faults(text)).toEqual([
      "1: switchs: there is no such option; did you mean 'switches'?",
      expect.stringMatching(/^3: switches\.lan\.subnet: .*10\.0\.0\.0\/99/),
      expect.stringMatching(/^9: nodes\.a\.ports\[1\]\.mtu: .*, got 1$/),
      '11: nodes.b.ports.switch: it has to be given',
      "14: links[0].ends[1]: there is no node 'c'; did you mean 'a'?",
      "19: links[1].ends[1].impair.delai: there is no such option; did you mean 'delay'?",
    ]);
  });

  test('and in JSON', async () => {
    const text = `{
\t"switches": {
\t\t"lan": { "mtu": "big" }
\t},
\t"nodes": {
\t\t"a": { "ports": ["lan",
\t\t\t"lam"] },
\t\t"a": {}
\t}
}`;
    expect(await faults(text)).toEqual([
      expect.stringMatching(/^3: switches\.lan\.mtu: expected .*, got "big"$/),
      '6: nodes.a: it is there again, in line 8',
      "7: nodes.a.ports[1]: there is no switch 'lam'; did you mean 'lan'?",
    ]);
  });

  test('the message has the file and the line before each fault', async () => {
    writeFileSync(file, 'nodes:\n  a: 5\n');
    const one = (await readLab(file).catch((error: unknown) => error)) as Error;
    expect(one.message).toBe(`${file}:2: nodes.a: expected an object, got 5`);
    writeFileSync(file, 'nodes:\n  a: 5\n\nx: 1\n');
    const two = (await readLab(file).catch((error: unknown) => error)) as Error;
    expect(two.message).toBe(
      `2 faults:\n  ${file}:2: nodes.a: expected an object, got 5\n  ${file}:4: x: there is no such option`,
    );
  });

  test.each([
    ['nothing', '', 1],
    ['a comment alone', '\n# nothing\n', 1],
    ['a list', '- a\n', 1],
    ['a word', '\n\nhello\n', 3],
    ['null', 'null', 1],
  ])('%s is no definition', async (_, text, line) => {
    expect(await faults(text)).toEqual([`${line}: : expected a definition, like 'nodes: { a: {} }'`]);
  });

  test.each<[string, string, string[]]>([
    ['a tab that indents', 'nodes:\n\ta: {}\n', ['2: : Tabs are not allowed as indentation']],
    [
      'two documents',
      '---\nnodes: {}\n---\nnodes: {}\n',
      ['3: : a second document begins here, and a file has one'],
    ],
    ['a tag', 'nodes:\n  a: !foo {}\n', ['2: : Unresolved tag: !foo']],
    ['a tag of YAML 1.1', 'nodes: !!set {a}\n', ['1: : Unresolved tag: tag:yaml.org,2002:set']],
    [
      'an alias without an anchor',
      'nodes:\n  a: {}\n  b: *x\n',
      ["3: nodes.b: there is no anchor 'x' before it", '3: nodes.b: expected an object, got null'],
    ],
    [
      'an alias of what is around it',
      'nodes: &x\n  a: *x\n',
      ["2: nodes.a: there is no anchor 'x' before it", '2: nodes.a: expected an object, got null'],
    ],
    ['<<', 'nodes:\n  a: &a { ports: [] }\n  b:\n    <<: *a\n', ['4: nodes.b.<<: there is no such option']],
    ['a list as a key', 'nodes:\n  ? [a]\n  : {}\n', ['1: nodes: a key of it is no name']],
    ['yes', 'routing: yes\n', ['1: routing: expected true or false, got "yes"']],
    ['yes of YAML 1.1', '%YAML 1.1\n---\nrouting: yes\n', ['3: routing: expected true or false, got "yes"']],
    [
      'not a number',
      'switches:\n  lan: { mtu: .nan }\n',
      [expect.stringMatching(/^2: switches\.lan\.mtu: .*, got NaN$/) as string],
    ],
  ])('%s is refused', async (_, text, expected) => {
    expect(await faults(text)).toEqual(expected);
  });

  test('all faults of the syntax are reported', async () => {
    const found = await faults('nodes: {\na: ]\nb: [\n');
    expect(found?.length).toBeGreaterThan(2);
    for (const one of found ?? []) expect(one).toMatch(/^[1-4]: : [A-Z]/);
  });

  test('aliases stand for what their anchors do', async () => {
    writeFileSync(
      file,
      `${GOOD}  other: &x\n    ports: [{ switch: lan, addrs: [10.0.0.8/24] }]\nrouters: {}\n`,
    );
    expect((await readLab(file)).nodes?.['other']).toBeDefined();
    const text = 'nodes:\n  a: &a\n    ports:\n      - lam\n  b: *a\n';
    expect(await faults(text)).toEqual([
      "4: nodes.a.ports[0]: there is no switch 'lam'",
      "4: nodes.b.ports[0]: there is no switch 'lam'",
    ]);
  });

  test('names are as they are written', async () => {
    writeFileSync(
      file,
      'nodes:\n  1: {}\n  010: {}\n  no: {}\n  null: {}\n  __proto__: {}\n  constructor: {}\n',
    );
    const { nodes } = await readLab(file);
    expect(Object.keys(nodes ?? {}).sort()).toEqual(['010', '1', '__proto__', 'constructor', 'no', 'null']);
    expect(Object.getPrototypeOf(nodes)).toBe(Object.prototype);
    expect(await faults('__proto__: { name: x }\n')).toEqual(['1: __proto__: there is no such option']);
    expect(await faults('nodes:\n  a:\n    __proto__: { ports: x }\n    toString: 1\n')).toEqual([
      '3: nodes.a.__proto__: there is no such option',
      '4: nodes.a.toString: there is no such option',
    ]);
  });

  test('routes and settings of bridges are checked whole', async () => {
    const text = `nodes:
  a:
    routes:
      - { to: default, via: 10.0.0.999 }
      - to: 10.0.0.0/8
        metric:
  b: { routes: [{ to: default, device: eth0, metric: -1 }] }
switches:
  lan:
    bridge:
      ageingTime: long
`;
    expect(await faults(text)).toEqual([
      expect.stringMatching(/^4: nodes\.a\.routes\[0\]\.via: .*10\.0\.0\.999/),
      '6: nodes.a.routes[1].metric: expected a value, got null',
      expect.stringMatching(/^7: nodes\.b\.routes\[0\]\.metric: .*-1/),
      expect.stringMatching(/^11: switches\.lan\.bridge\.ageingTime: .*"long"/),
    ]);
    expect(await faults('nodes:\n  a:\n    routes:\n    - to: 10.0.0.0/8\n      metric:\n')).toEqual([
      '5: nodes.a.routes[0].metric: expected a value, got null',
    ]);
  });

  test('no text reaches a terminal as it is', async () => {
    writeFileSync(file, 'nodes:\n  "a\\e[31m": 5\n');
    const { message } = (await readLab(file).catch((error: unknown) => error)) as Error;
    expect(message).toContain('nodes.a\\x1b[31m: ');
  });

  describe('what would take long ends soon', () => {
    const soon = 20_000; // milliseconds, on a slow machine

    test.each<[string, string]>([
      ['a hundred thousand lists, one in another', '['.repeat(100_000)],
      ['as many objects', '{a: '.repeat(100_000)],
      ['as many items', '- '.repeat(100_000)],
    ])('%s', async (_, text) => {
      expect(await faults(text)).toEqual(['1: : it is nested more than 50 times']);
    });

    test('a long word that is no path', async () => {
      const word = 'a'.repeat(100);
      expect(await faults(`${word} b: 1\n`)).toEqual([`1: ${word} b: there is no such option`]);
    });

    test('aliases that explode', async () => {
      const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
      const lines = letters.map((letter, i) => {
        const items = Array<string>(10).fill(i === 0 ? 'x' : `*${letters[i - 1]!}`);
        return `${letter}: &${letter} [${items.join(', ')}]`;
      });
      expect(await faults(lines.join('\n'))).toEqual(['1: : its aliases stand for more than 100000 values']);
    });

    test(
      'a file of 1 MB of faults',
      async () => {
        const text = Array.from({ length: 50_000 }, (_, i) => `key${i}: 1\n`).join('');
        expect(await faults(text)).toHaveLength(50_000);
      },
      soon,
    );

    test('a file of 10 MB, and one without an end', async () => {
      const expected = ': : expected a file of at most 1 MB';
      expect(await faults(Buffer.alloc(10_000_000, '#'))).toEqual([expected]);
      await expect(readLab('/dev/zero')).rejects.toThrow('/dev/zero: expected a file of at most 1 MB');
    });
  });

  test('what is no text, no file or no path is refused', async () => {
    expect(await faults(Buffer.from([0x61, 0xff, 0xfe]))).toEqual([': : expected text in UTF-8']);
    await expect(readLab(join(directory, 'nothing'))).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(readLab(directory)).rejects.toMatchObject({ code: 'EISDIR' });
    await expect(readLab(5 as never)).rejects.toThrow('path: expected a string, got 5');
  });
});
