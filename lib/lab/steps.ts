import { addAddr, removeAddr } from '../addresses/addresses';
import { defined } from '../common/objects';
import { createBridge, setBridge } from '../links/bridge';
import { seeCarrier, seeCarrierOfPorts } from '../links/carrier';
import { deleteLink, enslaveLink, getLink, releaseLink } from '../links/links';
import { setLink } from '../links/set-link';
import { createVeth, type VethEnd } from '../links/veth';
import { applyNft } from '../nft/apply';
import { deleteTable } from '../nft/language/operations';
import { addRoute, removeRoute } from '../routes/routes';
import { setSysctl } from '../sysctl/sysctls';
import { DEVICE_MARK, LAB_PROTOCOL } from './marks';
import { NAT_TABLE, natOperations } from './nat/nat-rules';
import { LabError } from './lab-error';
import { LONGEST_NAME } from './pattern';
import { RULES_TABLE, rulesOperations } from './rules/rules-table';
import { setFlows, setWhole } from './shaping/device-shape';
import type { Spaces } from './spaces';
import {
  flowsOf,
  type Kind,
  type LatencyThing,
  type LinkThingEnd,
  NO_SWITCH,
  type PortThing,
  type RulesThing,
  type Thing,
  type ThingOf,
} from './things';

/** What is done about a thing of a kind. */
interface Deeds<T extends Thing> {
  create: (thing: T, spaces: Spaces) => Promise<unknown>;
  change: (thing: T, spaces: Spaces, before: T) => Promise<unknown>;
  delete: (thing: T, spaces: Spaces) => Promise<unknown>;
}

const nothing = async (): Promise<void> => Promise.resolve();

/** Devices go with their pairs, and a name that is gone is as good as removed. */
const IF_MISSING = { ifMissing: 'ignore' } as const;

/** Namespaces are made and deleted many at a time, and processes each after others: see create-nodes.ts and processes/. */
export const DEEDS: { readonly [K in Exclude<Kind, 'node' | 'process'>]: Deeds<ThingOf<K>> } = {
  switch: {
    create: async ({ name, up, mtu, settings }, { switches }) =>
      createBridge(switches, name, { up, mtu, ...settings, ...DEVICE_MARK, ipv6: false }),
    change: async ({ name, up, mtu, settings }, { switches }) => {
      await setLink(switches, name, { up, mtu });
      await setBridge(switches, name, settings);
      // a switch that comes up only now is to forward the first packet
      const { index } = await getLink(switches, name);
      await seeCarrierOfPorts(switches, index, { operation: 'change switch', device: name });
    },
    delete: async ({ name }, { switches }) => deleteLink(switches, name, IF_MISSING),
  },
  port: {
    create: async (port, spaces) =>
      createVeth(endOf(port, spaces, port.mtu), {
        netns: spaces.switches,
        ...(port.switch !== NO_SWITCH && { bridge: port.switch }),
        // where the node's is too long: one that no node has, because names have no dots
        name: 'port.%d',
        ...outerOf(port),
      }),
    change: async (port, spaces, before) => {
      const netns = spaces.node(port.node);
      await setLink(netns, port.device, { up: true, mtu: port.mtu, ...defined({ mac: port.mac }) });
      const { index, link } = await getLink(netns, port.device);
      if (link === undefined) return;
      if (port.switch === NO_SWITCH) await releaseLink(spaces.switches, link);
      else if (port.switch !== before.switch) await enslaveLink(spaces.switches, link, port.switch);
      // one that was down is so again at its outer end, because a device that is set down loses its routes
      await setLink(spaces.switches, link, { up: port.up, mtu: port.mtu });
      const attempt = { operation: 'change port', device: port.device };
      await Promise.all([seeCarrier(netns, [index], attempt), seeCarrier(spaces.switches, [link], attempt)]);
    },
    delete: async ({ node, device }, spaces) => deleteLink(spaces.node(node), device, IF_MISSING),
  },
  link: {
    create: async ({ ends: [first, second], mtu }, spaces) =>
      createVeth(endOf(first, spaces, mtu), endOf(second, spaces, mtu)),
    change: async ({ ends, up, mtu }, spaces) => {
      await Promise.all(
        ends.map(async ({ node, device, mac }) =>
          setLink(spaces.node(node), device, { up, mtu, ...defined({ mac }) }),
        ),
      );
      await Promise.all(
        ends.map(async ({ node, device }) => {
          const { index } = await getLink(spaces.node(node), device);
          await seeCarrier(spaces.node(node), [index], { operation: 'change link', device });
        }),
      );
    },
    delete: async ({ ends: [{ node, device }] }, spaces) => deleteLink(spaces.node(node), device, IF_MISSING),
  },
  addr: {
    create: async ({ node, device, addr }, spaces) =>
      addAddr(spaces.node(node), device, addr, { ifExists: 'ignore' }),
    change: nothing,
    delete: async ({ node, device, addr }, spaces) => removeAddr(spaces.node(node), device, addr, IF_MISSING),
  },
  route: {
    create: async ({ node, route }, spaces) =>
      addRoute(spaces.node(node), { ...route, protocol: LAB_PROTOCOL }),
    change: async ({ node, route }, spaces) =>
      addRoute(spaces.node(node), { ...route, protocol: LAB_PROTOCOL, ifExists: 'replace' }),
    delete: async ({ node, route }, spaces) => removeRoute(spaces.node(node), { ...route, ...IF_MISSING }),
  },
  sysctl: {
    create: async ({ node, name, value }, spaces) => setSysctl(spaces.node(node), name, value),
    change: async ({ node, name, value }, spaces) => setSysctl(spaces.node(node), name, value),
    // what it was before nobody knows
    delete: nothing,
  },
  impairment: {
    create: async ({ node, device, options }, spaces) => setWhole(spaces.node(node), device, options),
    change: async ({ node, device, options }, spaces) => setWhole(spaces.node(node), device, options),
    delete: async ({ node, device }, spaces) => setWhole(spaces.node(node), device, undefined),
  },
  latency: {
    create: setLatency,
    change: setLatency,
    delete: async ({ node, device }, spaces) => setFlows(spaces.node(node), device, 'latency', []),
  },
  nat: {
    create: async (nat, spaces) => applyNft(spaces.node(nat.node), natOperations(nat)),
    change: async (nat, spaces) => applyNft(spaces.node(nat.node), natOperations(nat)),
    delete: async ({ node }, spaces) => applyNft(spaces.node(node), [deleteTable(NAT_TABLE, IF_MISSING)]),
  },
  rules: {
    create: createRules,
    change: createRules,
    delete: async ({ node }, spaces) => applyNft(spaces.node(node), [deleteTable(RULES_TABLE, IF_MISSING)]),
  },
};

async function setLatency(latency: LatencyThing, spaces: Spaces): Promise<void> {
  await setFlows(spaces.node(latency.node), latency.device, 'latency', flowsOf(latency));
}

async function createRules({ node, definition }: RulesThing, spaces: Spaces): Promise<void> {
  // what another process has made can be brought back by nobody who has not its definition
  if (definition === undefined) {
    const reason = `the rules that ${node} had are not known to this object`;
    throw new LabError({
      code: 'ERR_LAB_RULES',
      lab: spaces.name,
      operation: `create rules of ${node}`,
      reason,
    });
  }
  await applyNft(spaces.node(node), rulesOperations(definition));
}

function endOf(end: LinkThingEnd, spaces: Spaces, mtu: number): VethEnd {
  return { netns: spaces.node(end.node), ...innerOf(end, mtu) };
}

/** The end of a pair in a node. */
export function innerOf({ device, mac }: LinkThingEnd, mtu: number): Omit<VethEnd, 'netns'> {
  return { name: device, up: true, ...DEVICE_MARK, mtu, ...defined({ mac }) };
}

/** The end of a pair on a switch: 'web1', and 'web1.eth1' of a second device. A longer one has a name of the library's. */
export function outerOf({ node, device, mtu }: PortThing): Omit<VethEnd, 'netns'> {
  const name = device === 'eth0' ? node : `${node}.${device}`;
  return {
    ...defined({ name: name.length <= LONGEST_NAME ? name : undefined, mtu }),
    ...DEVICE_MARK,
    up: true,
    ipv6: false,
  };
}
