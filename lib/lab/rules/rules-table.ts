import { createHash } from 'node:crypto';
import type { Netns } from '../../netns/netns';
import * as nft from '../../nft';
import { findTable } from '../../nft/list';
import type { RulesDefinition } from './definition';
import { statementsOf } from './rule-statements';

export const RULES_TABLE = { family: 'inet', name: 'lab-rules' } as const;

const HOOKS = ['input', 'output', 'forward'] as const;

/** What the comment of the table begins with; the digest follows. */
const COMMENT = 'rules ';

/** Two definitions with the same rules have the same one. */
export function digestOf(rules: RulesDefinition): string {
  const lists = HOOKS.map((hook) =>
    (rules[hook] ?? []).map(({ match, not, do: verdict }) => [sorted(match), sorted(not), verdict]),
  );
  return createHash('sha256').update(JSON.stringify(lists)).digest('base64url').slice(0, 22);
}

function sorted(fields: object = {}): unknown[] {
  return Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The table of a node's rules, in the place of one that is there. */
export function rulesOperations(rules: RulesDefinition): nft.Operation[] {
  const chains = HOOKS.flatMap((hook) => {
    const list = rules[hook];
    return list === undefined
      ? []
      : [{ chain: { table: RULES_TABLE, name: hook, hook, priority: 'filter' } as const, list }];
  });
  return [
    nft.deleteTable(RULES_TABLE, { ifMissing: 'ignore' }),
    nft.addTable({ ...RULES_TABLE, comment: `${COMMENT}${digestOf(rules)}` }),
    ...chains.flatMap(({ chain, list }) => [
      nft.addChain(chain),
      ...list.map((rule) => nft.addRule(chain, statementsOf(rule))),
    ]),
  ];
}

/** The digest of the rules that a node has; undefined where there is no such table. */
export async function readRules(netns: Netns): Promise<string | undefined> {
  const comment = (await findTable(netns, RULES_TABLE))?.comment;
  return comment?.startsWith(COMMENT) === true ? comment.slice(COMMENT.length) : undefined;
}
