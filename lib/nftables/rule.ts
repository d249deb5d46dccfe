import type { AnonymousSet, Statement } from './match';
import type { Expression, NftFamily } from './model';
import type { Needs } from './selectors';
import { DATATYPES } from './types';

// A rule's statements in a row, with what has to be looked at before: whether the packet is of the protocol whose
// fields are read. nft puts the same there, and hides it when it prints the rule.

export interface CompiledRule {
  expressions: readonly Expression[];
  /** Lookups into them have their places here as `setId`. */
  sets: readonly AnonymousSet[];
}

/** The network protocol that all packets of a family have. */
const OWN_NETWORK: Readonly<Partial<Record<NftFamily, Needs['network']>>> = {
  ip: 'ip',
  ip6: 'ip6',
  arp: 'arp',
};

const NFPROTO = { ip: 'ipv4', ip6: 'ipv6' } as const;

function isEqual(load: Expression, value: Buffer): Expression[] {
  return [load, { name: 'cmp', data: { sreg: 1, op: 'eq', data: { value } } }];
}

function networkCheck(family: NftFamily, network: NonNullable<Needs['network']>): Expression[] {
  if (family === 'inet' && network !== 'arp') {
    const value = DATATYPES.nf_proto.write(NFPROTO[network], 'nfproto');
    return isEqual({ name: 'meta', data: { key: 'nfproto', dreg: 1 } }, value);
  }
  if (family !== 'bridge' && family !== 'netdev') {
    throw new TypeError(`rule: a table of family ${family} sees no packets of ${network}`);
  }
  const value = DATATYPES.ether_type.write(network, 'protocol');
  return isEqual({ name: 'meta', data: { key: 'protocol', dreg: 1 } }, value);
}

function transportCheck(transport: NonNullable<Needs['transport']>): Expression[] {
  const value = DATATYPES.inet_proto.write(transport, 'l4proto');
  return isEqual({ name: 'meta', data: { key: 'l4proto', dreg: 1 } }, value);
}

/** @internal */
export function compileRule(family: NftFamily, statements: readonly Statement[]): CompiledRule {
  let { network, transport }: Needs = { ...(OWN_NETWORK[family] && { network: OWN_NETWORK[family] }) };
  const expressions: Expression[] = [];
  const sets: AnonymousSet[] = [];
  for (const statement of statements) {
    const { needs = {}, provides = {}, sets: own = [] } = statement;
    if (needs.network !== undefined && needs.network !== network) {
      expressions.push(...networkCheck(family, needs.network));
      network = needs.network;
    }
    if (needs.transport !== undefined && needs.transport !== transport) {
      expressions.push(...transportCheck(needs.transport));
      transport = needs.transport;
    }
    expressions.push(
      ...statement.expressions.map((one) => (own.length > 0 ? relocated(one, sets.length) : one)),
    );
    sets.push(...own);
    network = provides.network ?? network;
    transport = provides.transport ?? transport;
  }
  return { expressions, sets };
}

/** @internal A lookup into an anonymous set calls it by its number, which is counted from somewhere else. */
export function relocated(expression: Expression, from: number): Expression {
  if (expression.name !== 'lookup') return expression;
  const data = expression.data as { setId?: number } | undefined;
  if (data?.setId === undefined) return expression;
  return { name: 'lookup', data: { ...data, setId: data.setId + from } };
}
