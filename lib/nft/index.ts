// nf_tables: what `nft` does. This is what `import { nft } from 'rtnetns'` gives.
export { applyNft as apply, type ApplyOptions, NftError, type Transaction } from './apply';
export { listElements, listRuleset, type ListRulesetOptions } from './list';
export type { ListedSetWithElements, Ruleset } from './objects/ruleset';
export {
  addChain,
  addElements,
  addObject,
  type AddOptions,
  addRule,
  type AddRuleOptions,
  addSet,
  addTable,
  deleteChain,
  deleteElements,
  deleteObject,
  type DeleteOptions,
  deleteRule,
  deleteSet,
  deleteTable,
  flushChain,
  flushRuleset,
  flushSet,
  type Operation,
  replaceRule,
} from './language/operations';
export {
  type AnonymousSet,
  type Masked,
  match,
  type Not,
  not,
  type Operand,
  type Statement,
  vmap,
} from './language/match';
export {
  arp,
  ct,
  ether,
  fib,
  icmp,
  icmpv6,
  ip,
  ip6,
  meta,
  type Needs,
  sctp,
  type Selector,
  socket,
  tcp,
  th,
  udp,
} from './language/selectors';
export {
  clampMss,
  counter,
  limit,
  type LimitOptions,
  log,
  type LogOptions,
  mangle,
  notrack,
  quota,
  raw,
  trace,
  type UpdateOptions,
  updateSet,
  useObject,
} from './language/statements';
export { accept, drop, goto, jump, reject, type Rejection, verdict } from './language/verdicts';
export { formatRule, type FormatRuleOptions } from './text/rule';
export {
  dnat,
  masquerade,
  type NatFlags,
  type NatMap,
  type NatTarget,
  type Ports,
  redirect,
  snat,
} from './language/nat';
export {
  BRIDGE_PRIORITIES,
  type Chain,
  type Expression,
  type Hook,
  type Key,
  type KeyPart,
  type NamedReference,
  type NftElement,
  type NftFamily,
  type NftObject,
  type NftSet,
  type ObjectKind,
  PRIORITIES,
  type Priority,
  type Range,
  type Rule,
  type RuleReference,
  type SetReference,
  type Table,
  type TableReference,
  type TimeUnit,
  type Verdict,
} from './language/model';
export type { ListedSet } from './objects/set';
export type { Scalar, TypeName } from './language/types';
export { type TraceEvent, type TraceStep, watchTrace, type WatchTraceOptions } from './trace';
export { type RulesetChange, type RulesetEvent, watchRuleset, type WatchRulesetOptions } from './watch';
