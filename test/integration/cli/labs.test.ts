import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLab, createNetns, destroyLab, planLab, readLab } from '../../../lib';
import { CLI, rtnetns } from '../../support/cli';
import { printable } from '../../../lib/common/printable';
import { typeAt } from '../../support/typist';
import { names } from '../../support/ip';

const EXAMPLE = 'examples/lab.yaml';

/** Standard output by lines. */
function lines({ stdout, stderr, status }: ReturnType<typeof rtnetns>, expected = 0): string[] {
  expect({ status, stderr }).toEqual({ status: expected, stderr: '' });
  return stdout.split('\n').filter(Boolean);
}

describe('rtnetns up', () => {
  const directory = mkdtempSync(join(tmpdir(), 'rtnetns-labs-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  const write = (name: string, text: string): string => {
    const file = join(directory, name);
    writeFileSync(file, text);
    return file;
  };

  test('the example is made once, is what it says, and goes', async () => {
    const planned = lines(rtnetns('plan', EXAMPLE), 1);
    expect(planned).toContain('+ port eth1 of r1 on dmz');
    expect(await names()).toEqual([]);
    expect(lines(rtnetns('up', EXAMPLE))).toEqual(planned);
    expect((await names()).sort()).toEqual(['shop', 'shop.db', 'shop.r1', 'shop.web1', 'shop.web2']);
    expect(rtnetns('ping', 'shop.web1', '10.0.2.10', '-c', '5').status).toBe(0);
    expect(lines(rtnetns('plan', EXAMPLE))).toEqual([]);
    expect(lines(rtnetns('up', EXAMPLE))).toEqual([]);
    expect(lines(rtnetns('labs'))).toEqual(['NAME  NODES  OWNER', 'shop  4      none']);
    expect(lines(rtnetns('sweep'))).toEqual([]);
    expect(lines(rtnetns('down', EXAMPLE))).toEqual([]);
    expect(await names()).toEqual([]);
  });

  test('a file that has changed changes what differs', () => {
    const file = write('two.yaml', 'switches: { lan: {} }\nnodes:\n  a: { ports: lan }\n');
    lines(rtnetns('up', file));
    write('two.yaml', 'switches: { lan: { mtu: 1400 } }\nnodes:\n  a: { ports: lan }\n  b: {}\n');
    const expected = ['~ port eth0 of a on lan: mtu 1500 → 1400', '+ node b'];
    const planned = lines(rtnetns('plan', file), 1);
    for (const line of expected) expect(planned).toContain(line);
    expect(lines(rtnetns('up', file))).toEqual(planned);
    expect(lines(rtnetns('plan', file))).toEqual([]);
    lines(rtnetns('down', 'two'));
  });

  test('a name that is given comes before that of the file, and JSON is the same', async () => {
    const file = write('my lab.json', JSON.stringify({ name: 'one', nodes: { a: {} } }));
    const step = { action: 'create', kind: 'node', title: 'node a' };
    for (const [name, flags] of [
      ['one', []],
      ['other', ['--name', 'other']],
    ] as const) {
      const { status, stdout } = rtnetns('plan', file, '--json', ...flags);
      expect([status, JSON.parse(stdout)]).toEqual([1, { name, steps: [step] }]);
      expect(JSON.parse(rtnetns('up', file, '--json', ...flags).stdout)).toEqual({ name, steps: [step] });
      expect(JSON.parse(rtnetns('up', file, '--json', ...flags).stdout)).toEqual({ name, steps: [] });
    }
    const labs = JSON.parse(rtnetns('labs', '--json').stdout) as unknown;
    expect(labs).toEqual([
      { name: 'one', nodes: ['a'], owner: 'none' },
      { name: 'other', nodes: ['a'], owner: 'none' },
    ]);
    lines(rtnetns('down', file));
    lines(rtnetns('down', 'other'));
    expect(await names()).toEqual([]);
  });

  test('of a wrong file all faults are printed with their lines, and nothing is made', async () => {
    const file = write('wrong.yaml', "switchs: {}\nnodes:\n  a: { ports: lan }\n  'b\u001b': 5\n");
    for (const command of ['up', 'plan', 'down']) {
      const { status, stdout, stderr } = rtnetns(command, file);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr.split('\n')).toEqual([
        `rtnetns: ${file}:1: switchs: there is no such option; did you mean 'switches'?`,
        `rtnetns: ${file}:3: nodes.a.ports: there is no switch 'lan'`,
        `rtnetns: ${file}:4: nodes.b\\x1b: expected an object, got 5`,
        `rtnetns: ${file}:4: nodes.b\\x1b: expected a name of letters, digits, '-' and '_'`,
        '',
      ]);
    }
    expect(await names()).toEqual([]);
  });

  test('a name that can be none is refused', () => {
    const file = write('my lab.yaml', 'nodes: { a: {} }\n');
    const expected = /^rtnetns: (--)?name: expected at most 64 letters, digits, '-' and '_', got "[^\n]*"\n$/;
    for (const args of [[file], [write('lab.yaml', 'nodes: { a: {} }\n'), '--name', 'a.b']]) {
      for (const command of ['up', 'plan']) {
        expect(rtnetns(command, ...args)).toMatchObject({
          status: 2,
          stdout: '',
          stderr: expect.stringMatching(expected) as string,
        });
      }
    }
  });

  test('a lab with processes is planned, and not made', async () => {
    const file = write('run.yaml', 'nodes:\n  a: { run: { command: [sleep, "60"] } }\n');
    expect(lines(rtnetns('plan', file), 1)).toEqual(['+ node a', '+ process a']);
    const { status, stderr } = rtnetns('up', file);
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining('process a: this command ends before the lab does'),
    ]);
    expect(await names()).toEqual([]);
  });

  test('a namespace of the name that is no lab is left alone', async () => {
    await using red = await createNetns('red');
    const file = write('red.yaml', 'nodes: { a: {} }\n');
    expect(rtnetns('up', file)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^rtnetns: EEXIST: [^\n]*red[^\n]*\n$/) as string,
    });
    const { status, stderr } = rtnetns('down', 'red');
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^rtnetns: ERR_LAB_MISSING: [^\n]*\n$/) as string,
    });
    expect(await names()).toEqual([red.name]);
  });

  test('a bar at a terminal shows how far it is, and is gone at the end', () => {
    const file = write('many.json', JSON.stringify({ nodes: { 'n{1..200}': {} } }));
    const { status, stdout } = typeAt([], [process.execPath, CLI, 'up', file], process.env);
    expect(printable(stdout)).toMatch(/^\\x0d\[#*-*\] \d+ of 200 steps\\x1b\[K/);
    expect(printable(stdout).split('\\x0d\\x1b[K')[1]).toContain('+ node n1\\x1b');
    expect(status).toBe(0);
    lines(rtnetns('down', file));
  });

  test('draw prints a lab by its name or its file, and any namespaces', () => {
    lines(rtnetns('up', EXAMPLE));
    const drawn = lines(rtnetns('draw', EXAMPLE));
    expect(drawn).toContain('  eth0 10.0.1.2/24 on lan');
    expect(lines(rtnetns('draw', 'shop'))).toEqual(drawn);
    expect(rtnetns('draw', 'shop', '--format', 'mermaid').stdout).toMatch(/^(graph|flowchart) /);
    const two = lines(rtnetns('draw', 'shop.web1', 'shop.web2'));
    expect(two.filter((line) => line.startsWith('node '))).toEqual(['node shop.web1', 'node shop.web2']);
    lines(rtnetns('down', EXAMPLE));
  });

  test('sweep destroys the labs of processes that are dead, and no other', async () => {
    const program = `require('./dist').createLab({ name: 'dead', nodes: { a: {} } })
      .then(() => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', program]);
    await using lab = await createLab({ name: 'alive' });
    expect(lines(rtnetns('labs'))).toEqual([
      'NAME   NODES  OWNER',
      'alive  0      alive',
      'dead   1      dead',
    ]);
    expect(JSON.parse(rtnetns('sweep', '--json').stdout)).toEqual(['dead']);
    expect(await names()).toEqual([lab.name]);
  });

  test('planLab says what createLab would do, with and without a name', async () => {
    const definition = await readLab(EXAMPLE);
    const { name: _, ...unnamed } = definition;
    const plan = await planLab(unnamed);
    expect(String(plan)).toBe(String(await planLab(definition)));
    expect(await names()).toEqual([]);
    (await createLab(definition, { keep: true })).close();
    expect((await planLab(definition)).empty).toBe(true);
    const nodes = { ...definition.nodes, more: {} };
    expect(String(await planLab({ ...definition, nodes }))).toBe('+ node more');
    await destroyLab('shop');
  });

  test('the example has the schema for editors', () => {
    expect(readFileSync(EXAMPLE, 'utf8')).toMatch(
      /^# yaml-language-server: \$schema=node_modules\/rtnetns\/lab\.schema\.json\n/,
    );
  });
});
