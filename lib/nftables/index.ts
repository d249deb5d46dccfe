// nf_tables: what `nft` does. This is what `import { nft } from 'rtnetns'` gives.
export { applyNft as apply, type ApplyOptions, NftError, type Transaction } from './apply';
export { listElements, listRuleset, type ListRulesetOptions, type Ruleset } from './list';
export type { ListedSetWithElements } from './list';
export { addChain, addElements, addObject, addRule, addSet, addTable } from './operations';
export { deleteChain, deleteElements, deleteObject, deleteRule, deleteSet } from './operations';
export { deleteTable, flushChain, flushRuleset, flushSet, replaceRule } from './operations';
export type { AddOptions, AddRuleOptions, DeleteOptions, Operation } from './operations';
export { match, not, type Operand, type Statement, vmap } from './match';
export { arp, ct, ether, fib, icmp, icmpv6, ip, ip6, meta, sctp, socket, tcp, th, udp } from './selectors';
export type { Selector } from './selectors';
export { accept, clampMss, counter, drop, goto, jump, limit, log, mangle, notrack } from './statements';
export { quota, raw, reject, trace, updateSet, useObject, verdict } from './statements';
export type { LimitOptions, LogOptions, Rejection, UpdateOptions } from './statements';
export { dnat, masquerade, type NatMap, type NatTarget, redirect, snat } from './nat';
export { BRIDGE_PRIORITIES, PRIORITIES } from './model';
export type { Chain, Expression, Hook, Key, NftElement, NftFamily, NftObject, NftSet } from './model';
export type { Rule, SetReference, Table, TableReference, Verdict } from './model';
export type { TypeName } from './types';
