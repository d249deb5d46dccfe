import { checkObject, checkOptions, isText, optionTable, trueOrFalse } from '../common/options';
import { randomBetween } from '../common/random';
import { takingBack } from '../common/take-back';
import { createLab, destroyLab, type Lab, type LabDefinition } from '..';
import { writeArtefacts } from './artefacts';
import type { CurrentTest } from './current-test';
import { useFixture } from './fixtures';
import { hooksFound } from './hooks';
import { recordPackets, type Recording } from './recording';
import { USE_OPTIONS, type UseOptions } from './use';

/** For which tests a lab is created, and what is kept of it where a test fails. */
export interface UseLabOptions extends UseOptions {
  /**
   * The directory in which each test that fails gets a folder of its own, with the lab's picture, the findings of `doctor` and, with
   * `capture`, the packets. By default it is $RTNETNS_ARTEFACTS, and without that nothing is written.
   */
  artefacts?: string;
  /** true: where there is a directory for artefacts, the latest 4 MiB of packets of each device are kept until the test has passed. */
  capture?: boolean;
}

const OPTIONS = optionTable<UseLabOptions>({ ...USE_OPTIONS, artefacts: isText, capture: trueOrFalse });

/**
 * Creates a lab before each test of a file or of a suite, and destroys it after the test, whatever became of it.
 *
 * A lab without a name meets no other, also where files run in parallel. To the name of a definition that has one is added what differs each
 * time: 'shop-k3x9'.
 *
 * @param definition as `createLab` takes it, or a function that returns one: `() => readLab('lab.yaml')`.
 * @returns a function that returns the lab of the test that runs.
 * @throws LabError ERR_LAB_FIXTURE in a test that runs at the same time as others of the file; TypeError for wrong options, and where the
 * runner's hooks are neither given nor global.
 * @example
 * ```ts
 * const lab = useLab({ nodes: { a: {}, b: {} }, links: [{ ends: ['a', 'b'] }] });
 * test('b answers', async () => {
 *   assert.equal((await ping(lab().node('a'), lab().addr('b'))).received, 1);
 * });
 * ```
 */
export function useLab(
  definition: LabDefinition | (() => LabDefinition | Promise<LabDefinition>),
  options: UseLabOptions = {},
): () => Lab {
  if (typeof definition !== 'function') checkObject(definition, 'definition');
  checkOptions(options, OPTIONS);
  const { per = 'test', runner = hooksFound() } = options;
  const { artefacts = process.env['RTNETNS_ARTEFACTS'] || undefined, capture = false } = options;
  const record = async (lab: Lab) => (capture && artefacts !== undefined ? recordPackets(lab) : undefined);
  const fixture = {
    title: 'a lab',
    create: async () => {
      const lab = await createLab(
        withOwnName(typeof definition === 'function' ? await definition() : definition),
      );
      try {
        return { lab, recording: await record(lab) };
      } catch (error) {
        return takingBack(error, async () => lab.destroy());
      }
    },
    tested: async (used: Used, test: CurrentTest) => {
      if (!test.failed || artefacts === undefined) {
        used.recording?.clear();
        return;
      }
      const { lab, recording } = used;
      used.recording = undefined;
      await writeArtefacts(artefacts, test, lab, recording);
      if (per === 'file' && lab.switches.open) used.recording = await record(lab);
    },
    end: async ({ lab, recording }: Used) => {
      await recording?.finish();
      await lab.destroy();
      // one that the test has closed is there still
      if (lab.name !== undefined) await destroyLab(lab.name, { ifMissing: 'ignore' });
    },
  };
  const found = useFixture(fixture, per, runner);
  return () => found().lab;
}

interface Used {
  lab: Lab;
  recording: Recording | undefined;
}

const DIGITS = 36;

/** With a name that no other lab has. */
function withOwnName(definition: LabDefinition): LabDefinition {
  const { name } = definition;
  if (typeof name !== 'string') return definition;
  return { ...definition, name: `${name}-${randomBetween(DIGITS ** 5, DIGITS ** 6).toString(DIGITS)}` };
}
