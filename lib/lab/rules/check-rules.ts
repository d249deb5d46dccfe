import { oneOf, type OptionCheck, optionTable } from '../../common/options';
import { shown } from '../../common/shown';
import type { Findings, Place } from '../findings';
import { listed } from '../lists';
import type { RuleDefinition, RuleRange, RulesDefinition } from './definition';
import { comparison } from './rule-statements';

const isList: OptionCheck = (value, path) => {
  if (!Array.isArray(value)) throw new TypeError(`${path}: expected a list of rules, got ${shown(value)}`);
};

const RULES = optionTable<RulesDefinition>({ input: isList, output: isList, forward: isList });

const isValue: OptionCheck = (value, path) => {
  if (typeof value !== 'string' && typeof value !== 'number')
    throw new TypeError(`${path}: expected a text or a number, got ${shown(value)}`);
};

const RANGE = optionTable<RuleRange>({ from: isValue, to: isValue }, ['from', 'to']);

const RULE = optionTable<RuleDefinition>(
  { match: true, not: true, do: oneOf(['accept', 'drop', 'reject']) },
  ['do'],
);

/** The rules of a node, each field by itself. */
export function checkRules(rules: unknown, place: Place, findings: Findings): void {
  findings.check(rules, RULES, place);
  if (typeof rules !== 'object' || rules === null) return;
  for (const [hook, list] of Object.entries(rules)) {
    if (!Object.hasOwn(RULES, hook) || !Array.isArray(list)) continue;
    for (const [i, rule] of (list as readonly unknown[]).entries()) {
      const at = [...place, hook, i];
      findings.check(rule, RULE, at);
      for (const how of ['match', 'not'] as const) {
        const fields = (rule as RuleDefinition | null)?.[how];
        if (fields !== undefined) checkFields(fields, how, [...at, how], findings);
      }
    }
  }
}

function checkFields(fields: unknown, how: 'match' | 'not', place: Place, findings: Findings): void {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    findings.add(place, `expected an object like { 'tcp.dport': 80 }, got ${shown(fields)}`);
    return;
  }
  for (const [name, value] of Object.entries(fields)) {
    const isList = Array.isArray(value);
    // the kernel would be the first to look at the items of a list
    for (const [i, one] of listed<unknown>(value).entries())
      checkValue(name, one, how, [...place, name, ...(isList ? [i] : [])], findings);
    if (isList && !findings.has([...place, name])) checkField(name, value, how, [...place, name], findings);
  }
}

function checkValue(
  name: string,
  value: unknown,
  how: 'match' | 'not',
  place: Place,
  findings: Findings,
): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    findings.check(value, RANGE, place);
    if (findings.has(place)) return;
  } else if (typeof value !== 'string' && typeof value !== 'number') {
    findings.add(place, `expected a text, a number, or { from, to }, got ${shown(value)}`);
    return;
  }
  checkField(name, value, how, place, findings);
}

function checkField(
  name: string,
  value: unknown,
  how: 'match' | 'not',
  place: Place,
  findings: Findings,
): void {
  try {
    comparison(name, value, how);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    findings.add(place, error.message.replace(/^value: /, ''));
  }
}
