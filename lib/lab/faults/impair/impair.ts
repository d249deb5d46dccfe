import { inWords } from '../../../common/in-words';
import { oneOf, type OptionCheck, optionTable } from '../../../common/options';
import { checkImpairment, type ImpairmentOptions } from '../../../traffic/impairment';
import { endKey } from '../../addresses';
import type { LabCore } from '../../lab-core';
import type { Step } from '../../plan';
import type { FaultWork } from '../fault';
import { newFaultId } from '../fault-tables';
import { areNodes, type LabTarget, nodesOf, targetWords } from '../targets';
import type { Wire } from '../wire';
import { wiresOf } from '../wires';
import type { Layer } from './impairments';
import type { ShapedEnd } from './without-netem';

/** Which packets of a target are impaired. */
export interface ImpairOptions {
  /** 'both' (default); 'out': what the target sends; 'in': what it receives. */
  direction?: 'both' | 'out' | 'in';
  /** Only packets to, or from, this node or these. */
  to?: string | readonly string[];
}

export const IMPAIR_OPTIONS = optionTable<ImpairOptions>({
  direction: oneOf(['both', 'out', 'in']),
  to: areNodes,
});

/** As `setImpairment` takes it. */
export const isImpairment: OptionCheck = (value, path) => {
  checkImpairment(value as ImpairmentOptions, path);
};

/** What a target sends, receives, or both is impaired. */
export async function impairmentOf(
  target: LabTarget,
  options: ImpairmentOptions,
  { direction = 'both', to }: ImpairOptions,
  core: LabCore,
): Promise<FaultWork> {
  const peers = to === undefined ? undefined : nodesOf(to, core.spaces);
  const title = [
    `impairment of ${targetWords(target)}`,
    ...(peers === undefined ? [] : [`to ${inWords(peers)}`]),
    ...(direction === 'both' ? [] : [`(${direction})`]),
  ].join(' ');
  const wires = await wiresOf(target, core, title);
  const holder = newFaultId('impair');
  const ends = wires.flatMap((wire) => endsOf(wire, { holder, options }, direction, peers));
  const all = ends.map(([{ end }]) => end);
  return {
    ...{ kind: 'impair', title, details: { target, options, direction, ...(peers && { to: peers }) } },
    begin: async () => core.impairments.lay(ends),
    end: async () => core.impairments.lift(all, [holder]),
    follow: async (steps) => {
      if (isOver(wires, steps, peers === undefined)) return 'over';
      if (steps.length > 0) await core.impairments.renew(all);
      return undefined;
    },
  };
}

function endsOf(
  { inner, outer }: Wire,
  layer: Omit<Layer, 'peers'>,
  direction: NonNullable<ImpairOptions['direction']>,
  nodes: readonly string[] | undefined,
): (readonly [ShapedEnd, Layer])[] {
  const of = (side: 'from' | 'to'): Layer =>
    nodes === undefined ? layer : { ...layer, peers: { nodes, side } };
  return [
    ...(direction === 'in' ? [] : [[{ end: inner, opposite: outer }, of('to')] as const]),
    ...(direction === 'out' ? [] : [[{ end: outer, opposite: inner }, of('from')] as const]),
  ];
}

/** Whether steps have put a device in the place of one of these, or its impairment in the place of the fault's. */
function isOver(wires: readonly Wire[], steps: readonly Step[], whole: boolean): boolean {
  const keys = new Set(
    wires.flatMap(({ inner, outer }) => [
      endKey(inner),
      endKey({ node: outer.node ?? '', device: outer.device }),
    ]),
  );
  return steps.some(({ action, before, after }) =>
    [before, after].some((thing) => {
      if (thing?.kind === 'impairment') return whole && keys.has(endKey(thing));
      if (action === 'change') return false;
      if (thing?.kind === 'port') return keys.has(endKey(thing));
      return thing?.kind === 'link' && thing.ends.some((end) => keys.has(endKey(end)));
    }),
  );
}
