import {
  checkObject,
  checkOptions,
  isText,
  listOf,
  oneOf,
  optionTable,
  trueOrFalse,
} from '../../common/options';
import { refuse } from '../../common/refuse';
import { isStatement, type Statement } from './match';
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
import { CHAIN, isElements, isFamily, OBJECTS, RULE, SET, SET_NAME, TABLE } from './tables';

// The operations of a transaction. Each is plain data, which `applyNft` encodes. What it is made of is checked when it is made.

/** Where in its chain a rule is added. */
export interface AddRuleOptions {
  /** Text that is kept and listed with the rule. */
  comment?: string;
  /** Handle of the rule before or after which the rule is added; by default it is added at the end of the chain. */
  before?: number;
  /** Handle of the rule after which it is added. */
  after?: number;
  /** Whether to add the rule at the beginning of the chain. */
  first?: boolean;
}

/** What becomes of an object that is there already. */
export interface AddOptions {
  /** What happens where the object exists: 'ignore' (default; its settings stay as they are) or 'fail' with EEXIST. */
  ifExists?: 'ignore' | 'fail';
}

/** What becomes of an object that is not there. */
export interface DeleteOptions {
  /** What happens where the object does not exist: 'fail' (default) with ENOENT, or 'ignore'. */
  ifMissing?: 'fail' | 'ignore';
}

const ADD_RULE_OPTIONS = optionTable<AddRuleOptions>({
  comment: isText,
  before: true,
  after: true,
  first: trueOrFalse,
});
const REPLACE_OPTIONS = optionTable<{ comment?: string }>({ comment: isText });
const ADD_OPTIONS = optionTable<AddOptions>({ ifExists: oneOf(['ignore', 'fail']) });
const DELETE_OPTIONS = optionTable<DeleteOptions>({ ifMissing: oneOf(['fail', 'ignore']) });

/** What a key is for a set is found where it is written. */
const isKeys = listOf((value, path) => {
  if (value === undefined || value === null) refuse(path, 'expected a key', value);
});

const checkStatements = listOf(isStatement);
const checkAdd = (options: AddOptions) => checkOptions(options, ADD_OPTIONS);
const checkDelete = (options: DeleteOptions) => checkOptions(options, DELETE_OPTIONS);

function checkObjectOf(definition: { type: NftObject['type'] }): void {
  checkObject(definition, 'object');
  const { type } = definition;
  const kinds = Object.keys(OBJECTS);
  if (!kinds.includes(type)) refuse('type', `expected one of ${kinds.join(', ')}`, type);
  checkOptions(definition, OBJECTS[type], { whole: 'object' });
}

/** One step of a transaction, as `nft.addTable` and its like make it. */
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

/**
 * `nft add table`, or with `ifExists: 'fail'`, `nft create table`.
 *
 * @example
 * ```ts
 * await nft.apply(red, [nft.addTable({ family: 'inet', name: 'nat' }, { ifExists: 'fail' })]);
 * ```
 */
export function addTable(table: Table, options: AddOptions = {}): Operation {
  checkOptions(table, TABLE, { whole: 'table' });
  checkAdd(options);
  return { op: 'addTable', table, options };
}

/**
 * `nft delete table`, with all that is in it; or with `ifMissing: 'ignore'`, `nft destroy table`.
 *
 * @example
 * ```ts
 * await nft.apply(red, [nft.deleteTable(table)]);
 * await nft.apply(red, [nft.deleteTable({ family: 'inet', name: 'nat' }, { ifMissing: 'ignore' })]);
 * ```
 */
export function deleteTable(table: TableReference, options: DeleteOptions = {}): Operation {
  checkOptions(table, TABLE, { whole: 'table' });
  checkDelete(options);
  return { op: 'deleteTable', table, options };
}

/**
 * `nft add chain`. A base chain sees packets from the end of the transaction on.
 *
 * @example
 * ```ts
 * const output = { table, name: 'output', hook: 'output', priority: 'filter', policy: 'drop' } as const;
 * await nft.apply(red, [nft.addChain(output), nft.addChain({ table, name: 'web' })]);
 * ```
 */
export function addChain(chain: Chain, options: AddOptions = {}): Operation {
  checkOptions(chain, CHAIN, { whole: 'chain' });
  checkAdd(options);
  return { op: 'addChain', chain, options };
}

/**
 * `nft flush chain`: deletes all rules of a chain.
 *
 * @example
 * ```ts
 * await nft.apply(red, [nft.flushChain(chain), nft.addRule(chain, [nft.accept()])]);
 * ```
 */
export function flushChain(chain: NamedReference): Operation {
  checkOptions(chain, CHAIN, { whole: 'chain' });
  return { op: 'flushChain', chain };
}

/**
 * `nft delete chain`, with its rules. EBUSY where a rule or an element jumps to the chain.
 *
 * @example
 * ```ts
 * await nft.apply(red, [nft.deleteChain(chain)]);
 * ```
 */
export function deleteChain(chain: NamedReference, options: DeleteOptions = {}): Operation {
  checkOptions(chain, CHAIN, { whole: 'chain' });
  checkDelete(options);
  return { op: 'deleteChain', chain, options };
}

/**
 * `nft add rule`, or with `first` or `before`, `nft insert rule`.
 *
 * @example
 * ```ts
 * const statements = [nft.match(nft.ip.saddr, '10.0.0.0/8'), nft.counter(), nft.accept()];
 * await nft.apply(red, [nft.addRule(chain, statements, { comment: 'our own', first: true })]);
 * ```
 */
export function addRule(
  chain: NamedReference,
  statements: readonly Statement[],
  options: AddRuleOptions = {},
): Operation {
  checkOptions(chain, CHAIN, { whole: 'chain' });
  checkStatements(statements, 'statements');
  checkOptions(options, ADD_RULE_OPTIONS);
  return { op: 'addRule', chain, statements, options };
}

/**
 * `nft replace rule`: replaces the rule with this handle.
 *
 * @example
 * ```ts
 * const rule = nft.addRule(chain, [nft.accept()]);
 * const [handle = 0] = await nft.apply(red, [rule], { handles: true });
 * await nft.apply(red, [nft.replaceRule({ chain, handle }, [nft.drop()])]);
 * ```
 */
export function replaceRule(
  rule: RuleReference,
  statements: readonly Statement[],
  options: { comment?: string } = {},
): Operation {
  checkOptions(rule, RULE, { whole: 'rule' });
  checkStatements(statements, 'statements');
  checkOptions(options, REPLACE_OPTIONS);
  return { op: 'replaceRule', rule, statements, options };
}

/**
 * `nft delete rule`: deletes the rule with this handle.
 *
 * @example
 * ```ts
 * await nft.apply(red, [nft.addRule(chain, [nft.accept()], { comment: 'for a while' })]);
 * const { rules } = await nft.listRuleset(red);
 * const old = rules.filter(({ comment }) => comment === 'for a while');
 * await nft.apply(red, old.map((rule) => nft.deleteRule(rule)));
 * ```
 */
export function deleteRule(rule: RuleReference, options: DeleteOptions = {}): Operation {
  checkOptions(rule, RULE, { whole: 'rule' });
  checkDelete(options);
  return { op: 'deleteRule', rule, options };
}

/**
 * `nft add set`, or `nft add map` for one with values.
 *
 * @example
 * ```ts
 * const blocked = { table, name: 'blocked', key: 'ipv4_addr', flags: ['interval'] } as const;
 * await nft.apply(red, [nft.addSet(blocked), nft.addRule(chain, [nft.match(nft.ip.saddr, blocked), nft.drop()])]);
 * ```
 */
export function addSet(set: NftSet, options: AddOptions = {}): Operation {
  checkOptions(set, SET, { whole: 'set' });
  checkAdd(options);
  return { op: 'addSet', set, options };
}

/**
 * `nft flush set`: deletes all elements of a set.
 *
 * @example
 * ```ts
 * const blocked = { table, name: 'blocked', key: 'ipv4_addr' } as const;
 * await nft.apply(red, [nft.addSet(blocked)]);
 * await nft.apply(red, [nft.flushSet(blocked), nft.addElements(blocked, [{ key: '192.0.2.9' }])]); // at once
 * ```
 */
export function flushSet(set: NamedReference): Operation {
  checkOptions(set, SET_NAME, { whole: 'set' });
  return { op: 'flushSet', set };
}

/**
 * `nft delete set`. EBUSY where a rule refers to the set.
 *
 * @example
 * ```ts
 * const blocked = { table, name: 'blocked', key: 'ipv4_addr' } as const;
 * await nft.apply(red, [nft.addSet(blocked)]);
 * await nft.apply(red, [nft.deleteSet(blocked)]);
 * ```
 */
export function deleteSet(set: NamedReference, options: DeleteOptions = {}): Operation {
  checkOptions(set, SET_NAME, { whole: 'set' });
  checkDelete(options);
  return { op: 'deleteSet', set, options };
}

/**
 * `nft add element`: any number of elements. They are sent in as many messages as they need, all in one transaction. In a set
 * with `autoMerge`, they are merged with the intervals that the set holds.
 *
 * @example
 * ```ts
 * const blocked = { table, name: 'blocked', key: 'ipv4_addr', flags: ['interval'] } as const;
 * const guests = { key: { from: '10.0.0.5', to: '10.0.0.9' }, comment: 'guests' };
 * await nft.apply(red, [nft.addSet(blocked), nft.addElements(blocked, [{ key: '192.0.2.0/24' }, guests])]);
 * ```
 */
export function addElements(
  set: SetReference,
  elements: readonly NftElement[],
  options: AddOptions = {},
): Operation {
  checkOptions(set, SET, { whole: 'set' });
  isElements(elements, 'elements');
  checkAdd(options);
  return { op: 'addElements', set, elements, options };
}

/**
 * `nft delete element`: deletes elements by their keys. In a set with `autoMerge`, a key may be a part of an interval. With
 * `ifMissing: 'ignore'`, a set without `autoMerge` itself still has to exist.
 *
 * @example
 * ```ts
 * const blocked = { table, name: 'blocked', key: 'ipv4_addr' } as const;
 * await nft.apply(red, [nft.addSet(blocked), nft.addElements(blocked, [{ key: '192.0.2.9' }])]);
 * await nft.apply(red, [nft.deleteElements(blocked, ['192.0.2.9'])]);
 * ```
 */
export function deleteElements(
  set: SetReference,
  keys: readonly Key[],
  options: DeleteOptions = {},
): Operation {
  checkOptions(set, SET, { whole: 'set' });
  isKeys(keys, 'keys');
  checkDelete(options);
  return { op: 'deleteElements', set, keys, options };
}

/**
 * `nft add counter`, `nft add limit`, …: adds a named object, which rules can use.
 *
 * @example
 * ```ts
 * await nft.apply(red, [nft.addObject({ table, name: 'http', type: 'counter' })]);
 * const { objects } = await nft.listRuleset(red);
 * console.log(objects[0]?.name); // http
 * ```
 */
export function addObject(object: NftObject, options: AddOptions = {}): Operation {
  checkObjectOf(object);
  checkAdd(options);
  return { op: 'addObject', object, options };
}

/**
 * `nft delete counter`, `nft delete limit`, … EBUSY where a rule or an element uses the object.
 *
 * @example
 * ```ts
 * const counter = { table, name: 'http', type: 'counter' } as const;
 * await nft.apply(red, [nft.addObject(counter)]);
 * await nft.apply(red, [nft.deleteObject(counter)]);
 * ```
 */
export function deleteObject(
  object: NamedReference & Pick<NftObject, 'type'>,
  options: DeleteOptions = {},
): Operation {
  checkObjectOf(object);
  checkDelete(options);
  return { op: 'deleteObject', object, options };
}

/**
 * `nft flush ruleset`: deletes all tables of a family, or of all families, including those of other programs.
 *
 * @example
 * ```ts
 * await nft.apply(red, [nft.flushRuleset(), nft.addTable(table)]); // at once
 * ```
 */
export function flushRuleset(family?: NftFamily): Operation {
  if (family !== undefined) isFamily(family, 'family');
  return { op: 'flushRuleset', ...(family !== undefined && { family }) };
}
