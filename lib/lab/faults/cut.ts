import { performance } from 'node:perf_hooks';
import { checkOptions, integerFrom, optionTable } from '../../common/options';
import { endKey } from '../addresses';
import type { LabCore } from '../lab-core';
import type { Step } from '../plan';
import type { FaultWork } from './fault';
import { newFaultId } from './fault-tables';
import { type LabTarget, targetWords } from './targets';
import type { Wire } from './wire';
import { wiresOf } from './wires';

/** How a wire flaps. */
export interface FlapOptions {
  /** Milliseconds from one fall to the next. */
  every: number;
  /** Milliseconds that it is down each time. */
  down: number;
}

/** What a flap is given, each by itself. */
export const FLAP_CHECKS = { every: integerFrom(2, 0x7fffffff), down: integerFrom(1, 0x7fffffff) } as const;

const FLAP = optionTable<FlapOptions>(FLAP_CHECKS, ['every', 'down']);

export function checkFlap(options: FlapOptions): void {
  checkOptions(options, FLAP);
  checkDown(options, 'down');
}

export function checkDown({ every, down }: FlapOptions, path: string): void {
  if (down >= every)
    throw new RangeError(`${path}: expected less than 'every', which is ${every}, got ${down}`);
}

/** The wires of a target are pulled out. */
export async function cutOf(target: LabTarget, core: LabCore): Promise<FaultWork> {
  const title = `cut of ${targetWords(target)}`;
  const wires = await wiresOf(target, core, title);
  const id = newFaultId('cut');
  return {
    ...{ kind: 'cut', title, details: { target } },
    begin: async () => core.pulled.pull(wires, id),
    end: async () => core.pulled.plug(wires, id),
    follow: async (steps) => Promise.resolve(areTouched(wires, steps) ? 'over' : undefined),
  };
}

/** The wires of a target are pulled out and plugged in, again and again. The times are those from the beginning, so that none adds up. */
export async function flapOf(
  target: LabTarget,
  { every, down }: FlapOptions,
  core: LabCore,
): Promise<FaultWork> {
  const title = `flapping of ${targetWords(target)}`;
  const wires = await wiresOf(target, core, title);
  const id = newFaultId('flap');
  let timer: NodeJS.Timeout | undefined;
  let begun = 0;
  let isDown = false;
  const stop = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  const set = async (wanted: boolean): Promise<void> => {
    if (wanted === isDown) return;
    isDown = wanted;
    await (wanted ? core.pulled.pull(wires, id) : core.pulled.plug(wires, id));
  };
  const next = (): void => {
    const phase = (performance.now() - begun) % every;
    timer = setTimeout(tick, (phase < down ? down : every) - phase).unref();
  };
  const tick = (): void => {
    const turn = core.inTurn(title, async () => {
      if (timer !== undefined) await set((performance.now() - begun) % every < down);
    });
    turn.then(
      () => {
        if (timer !== undefined) next();
      },
      (error: unknown) => {
        stop();
        if (!core.closed) core.record.happened('failure', title, { error });
      },
    );
  };
  return {
    ...{ kind: 'flap', title, details: { target, every, down } },
    begin: async () => {
      begun = performance.now();
      await set(true);
      next();
    },
    end: async () => {
      stop();
      await set(false);
    },
    follow: async (steps) => Promise.resolve(areTouched(wires, steps) ? 'over' : undefined),
    stop,
  };
}

/** Whether steps have changed one of the wires, and so have set it up, or have deleted it. */
function areTouched(wires: readonly Wire[], steps: readonly Step[]): boolean {
  const keys = new Set(
    wires.flatMap(({ inner, outer }) => [endKey(inner), endKey({ ...outer, node: outer.node ?? '' })]),
  );
  return steps.some(({ before, after }) =>
    [before, after].some((thing) => {
      if (thing?.kind === 'port') return keys.has(endKey(thing));
      return thing?.kind === 'link' && thing.ends.some((end) => keys.has(endKey(end)));
    }),
  );
}
