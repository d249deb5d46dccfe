import { allDone } from '../../common/all-done';
import { inWords } from '../../common/in-words';
import type { Netns } from '../../netns/netns';
import * as nft from '../../nft';
import type { LabCore } from '../lab-core';
import type { FaultWork } from './fault';
import { dropFault, type FaultRules, newFaultId, putFault } from './fault-tables';
import { devicesOf, nodesOf } from './targets';
import { wiresOf } from './wires';

/**
 * Nothing but what goes by lo passes. What comes is dropped where it comes in; what leaves by a wire is dropped at the wire's other end, so that
 * a program that sends UDP does not see it (EPERM).
 */
export function isolationOf(nodes: string | readonly string[], core: LabCore): FaultWork {
  const names = nodesOf(nodes, core.spaces);
  const id = newFaultId('isolate');
  const places = new Set<Netns>();
  const put = async (): Promise<void> => {
    const there = names.filter((node) => core.spaces.nodes.has(node));
    const rules = joined((await allDone(there.map(async (node) => rulesOf(node, core)))).flat());
    for (const { netns } of rules) places.add(netns);
    await putFault(id, rules);
  };
  const title = `isolation of ${inWords(names)}`;
  return {
    ...{ kind: 'isolate', title, details: { nodes: names } },
    begin: put,
    end: async () => dropFault(id, places),
    // devices may have come
    follow: async (steps) => {
      if (steps.length > 0) await put();
      return undefined;
    },
  };
}

async function rulesOf(node: string, core: LabCore): Promise<FaultRules[]> {
  const netns = core.spaces.node(node);
  const devices = devicesOf(node, core.things).map(({ device }) => device);
  const wires = devices.length === 0 ? [] : await wiresOf(node, core, `isolate ${node}`);
  const isOther = ['lo', ...devices].map((device) => nft.match(nft.meta.oifname, nft.not(device)));
  return [
    {
      netns,
      sets: [],
      chains: [
        {
          role: 'in',
          hook: 'prerouting',
          rules: [{ statements: [nft.match(nft.meta.iifname, nft.not('lo')), nft.drop()] }],
        },
        // by devices that somebody else has made
        { role: 'out', hook: 'output', rules: [{ statements: [...isOther, nft.drop()] }] },
      ],
    },
    ...wires.map(({ outer }, i) => ({
      netns: outer.netns,
      sets: [],
      chains: [
        { role: `${node}-${i}`, hook: { device: outer.device }, rules: [{ statements: [nft.drop()] }] },
      ],
    })),
  ];
}

/** One of each namespace, because it is one transaction. */
function joined(rules: readonly FaultRules[]): FaultRules[] {
  const all = new Map<Netns, FaultRules>();
  for (const one of rules) {
    const { sets = [], chains = [] } = all.get(one.netns) ?? {};
    all.set(one.netns, { ...one, sets: [...sets, ...one.sets], chains: [...chains, ...one.chains] });
  }
  return [...all.values()];
}
