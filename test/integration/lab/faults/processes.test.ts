import { readFileSync } from 'node:fs';
import { createLab, destroyLab, type LabDefinition, type Netns, spawn } from '../../../../lib';
import { closed } from '../../../support/children';
import { failure, run, until } from '../../../support/ip';

const definition = {
  switches: { lan: { subnet: '10.0.0.0/24' } },
  nodes: { 'n{1..2}': { ports: 'lan' } },
} satisfies LabDefinition;

/** A process that counts, and one that it has made. */
function counter(netns: Netns) {
  const child = spawn(netns, 'sh', [
    '-c',
    'sleep 1000 & i=0; while :; do i=$((i+1)); echo $i; sleep 0.01; done',
  ]);
  const ended = closed(child);
  let count = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    count = Number(text.trim().split('\n').at(-1));
  });
  return { child, ended, count: () => count };
}

/** The state letters of the processes in a namespace, as `ps` shows them: T is stopped. */
async function statesIn(netns: Netns): Promise<string[]> {
  const { ino } = netns;
  const list = await run(
    undefined,
    'sh',
    '-c',
    `for p in /proc/[0-9]*; do test "$(readlink $p/ns/net 2>/dev/null)" = "net:[${ino}]" && ps -o state= -p \${p#/proc/}; done; true`,
  );
  return list.split(/\s+/).filter(Boolean).sort();
}

async function killAll({ ino }: Pick<Netns, 'ino'>): Promise<void> {
  await run(
    undefined,
    'sh',
    '-c',
    `for p in /proc/[0-9]*; do test "$(readlink $p/ns/net 2>/dev/null)" = "net:[${ino}]" && kill -9 \${p#/proc/}; done; true`,
  );
}

describe('createLab', () => {
  test('the processes of a node stop, and go on; this one does not', async () => {
    await using lab = await createLab(definition);
    const one = counter(lab.node('n1'));
    const other = counter(lab.node('n2'));
    await until(() => one.count() > 3 && other.count() > 3);
    const pause = await lab.pause('n1');
    expect(new Set(await statesIn(lab.node('n1')))).toEqual(new Set(['T']));
    const [before, beside] = [one.count(), other.count()];
    await until(() => other.count() > beside + 10);
    // what was in the pipe may still come
    expect(one.count()).toBeLessThanOrEqual(before + 2);
    await pause.undo();
    await until(() => one.count() > before + 10);
    expect(await statesIn(lab.node('n1'))).not.toContain('T');
    expect((await lab.kill(['n1', 'n2'])).length).toBeGreaterThanOrEqual(4);
    await Promise.all([one.ended, other.ended]);
    expect([one.child.signalCode, other.child.signalCode]).toEqual(['SIGKILL', 'SIGKILL']);
    expect(await lab.kill(['n1', 'n2'])).toEqual([]);
  });

  test('of pauses that overlap, each ends by itself; what somebody else has stopped stays so', async () => {
    await using lab = await createLab(definition);
    const one = counter(lab.node('n1'));
    await until(() => one.count() > 0);
    const first = await lab.pause('n1');
    const second = await lab.pause(['n1', 'n2']);
    await first.undo();
    expect(new Set(await statesIn(lab.node('n1')))).toEqual(new Set(['T']));
    await second.undo();
    expect(await statesIn(lab.node('n1'))).not.toContain('T');
    process.kill(one.child.pid!, 'SIGSTOP');
    await until(() => /^State:\tT/m.test(readFileSync(`/proc/${one.child.pid!}/status`, 'utf8')));
    await (await lab.pause('n1')).undo();
    expect(await statesIn(lab.node('n1'))).toContain('T');
    await lab.kill('n1');
    await one.ended;
  });

  test('a lab that is destroyed leaves nothing stopped', async () => {
    const lab = await createLab(definition);
    const one = counter(lab.node('n1'));
    await until(() => one.count() > 0);
    await lab.pause('n1');
    const before = one.count();
    const { ino } = lab.node('n1');
    await lab.destroy();
    await until(() => one.count() > before + 3);
    await killAll({ ino });
    await one.ended;
  });

  test('the processes of a node that is removed go on, and those of a lab that is closed', async () => {
    const lab = await createLab(definition);
    const one = counter(lab.node('n1'));
    const other = counter(lab.node('n2'));
    await until(() => one.count() > 0 && other.count() > 0);
    await lab.pause(['n1', 'n2']);
    const [first, second] = [lab.node('n1'), lab.node('n2')];
    const before = one.count();
    await lab.apply({ ...definition, nodes: { n2: { ports: 'lan' } } });
    await until(() => one.count() > before + 10);
    expect(await statesIn(first)).not.toContain('T');
    expect(await statesIn(second)).toContain('T');
    lab.close();
    expect(await statesIn(second)).not.toContain('T');
    for (const netns of [first, second]) await killAll(netns);
    await Promise.all([one.ended, other.ended]);
  });

  test('a process that was killed leaves nothing stopped, once the lab is destroyed', async () => {
    const lab = await createLab({ ...definition, name: 'paused' }, { keep: true });
    const one = counter(lab.node('n1'));
    await until(() => one.count() > 0);
    process.kill(one.child.pid!, 'SIGSTOP');
    await until(() => /^State:\tT/m.test(readFileSync(`/proc/${one.child.pid!}/status`, 'utf8')));
    const before = one.count();
    await destroyLab('paused');
    await until(() => one.count() > before + 10);
    await killAll(lab.node('n1'));
    lab.close();
    await one.ended;
  });

  test('wrong arguments are refused', async () => {
    await using lab = await createLab(definition);
    expect(await failure(lab.pause('n9'))).toMatchObject({ code: 'ERR_LAB_NODE' });
    expect(await failure(lab.kill('n9'))).toMatchObject({ code: 'ERR_LAB_NODE' });
    expect((await failure(lab.kill('n1', 'SIGKIL' as never))).message).toMatch(/did you mean 'SIGKILL'/);
  });
});
