import type { Statement } from './match';
import type {
  Chain,
  Key,
  NamedReference,
  NftElement,
  NftFamily,
  NftObject,
  NftSet,
  RuleReference,
  SetReference,
  Table,
  TableReference,
} from './model';

// What a transaction is made of. Each is plain data; `applyNft` is who understands it.

export interface AddRuleOptions {
  comment?: string;
  /** Before or after the rule that has this handle; at the end of the chain by default. */
  before?: number;
  after?: number;
  /** At the beginning of the chain. */
  first?: boolean;
}

export interface AddOptions {
  /** Where it is there already: 'ignore' (default; its settings stay as they are) or 'fail' with EEXIST. */
  ifExists?: 'ignore' | 'fail';
}

export interface DeleteOptions {
  /** Where it is not there: 'fail' (default) with ENOENT, or 'ignore', which takes Linux 6.3. */
  ifMissing?: 'fail' | 'ignore';
}

export type Operation =
  | { op: 'addTable'; table: Table; options: AddOptions }
  | { op: 'deleteTable'; table: TableReference; options: DeleteOptions }
  | { op: 'addChain'; chain: Chain; options: AddOptions }
  | { op: 'flushChain'; chain: NamedReference }
  | { op: 'deleteChain'; chain: NamedReference; options: DeleteOptions }
  | { op: 'addRule'; chain: NamedReference; statements: readonly Statement[]; options: AddRuleOptions }
  | {
      op: 'replaceRule';
      rule: RuleReference;
      statements: readonly Statement[];
      options: { comment?: string };
    }
  | { op: 'deleteRule'; rule: RuleReference; options: DeleteOptions }
  | { op: 'addSet'; set: NftSet; options: AddOptions }
  | { op: 'flushSet'; set: NamedReference }
  | { op: 'deleteSet'; set: NamedReference; options: DeleteOptions }
  | { op: 'addElements'; set: SetReference; elements: readonly NftElement[]; options: AddOptions }
  | { op: 'deleteElements'; set: SetReference; keys: readonly Key[]; options: DeleteOptions }
  | { op: 'addObject'; object: NftObject; options: AddOptions }
  | { op: 'deleteObject'; object: NamedReference & Pick<NftObject, 'type'>; options: DeleteOptions }
  | { op: 'flushRuleset'; family?: NftFamily };

/** `nft add table`, or with `ifExists: 'fail'`, `nft create table`. */
export function addTable(table: Table, options: AddOptions = {}): Operation {
  return { op: 'addTable', table, options };
}

/** `nft delete table`, with all that is in it; or with `ifMissing: 'ignore'`, `nft destroy table`. */
export function deleteTable(table: TableReference, options: DeleteOptions = {}): Operation {
  return { op: 'deleteTable', table, options };
}

/** `nft add chain`. With a hook, it sees packets from the end of the transaction on. */
export function addChain(chain: Chain, options: AddOptions = {}): Operation {
  return { op: 'addChain', chain, options };
}

/** `nft flush chain`: takes all rules out of it. */
export function flushChain(chain: NamedReference): Operation {
  return { op: 'flushChain', chain };
}

/** `nft delete chain`, with its rules. EBUSY where a rule or an element jumps to it. */
export function deleteChain(chain: NamedReference, options: DeleteOptions = {}): Operation {
  return { op: 'deleteChain', chain, options };
}

/** `nft add rule`, or with `first` or `before`, `nft insert rule`. */
export function addRule(
  chain: NamedReference,
  statements: readonly Statement[],
  options: AddRuleOptions = {},
): Operation {
  return { op: 'addRule', chain, statements, options };
}

/** `nft replace rule`: a rule by its handle. */
export function replaceRule(
  rule: RuleReference,
  statements: readonly Statement[],
  options: { comment?: string } = {},
): Operation {
  return { op: 'replaceRule', rule, statements, options };
}

/** `nft delete rule`: by its handle. */
export function deleteRule(rule: RuleReference, options: DeleteOptions = {}): Operation {
  return { op: 'deleteRule', rule, options };
}

/** `nft add set`, or `nft add map` for one with values. */
export function addSet(set: NftSet, options: AddOptions = {}): Operation {
  return { op: 'addSet', set, options };
}

/** `nft flush set`: takes all elements out of it. */
export function flushSet(set: NamedReference): Operation {
  return { op: 'flushSet', set };
}

/** `nft delete set`. EBUSY where a rule looks into it. */
export function deleteSet(set: NamedReference, options: DeleteOptions = {}): Operation {
  return { op: 'deleteSet', set, options };
}

/** `nft add element`: any number; they leave in as many messages as they need, still in one transaction. */
export function addElements(
  set: SetReference,
  elements: readonly NftElement[],
  options: AddOptions = {},
): Operation {
  return { op: 'addElements', set, elements, options };
}

/** `nft delete element`: by their keys. With `ifMissing: 'ignore'`, the set itself has to be there all the same. */
export function deleteElements(
  set: SetReference,
  keys: readonly Key[],
  options: DeleteOptions = {},
): Operation {
  return { op: 'deleteElements', set, keys, options };
}

/** `nft add counter`, `nft add limit`, …: something with a name, for rules to use. */
export function addObject(object: NftObject, options: AddOptions = {}): Operation {
  return { op: 'addObject', object, options };
}

/** `nft delete counter`, `nft delete limit`, … EBUSY where a rule or an element uses it. */
export function deleteObject(
  object: NamedReference & Pick<NftObject, 'type'>,
  options: DeleteOptions = {},
): Operation {
  return { op: 'deleteObject', object, options };
}

/** `nft flush ruleset`: all tables of a family, or all there are, whosever they are. */
export function flushRuleset(family?: NftFamily): Operation {
  return { op: 'flushRuleset', ...(family !== undefined && { family }) };
}
