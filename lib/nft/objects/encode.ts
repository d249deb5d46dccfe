import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/message';
import type { BatchItem } from '../../netlink/batch';
import { shownArgument } from '../../common/shown';
import { chain } from '../../netlink/nfnetlink/chain';
import { elements } from '../../netlink/nfnetlink/element';
import { object } from '../../netlink/nfnetlink/object';
import { rule } from '../../netlink/nfnetlink/rule';
import { set } from '../../netlink/nfnetlink/set';
import { table, TABLE_F } from '../../netlink/nfnetlink/table';
import { type Course, creating, message, type NftItem, Numbers, path, removing } from './batch-item';
import { chainMessage } from './chain';
import { commented } from './comment';
import { elementMessages } from './element';
import { addElements, changedElements, deleteElements, elementItems } from './element-items';
import { boundedElements } from './element-lists';
import { type Content, HeldIntervals } from './held';
import type { NamedReference, NftFamily, TableReference } from '../language/model';
import { objectMessage } from './object';
import type { Operation } from '../language/operations';
import { compileRule, relocated } from './rule';
import { setMessage } from './set';
import type { Statement } from '../language/match';

type Encoders = {
  [K in Operation['op']]: (operation: Extract<Operation, { op: K }>, course: Course) => NftItem[];
};

const shownTable = ({ family, name }: TableReference) => `${family} ${name}`;
const inTable = ({ table: of, name }: NamedReference) => ({ family: of.family, table: of.name, name });

const encoders: Encoders = {
  addTable({ table: { family, name, flags, comment }, options }) {
    const bits = (flags ?? []).reduce((sum, flag) => sum | TABLE_F[flag], 0);
    const value = { family, name, flags: bits, ...commented('table', comment) };
    // Without NLM_F_CREATE, as nft sends it, because the kernel creates a table in either case.
    const create = options.ifExists === 'fail' ? NLM_F_EXCL : 0;
    return [message(table, table.verbs.add, create, value, `add table ${family} ${name}`)];
  },

  deleteTable({ table: { family, name }, options }, { held }) {
    held.empty({ family, name });
    const what = `delete table ${family} ${name}`;
    return removing(table, options, { family, name }, what);
  },

  addChain({ chain: definition, options }) {
    const what = `add chain ${path(definition)}`;
    return [message(chain, chain.verbs.add, creating(options), chainMessage(definition), what)];
  },

  flushChain({ chain: { table: of, name } }) {
    const value = { family: of.family, table: of.name, chain: name };
    return [message(rule, rule.verbs.remove, 0, value, `flush chain ${shownTable(of)} ${name}`)];
  },

  deleteChain({ chain: reference, options }) {
    const what = `delete chain ${path(reference)}`;
    return removing(chain, options, inTable(reference), what);
  },

  addRule({ chain: to, statements, options: { before, after, first = false, comment } }, { numbers }) {
    const flags = first || before !== undefined ? NLM_F_CREATE : NLM_F_CREATE | NLM_F_APPEND;
    const position = before ?? after;
    const rest = {
      ...(position !== undefined && { position }),
      ...commented('rule', comment),
    };
    const called = { position: before === undefined ? 'after' : 'before' };
    const asked = { operation: `add rule to chain ${path(to)}`, called };
    return ruleMessages(to, statements, flags, {}, rest, asked, numbers);
  },

  replaceRule({ rule: { chain: of, handle }, statements, options }, { numbers }) {
    const asked = { operation: `replace rule ${handle} of chain ${path(of)}` };
    const rest = commented('rule', options.comment);
    return ruleMessages(of, statements, NLM_F_REPLACE, { handle }, rest, asked, numbers);
  },

  deleteRule({ rule: { chain: of, handle }, options }) {
    const value = {
      family: of.table.family,
      table: of.table.name,
      chain: of.name,
      handle,
    };
    const what = `delete rule ${handle} of chain ${path(of)}`;
    return removing(rule, options, value, what);
  },

  addSet({ set: definition, options }, { numbers }) {
    const value = setMessage(definition, numbers.name(definition));
    return [message(set, set.verbs.add, creating(options), value, `add set ${path(definition)}`)];
  },

  flushSet({ set: { table: of, name } }, { held }) {
    held.empty(of, name);
    const value = { family: of.family, set: name, table: of.name };
    return [message(elements, elements.verbs.remove, 0, value, `flush set ${shownTable(of)} ${name}`)];
  },

  deleteSet({ set: reference, options }, { held }) {
    held.empty(reference.table, reference.name);
    const what = `delete set ${path(reference)}`;
    return removing(set, options, inTable(reference), what);
  },

  addElements,
  deleteElements,

  addObject({ object: definition, options }) {
    const what = `add ${definition.type} ${path(definition)}`;
    return [message(object, object.verbs.add, creating(options), objectMessage(definition), what)];
  },

  deleteObject({ object: reference, options }) {
    const value = { ...inTable(reference), type: reference.type, data: {} };
    const what = `delete ${reference.type} ${path(reference)}`;
    return removing(object, options, value, what);
  },

  flushRuleset({ family = 'unspec' }: { family?: NftFamily | 'unspec' }, { held }) {
    held.empty(family === 'unspec' ? {} : { family });
    return [message(table, table.verbs.remove, 0, { family }, 'flush ruleset')];
  },
};

function ruleMessages(
  { table: of, name }: NamedReference,
  statements: readonly Statement[],
  flags: number,
  before: { handle?: number },
  rest: object,
  { operation: what, called }: BatchItem['attempt'],
  numbers: Numbers,
): BatchItem[] {
  const { expressions, sets } = compileRule(of.family, statements);
  const items: BatchItem[] = [];
  let first = 0;
  sets.forEach((anonymous, i) => {
    const definition = { table: of, ...anonymous.set };
    const id = numbers.next();
    if (i === 0) first = id;
    const content = boundedElements(
      definition,
      elementMessages(definition, anonymous.elements, anonymous.called).flat(),
    );
    const value = setMessage(definition, id, { count: content.length });
    items.push(message(set, set.verbs.add, NLM_F_CREATE, value, what));
    items.push(...elementItems(definition, content, id, elements.verbs.add, NLM_F_CREATE, what));
  });
  const numbered = expressions.map((expression) => withSetId(relocated(expression, first), of, numbers));
  const value = { family: of.family, table: of.name, chain: name, ...before, expressions: numbered, ...rest };
  items.push(message(rule, rule.verbs.add, flags, value as Parameters<typeof rule.add>[0], what, called));
  return items;
}

/** Adds the number of a named set that the same transaction creates, because a look-up needs the number, too. */
function withSetId(
  expression: ReturnType<typeof relocated>,
  of: TableReference,
  numbers: Numbers,
): typeof expression {
  if (expression.name !== 'lookup' && expression.name !== 'dynset') return expression;
  const data = expression.data as { set?: string; setId?: number } | undefined;
  if (data?.set === undefined || data.setId !== undefined) return expression;
  const setId = numbers.of({ table: of, name: data.set });
  if (setId === undefined) return expression;
  // The number follows the name, as nft sends it.
  const entries = Object.entries(data).flatMap(([key, value]) =>
    key === 'set'
      ? [
          [key, value],
          ['setId', setId],
        ]
      : [[key, value]],
  );
  return { name: expression.name, data: Object.fromEntries(entries) as Uint8Array };
}

/**
 * @internal The messages of each operation. `listed` are the sets with `autoMerge` as the kernel has them. A wrong operation is
 * a TypeError or RangeError that names it.
 *
 * @throws {@link ElementRefusal}
 */
export function encodeOperations(
  operations: readonly Operation[],
  listed: readonly Content[] = [],
): NftItem[][] {
  const course = { numbers: new Numbers(), held: new HeldIntervals(listed) };
  const encoded = Array.from(operations, (operation, i): NftItem[] => {
    checkOperation(operation, `operations[${i}]`);
    const { op } = operation;
    try {
      const encoder = encoders[op] as (operation: Operation, course: Course) => NftItem[];
      return encoder(operation, { ...course, index: i });
    } catch (error) {
      if (error instanceof RangeError) throw new RangeError(`operations[${i}] (${op}): ${error.message}`);
      if (error instanceof TypeError) throw new TypeError(`operations[${i}] (${op}): ${error.message}`);
      throw error;
    }
  });
  for (const { last, items } of changedElements(course)) encoded[last]?.push(...items);
  return encoded;
}

/** @internal Refuses what no function of the language has made: also a hole of a list. */
export function checkOperation(value: unknown, path: string): asserts value is Operation {
  const { op } = Object(value) as { op?: unknown };
  if (typeof op === 'string' && Object.hasOwn(encoders, op)) return;
  throw new TypeError(`${path}: expected an operation, got ${shownArgument(value)}`);
}
