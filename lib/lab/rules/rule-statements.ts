import { didYouMean } from '../../common/similar-name';
import * as nft from '../../nft';
import type { RuleDefinition } from './definition';

const { ct, ether, icmp, icmpv6, ip, ip6, meta, sctp, tcp, th, udp } = nft;

/** By their names in definitions: 'ip.saddr'. */
const FIELDS: ReadonlyMap<string, nft.Selector> = new Map(
  Object.entries({ ct, ether, icmp, icmpv6, ip, ip6, meta, sctp, tcp, th, udp }).flatMap(([group, fields]) =>
    Object.entries(fields).flatMap(([name, field]) => ('load' in field ? [[`${group}.${name}`, field]] : [])),
  ),
);

const VERDICTS = { accept: nft.accept, drop: nft.drop, reject: nft.reject } as const;

/** The part of a rule that compares one field. @throws TypeError or RangeError that begins with 'value'. */
export function comparison(name: string, value: unknown, how: 'match' | 'not'): nft.Statement {
  const field = FIELDS.get(name);
  if (field === undefined)
    throw new TypeError(`value: there is no such field${didYouMean(name, [...FIELDS.keys()])}`);
  const operand = value as nft.Operand;
  return nft.match(field, how === 'not' ? nft.not(operand) : operand);
}

/** What a rule is to the kernel, with a counter for those who look. */
export function statementsOf({ match = {}, not = {}, do: verdict }: RuleDefinition): nft.Statement[] {
  return [
    ...Object.entries(match).map(([name, value]) => comparison(name, value, 'match')),
    ...Object.entries(not).map(([name, value]) => comparison(name, value, 'not')),
    nft.counter(),
    VERDICTS[verdict](),
  ];
}
