import { ignoring } from '../netlink/error';
import type { Netns } from '../netns/netns';
import { listElements } from '../nft/list';
import { isReadable, type ListedSetWithElements, type Ruleset } from '../nft/objects/ruleset';
import type { Chain, Hook, Rule } from '../nft/language/model';
import { formatRule } from '../nft/text/rule';
import type { Followed } from './follow';
import type { PacketStep } from './types';

// Steps in words. The kernel identifies the rule of a step only by its handle.

const path = ({ table, name }: Pick<Chain, 'table' | 'name'>) => `${table.family} ${table.name} ${name}`;

const WORDS = { end: 'end of the chain', return: 'return', policy: 'policy' } as const;

/** The rule of a step; undefined where the rule is not in the ruleset, because it changed since. */
export function ruleOf({ rules }: Ruleset, { step }: Followed): Rule | undefined {
  if (step.rule === undefined) return undefined;
  const { family, name } = step.table;
  return rules.find(
    ({ handle, chain: { table } }) => handle === step.rule && table.family === family && table.name === name,
  );
}

/** Whether the ruleset has all chains and rules that the packet passed. */
export function isKnown(ruleset: Ruleset, followed: readonly Followed[]): boolean {
  const chains = new Set(ruleset.chains.map(path));
  return followed.every(
    (one) =>
      chains.has(path({ table: one.step.table, name: one.step.chain })) &&
      (one.step.rule === undefined || ruleOf(ruleset, one) !== undefined),
  );
}

/** The union of two rulesets of one namespace, which were read before and after a change. */
export function joined(before: Ruleset, after: Ruleset): Ruleset {
  return {
    ...after,
    chains: [...before.chains, ...after.chains],
    rules: [...before.rules, ...after.rules],
    sets: [...before.sets, ...after.sets],
  };
}

export async function viewSteps(
  host: Netns,
  ruleset: Ruleset,
  followed: readonly Followed[],
  devices: ReadonlyMap<number, string>,
): Promise<PacketStep[]> {
  const rules = followed.map((one) => ruleOf(ruleset, one));
  const sets = await withElements(
    host,
    ruleset,
    rules.filter((rule) => rule !== undefined),
  );
  const chains = new Map(ruleset.chains.map((chain) => [path(chain), chain]));
  let base: Pick<Chain, 'hook' | 'priority'> = {};
  return followed.flatMap(({ step, packet }, i): PacketStep[] => {
    const { table, chain, type, rule: handle, verdict = 'continue' } = step;
    const listed = chains.get(path({ table, name: chain }));
    const isBase = listed?.hook !== undefined;
    if (isBase) base = listed;
    // The end of a base chain is left out, because the step of its policy follows.
    if (type === 'end' && isBase) return [];
    const rule = rules[i];
    const text = rule === undefined ? undefined : formatRule(rule, { sets, devices });
    return [
      {
        hook: base.hook as Hook,
        priority: Number(base.priority),
        table,
        chain,
        kind: type,
        ...(handle !== undefined && { rule: handle }),
        text: text ?? otherText(type, handle, verdict),
        verdict,
        packet,
      },
    ];
  });
}

function otherText(
  type: PacketStep['kind'],
  handle: number | undefined,
  verdict: PacketStep['verdict'],
): string {
  if (type === 'rule') return `a rule that is not there any more (handle ${handle})`;
  return type === 'policy' ? `${WORDS.policy} ${typeof verdict === 'string' ? verdict : ''}` : WORDS[type];
}

/**
 * The sets that these rules refer to. Only the elements of anonymous sets among them are read, because reading all takes
 * long.
 */
async function withElements(
  host: Netns,
  { sets }: Ruleset,
  rules: readonly Rule[],
): Promise<ListedSetWithElements[]> {
  const names = new Set(
    rules.flatMap(({ chain: { table }, expressions }) =>
      expressions.flatMap(({ data }) => {
        const { set } = Object(data) as { set?: unknown };
        return typeof set === 'string' ? [path({ table, name: set })] : [];
      }),
    ),
  );
  return Promise.all(
    sets
      .filter((one) => names.has(path(one)))
      .map(async (one) => {
        if (!one.anonymous || !isReadable(one)) return one;
        const elements = await listElements(host, one).catch(ignoring('ENOENT'));
        return elements === undefined ? one : { ...one, elements };
      }),
  );
}
