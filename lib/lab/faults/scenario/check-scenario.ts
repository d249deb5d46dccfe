import { inWords } from '../../../common/in-words';
import { checkOptions, listOf, type OptionCheck, optionsOf, optionTable } from '../../../common/options';
import { shown } from '../../../common/shown';
import { didYouMean } from '../../../common/similar-name';
import { Findings, type Place } from '../../findings';
import type { LabCore } from '../../lab-core';
import { checkDown, FLAP_CHECKS } from '../cut';
import { IMPAIR_OPTIONS, isImpairment } from '../impair/impair';
import { isSignalName } from '../pause';
import { areNodes, devicesOf, isTarget, type LabTarget, namesIn, targetWords } from '../targets';
import type { ScenarioFlap, ScenarioImpairment, ScenarioKill, ScenarioStep } from './scenario-step';

const areGroups: OptionCheck = (value, path) => {
  if (!Array.isArray(value) || value.length !== 2)
    throw new TypeError(`${path}: expected two groups of nodes, got ${shown(value)}`);
  listOf(areNodes)(value, path);
};

const FLAP = optionTable<ScenarioFlap>({ target: isTarget, ...FLAP_CHECKS }, ['target', 'every', 'down']);

const isScenarioFlap: OptionCheck = (value, path) => {
  checkOptions(value, FLAP, { path });
  checkDown(value as ScenarioFlap, `${path}.down`);
};

const isScenarioImpairment = optionsOf(
  optionTable<ScenarioImpairment>({ ...IMPAIR_OPTIONS, target: isTarget, options: isImpairment }, [
    'target',
    'options',
  ]),
);

const isKill = optionsOf(optionTable<ScenarioKill>({ nodes: areNodes, signal: isSignalName }, ['nodes']));

const STEP = optionTable<ScenarioStep>(
  {
    at: (value, path) => {
      if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
        throw new RangeError(`${path}: expected milliseconds from 0 on, got ${shown(value)}`);
    },
    partition: areGroups,
    isolate: areNodes,
    cut: isTarget,
    flap: isScenarioFlap,
    impair: isScenarioImpairment,
    pause: areNodes,
    kill: (value, path) => {
      if (typeof value === 'object' && !Array.isArray(value)) isKill(value, path);
      else areNodes(value, path);
    },
    heal: (value, path) => {
      if (value !== true) throw new TypeError(`${path}: expected true, got ${shown(value)}`);
    },
    run: (value, path) => {
      if (typeof value !== 'function')
        throw new TypeError(`${path}: expected a function, got ${shown(value)}`);
    },
  },
  ['at'],
);

const DEEDS = Object.keys(STEP).filter((name) => name !== 'at') as (keyof ScenarioStep)[];

/** The names of what a step does. */
export function deedsOf(step: ScenarioStep): (keyof ScenarioStep)[] {
  return DEEDS.filter((name) => step[name] !== undefined);
}

/**
 * Checks all steps.
 *
 * @throws LabDefinitionError with all that is wrong.
 */
export function checkScenario(steps: unknown, core: LabCore): asserts steps is readonly ScenarioStep[] {
  if (!Array.isArray(steps)) throw new TypeError(`steps: expected a list, got ${shown(steps)}`);
  const findings = new Findings();
  let latest = 0;
  // an empty place of a list is a step that is missing
  Array.from(steps as unknown[]).forEach((step, i) => {
    const place = ['steps', i] as const;
    findings.check(step, STEP, place);
    if (typeof step !== 'object' || step === null || findings.has(place)) return;
    const checked = step as ScenarioStep;
    if (checked.at < latest)
      findings.add([...place, 'at'], `the step before is at ${latest}, so that ${checked.at} comes too late`);
    latest = Math.max(latest, checked.at);
    const deeds = deedsOf(checked);
    if (deeds.length !== 1) {
      const found = deeds.length === 0 ? 'nothing' : inWords(deeds, 'and');
      findings.add(place, `expected one of ${inWords(DEEDS, 'or')}, got ${found}`);
    }
    checkNames(checked, place, core, findings);
  });
  findings.throwIfAny();
}

const asList = (nodes: string | readonly string[]): readonly string[] =>
  typeof nodes === 'string' ? [nodes] : nodes;

function checkNames(step: ScenarioStep, place: Place, core: LabCore, findings: Findings): void {
  const nodes = (names: string | readonly string[] | undefined, ...where: (string | number)[]): void => {
    if (names === undefined) return;
    asList(names).forEach((name, i) => {
      if (core.spaces.nodes.has(name)) return;
      const meant = didYouMean(name, [...core.spaces.nodes.keys()]);
      const at = typeof names === 'string' ? where : [...where, i];
      findings.add([...place, ...at], `there is no node '${name}'${meant}`);
    });
  };
  const target = (one: LabTarget | undefined, ...where: string[]): void => {
    if (one === undefined) return;
    nodes(namesIn(one), ...where);
    if (!findings.has([...place, ...where]) && devicesOf(one, core.things).length === 0)
      findings.add([...place, ...where], `there is no wire of ${targetWords(one)}`);
  };
  const { partition, isolate, cut, flap, impair, pause, kill } = step;
  partition?.forEach((group, i) => nodes(group, 'partition', i));
  const [a, b] = partition ?? [[], []];
  const both = asList(a).find((name) => asList(b).includes(name));
  if (both !== undefined) findings.add([...place, 'partition'], `'${both}' is in both groups`);
  nodes(isolate, 'isolate');
  target(cut, 'cut');
  target(flap?.target, 'flap', 'target');
  target(impair?.target, 'impair', 'target');
  nodes(impair?.to, 'impair', 'to');
  nodes(pause, 'pause');
  if (typeof kill === 'object' && 'nodes' in kill) nodes(kill.nodes, 'kill', 'nodes');
  else nodes(kill, 'kill');
}
