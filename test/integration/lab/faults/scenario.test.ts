import { createLab, type LabDefinition, LabDefinitionError, type ScenarioStep } from '../../../../lib';
import { failure } from '../../../support/ip';
import { nftJson } from '../../../support/nft';
import { reaches } from '../../../support/reach';

const definition = {
  switches: { lan: { subnet: '10.0.0.0/24' } },
  nodes: { 'n{1..3}': { ports: 'lan' } },
} satisfies LabDefinition;

describe('createLab', () => {
  test('steps are done at their times, and what they break is mended at the end', async () => {
    await using lab = await createLab(definition);
    const seen: boolean[] = [];
    const look = async () => seen.push(await reaches(lab, 'n1', lab.addr('n2')));
    await lab.scenario([
      { at: 0, run: look },
      { at: 300, partition: ['n1', ['n2', 'n3']] },
      {
        at: 320,
        run: async (given) => {
          expect(given).toBe(lab);
          await look();
        },
      },
      { at: 1000, heal: true },
      { at: 1000, run: look },
      { at: 1200, isolate: 'n1' },
      { at: 1200, cut: 'n2' },
      { at: 1220, flap: { target: 'n3', every: 50, down: 20 } },
      { at: 1240, impair: { target: 'n3', options: { loss: 5 }, direction: 'out' } },
      { at: 1260, pause: ['n1'] },
      { at: 1280, kill: { nodes: 'n1', signal: 'SIGTERM' } },
    ]);
    expect(seen).toEqual([true, false, true]);
    expect(lab.faults).toEqual([]);
    for (const netns of [lab.switches, ...lab.nodes.values()]) expect(await nftJson(netns)).toEqual([]);
    expect(await reaches(lab, 'n1', lab.addr('n2'))).toBe(true);
    const steps = lab.record.entries.filter(({ kind }) => kind === 'step');
    expect(steps).toHaveLength(11);
    const begin = lab.record.entries.find(({ kind }) => kind === 'scenario')!.time;
    for (const { time, at } of steps) expect(time - begin).toBeGreaterThanOrEqual((at as number) - 1);
    expect(lab.record.entries.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining([
        'partition',
        'heal',
        'isolate',
        'cut',
        'flap',
        'impair',
        'pause',
        'kill',
        'undo',
      ]),
    );
  });

  test('what is wrong is reported all at once, before anything is done', async () => {
    await using lab = await createLab(definition);
    const steps = [
      { at: 10, run: () => undefined },
      { at: 5, partition: [['n1'], ['n9', 'n1']] },
      { at: -1, heal: true },
      { at: 20 },
      { at: 20, heal: true, cut: 'n1' },
      { at: 20, parttion: [['n1'], ['n2']] },
      { at: 20, flap: { target: ['n1', 'n2'], every: 10, down: 5 } },
      { at: 20, flap: { target: 'n1', every: 10, down: 50 } },
      { at: 20, impair: { target: 'n1', options: { loss: 500 } } },
      { at: 20, impair: { target: 'n1', options: { loss: 5 }, to: ['n2', 'n7'] } },
      { at: 20, kill: { nodes: 'n1', signal: 'SIGNAL' } },
    ];
    const error = await failure(lab.scenario(steps as never));
    if (!(error instanceof LabDefinitionError)) throw error;
    expect(error.findings.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'steps[1].at: the step before is at 10, so that 5 comes too late',
      "steps[1].partition[1][0]: there is no node 'n9'; did you mean 'n1'?",
      "steps[1].partition: 'n1' is in both groups",
      'steps[2].at: expected milliseconds from 0 on, got -1',
      expect.stringMatching(/^steps\[3\]: expected one of partition, isolate, .* or run, got nothing$/),
      expect.stringMatching(/^steps\[4\]: expected one of .*, got cut and heal$/),
      "steps[5].parttion: there is no such option; did you mean 'partition'?",
      'steps[6].flap.target: there is no wire of the wire from n1 to n2',
      "steps[7].flap.down: expected less than 'every', which is 10, got 50",
      'steps[8].impair.options.loss: expected percent from 0 to 100, got 500',
      "steps[9].impair.to[1]: there is no node 'n7'; did you mean 'n1'?",
      expect.stringMatching(/^steps\[10\]\.kill\.signal: expected one of /),
    ]);
    expect(lab.record.entries.map(({ kind }) => kind)).toEqual(['create']);
  });

  test('a step that fails, and a signal, end the scenario, and what it has broken is mended', async () => {
    await using lab = await createLab(definition);
    await using before = await lab.isolate('n3');
    const wrong = new Error('wrong');
    const broken: ScenarioStep[] = [
      { at: 0, partition: ['n1', 'n2'] },
      {
        at: 0,
        run: () => {
          throw wrong;
        },
      },
      { at: 0, cut: 'n1' },
    ];
    expect(await failure(lab.scenario(broken))).toBe(wrong);
    expect(lab.faults).toEqual([before]);
    const controller = new AbortController();
    const endless: ScenarioStep[] = [
      { at: 0, partition: ['n1', 'n2'] },
      { at: 0, run: () => setImmediate(() => controller.abort(wrong)) },
      { at: 1_000_000, heal: true },
    ];
    expect(await failure(lab.scenario(endless, { signal: controller.signal }))).toBe(wrong);
    expect(lab.faults).toEqual([before]);
    expect(await reaches(lab, 'n1', lab.addr('n2'))).toBe(true);
    await lab.scenario([{ at: 0, partition: ['n1', 'n2'] }], { keep: true });
    expect(lab.faults.map(({ title }) => title)).toEqual(['isolation of n3', 'partition of n1 from n2']);
  });

  test.each(['destroy', 'close'] as const)('it ends with its lab: %s', async (how) => {
    const lab = await createLab(definition);
    const steps = [
      { at: 0, cut: 'n1' },
      { at: 1_000_000, heal: true },
    ] as const;
    const failed = failure(lab.scenario(steps));
    for await (const { kind } of lab.record) if (kind === 'cut') break;
    await lab[how]();
    expect(await failed).toMatchObject({ code: 'ERR_LAB_CLOSED', operation: 'scenario' });
  });

  test('a fault that cannot be undone does not keep the others', async () => {
    await using lab = await createLab(definition);
    const refuse = new Error('no');
    const run = (): void => {
      const [first, last] = lab.faults;
      expect(first?.kind).toBe('partition');
      last!.undo = async () => Promise.reject(refuse);
    };
    const steps: ScenarioStep[] = [
      { at: 0, partition: ['n1', 'n2'] },
      { at: 0, isolate: 'n3' },
      { at: 0, run },
    ];
    expect(await failure(lab.scenario(steps))).toBe(refuse);
    expect(lab.faults.map(({ kind }) => kind)).toEqual(['isolate']);
  });
});
