import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { oneByOne } from '../../../common/one-by-one';
import { takingBack } from '../../../common/take-back';
import type { ImpairmentOptions } from '../../../traffic/impairment';
import type { FlapOptions } from '../cut';
import type { LabFault } from '../fault';
import type { LabCore } from '../../lab-core';
import type { Faults } from '../faults';
import type { ImpairOptions } from '../impair/impair';
import type { LabTarget } from '../targets';
import { checkScenario, deedsOf } from './check-scenario';
import type { ScenarioKill, ScenarioOptions, ScenarioStep } from './scenario-step';

type Nodes = string | readonly string[];

/** The methods of a lab by which a scenario breaks it and mends it. */
interface Breakable {
  partition(groupA: Nodes, groupB: Nodes): Promise<LabFault>;
  isolate(nodes: Nodes): Promise<LabFault>;
  cut(target: LabTarget): Promise<LabFault>;
  flap(target: LabTarget, options: FlapOptions): Promise<LabFault>;
  impair(target: LabTarget, impairment: ImpairmentOptions, options?: ImpairOptions): Promise<LabFault>;
  pause(nodes: Nodes): Promise<LabFault>;
  kill(nodes: Nodes, signal?: NodeJS.Signals): Promise<number[]>;
  heal(): Promise<void>;
}

type Deed = Exclude<keyof ScenarioStep, 'at'>;

/** What each deed does, by the method of its name. A fault that it returns is the scenario's to undo. */
const DEEDS: {
  readonly [K in Deed]: (
    value: NonNullable<ScenarioStep[K]>,
    lab: Breakable,
  ) => Promise<LabFault | undefined>;
} = {
  partition: async ([a, b], lab) => lab.partition(a, b),
  isolate: async (nodes, lab) => lab.isolate(nodes),
  cut: async (target, lab) => lab.cut(target),
  flap: async ({ target, ...options }, lab) => lab.flap(target, options),
  impair: async ({ target, options, ...how }, lab) => lab.impair(target, options, how),
  pause: async (nodes, lab) => lab.pause(nodes),
  kill: async (what, lab) => {
    const { nodes, signal } = isKill(what) ? what : { nodes: what, signal: undefined };
    await lab.kill(nodes, signal);
    return undefined;
  },
  heal: async (_, lab) => {
    await lab.heal();
    return undefined;
  },
  run: async (work, lab) => {
    await work(lab);
    return undefined;
  },
};

function isKill(what: NonNullable<ScenarioStep['kill']>): what is ScenarioKill {
  return typeof what === 'object' && 'nodes' in what;
}

/** Does the steps at their times, and then undoes what they have broken. */
export async function runScenario<L extends Breakable>(
  lab: L,
  steps: readonly ScenarioStep<L>[],
  { signal, keep = false }: ScenarioOptions,
  { core }: Faults,
): Promise<void> {
  checkScenario(steps, core);
  signal?.throwIfAborted();
  const made: LabFault[] = [];
  // one that cannot be ended does not keep the others
  const undoing = () => made.reverse().map((fault) => async () => fault.undo());
  const { record } = core;
  record.happened('scenario', 'begin a scenario', { steps: steps.length });
  const begun = performance.now();
  try {
    for (const [i, step] of steps.entries()) {
      // each time is from the beginning, so that what is late does not add up
      await waitUntil(begun + step.at, core, signal);
      const [deed] = deedsOf(step) as Deed[];
      if (deed === undefined) continue;
      record.happened('step', `step ${i}: ${deed}`, { step: i, at: step.at });
      const act = DEEDS[deed] as (value: unknown, on: L) => Promise<LabFault | undefined>;
      const fault = await act(step[deed], lab);
      if (fault !== undefined) made.push(fault);
    }
  } catch (error) {
    record.happened('failure', 'end the scenario', { error });
    await takingBack(error, ...undoing());
  }
  if (!keep) await oneByOne(undoing());
  record.happened('scenario', 'end the scenario');
}

/** @throws the signal's reason, or ERR_LAB_CLOSED where the lab is closed or destroyed meanwhile. */
async function waitUntil(time: number, core: LabCore, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const { closing } = core.spaces.switches;
  const ends = AbortSignal.any([closing, ...(signal === undefined ? [] : [signal])]);
  for (let left = time - performance.now(); left > 0; left = time - performance.now()) {
    // a timer of node's may come a part of a millisecond too early, and takes at most 2^31-1
    await wait(Math.min(Math.ceil(left), 0x7fffffff), undefined, { signal: ends }).catch((error: unknown) => {
      signal?.throwIfAborted();
      if (!closing.aborted) throw error;
      throw core.error('ERR_LAB_CLOSED', 'scenario', 'it was closed or destroyed meanwhile');
    });
  }
}
