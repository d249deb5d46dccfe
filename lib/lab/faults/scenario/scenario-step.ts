import { isSignal, optionTable, trueOrFalse } from '../../../common/options';
import type { ImpairmentOptions } from '../../../traffic/impairment';
import type { FlapOptions } from '../cut';
import type { ImpairOptions } from '../impair/impair';
import type { LabTarget } from '../targets';

/** What a scenario does at a time: one thing. */
export interface ScenarioStep<L = unknown> {
  /** Milliseconds from the beginning of the scenario. */
  at: number;
  /** The two groups, as `partition` takes them. */
  partition?: readonly [string | readonly string[], string | readonly string[]];
  /** The nodes, as `isolate` takes them. */
  isolate?: string | readonly string[];
  /** As `cut` takes it. */
  cut?: LabTarget;
  /** As `flap` takes it. */
  flap?: ScenarioFlap;
  /** As `impair` takes it. */
  impair?: ScenarioImpairment;
  /** The nodes, as `pause` takes them. */
  pause?: string | readonly string[];
  /** The nodes whose processes are killed, maybe with a signal. */
  kill?: string | readonly string[] | ScenarioKill;
  /** All faults of the lab are ended. */
  heal?: true;
  /** Anything else. The steps that follow wait for it. */
  run?: (lab: L) => unknown;
}

/** A wire that flaps. */
export interface ScenarioFlap extends FlapOptions {
  target: LabTarget;
}

/** An impairment. */
export interface ScenarioImpairment extends ImpairOptions {
  target: LabTarget;
  options: ImpairmentOptions;
}

/** A signal to the processes of nodes. */
export interface ScenarioKill {
  nodes: string | readonly string[];
  /** 'SIGKILL' by default. */
  signal?: NodeJS.Signals;
}

/** How a scenario is run. */
export interface ScenarioOptions {
  /** Ends the scenario: its faults are undone. */
  signal?: AbortSignal;
  /** true: the faults that are there at the end stay. After a failure they are undone in any case. */
  keep?: boolean;
}

export const SCENARIO_OPTIONS = optionTable<ScenarioOptions>({ signal: isSignal, keep: trueOrFalse });
