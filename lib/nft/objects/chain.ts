import { shown } from '../../common/shown';
import { defined } from '../../common/objects';
import type { chain, ChainMessage } from '../../netlink/nfnetlink/chain';
import { commented, readComment } from './comment';
import { BRIDGE_PRIORITIES, type Chain, type Hook, type NftFamily, PRIORITIES } from '../language/model';

type ChainValue = Parameters<typeof chain.add>[0];

/** linux/netfilter.h, NF_INET_*, which bridges use as well. */
const INET_HOOKS = {
  prerouting: 0, // NF_INET_PRE_ROUTING
  input: 1, // NF_INET_LOCAL_IN
  forward: 2,
  output: 3, // NF_INET_LOCAL_OUT
  postrouting: 4, // NF_INET_POST_ROUTING
  ingress: 5,
} as const;
/** linux/netfilter.h, NF_NETDEV_* */
const NETDEV_HOOKS = { ingress: 0, egress: 1 } as const;
/** linux/netfilter_arp.h */
const ARP_HOOKS = { input: 0, output: 1 } as const; // NF_ARP_IN, NF_ARP_OUT

const HOOKS: Readonly<Record<NftFamily, Readonly<Partial<Record<Hook, number>>>>> = {
  inet: INET_HOOKS,
  ip: INET_HOOKS,
  ip6: INET_HOOKS,
  bridge: INET_HOOKS,
  arp: ARP_HOOKS,
  netdev: NETDEV_HOOKS,
};

function hookNumber(family: NftFamily, hook: Hook): number {
  const hooks = Object.hasOwn(HOOKS, family) ? HOOKS[family] : {};
  const number = Object.hasOwn(hooks, hook) ? hooks[hook] : undefined;
  if (number === undefined) {
    const known = Object.keys(hooks).join(', ');
    throw new RangeError(`hook: expected one of ${known} for family ${family}, got ${shown(hook)}`);
  }
  return number;
}

function priorityNumber(family: NftFamily, priority: Chain['priority'] = 'filter'): number {
  if (typeof priority === 'number') return priority;
  const names: Readonly<Record<string, number>> = family === 'bridge' ? BRIDGE_PRIORITIES : PRIORITIES;
  const number = Object.hasOwn(names, priority) ? names[priority] : undefined;
  if (number === undefined) {
    const known = Object.keys(names).join(', ');
    throw new RangeError(`priority: expected a number, or one of ${known}, got ${shown(priority)}`);
  }
  return number;
}

/** @internal The message of a chain, with its attributes in the order of nft. */
export function chainMessage(definition: Chain): ChainValue {
  const { table, name, type, hook, priority, policy, devices, comment } = definition;
  const { family } = table;
  const named = { family, table: table.name, name };
  if (hook === undefined) {
    for (const [option, value] of Object.entries({ type, priority, policy, devices })) {
      if (value !== undefined) throw new TypeError(`${option}: only a chain with a hook has one`);
    }
    return { ...named, ...commented('chain', comment) };
  }
  return {
    ...named,
    type: type ?? 'filter',
    ...defined({ policy }),
    hook: {
      number: hookNumber(family, hook),
      priority: priorityNumber(family, priority),
      ...(devices?.length === 1 && { device: devices[0] ?? '' }),
      ...(devices !== undefined && devices.length > 1 && { devices }),
    },
    ...commented('chain', comment),
  };
}

/** @internal */
export function toChain(message: ChainMessage): Chain {
  const family = message.family as NftFamily;
  const { hook } = message;
  const hooks: Readonly<Record<string, number>> = Object.hasOwn(HOOKS, family) ? HOOKS[family] : {};
  const named = Object.keys(hooks).find((name) => hooks[name] === hook?.number);
  const devices = hook?.devices ?? (hook?.device === undefined ? undefined : [hook.device]);
  return {
    table: { family, name: message.table ?? '' },
    name: message.name ?? '',
    ...defined({
      type: hook === undefined ? undefined : (message.type as Chain['type']),
      hook: hook === undefined ? undefined : (named as Hook | undefined),
      priority: hook?.priority,
      policy: message.policy as Chain['policy'],
      devices,
      comment: readComment('chain', message.userdata),
      handle: message.handle,
    }),
  };
}
