import type { AnonymousSet, Statement } from '../language/match';
import type { Expression, NftFamily } from '../language/model';
import type { Needs } from '../language/selectors';
import { DATATYPES } from '../language/types';

// The statements of a rule in a row, with checks before them: whether the packet has the protocol whose fields are read.
// nft adds the same checks, and hides them when it prints the rule.

export interface CompiledRule {
  expressions: readonly Expression[];
  /** Anonymous sets. A look-up has the position of its set as `setId`. */
  sets: readonly AnonymousSet[];
}

/** Protocols that all packets of a family have. */
const OWN: Readonly<Partial<Record<NftFamily, Needs>>> = {
  ip: { network: 'ip' },
  ip6: { network: 'ip6' },
  arp: { network: 'arp' },
  bridge: { link: 'ether' },
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

function transportCheck(_: NftFamily, transport: NonNullable<Needs['transport']>): Expression[] {
  const value = DATATYPES.inet_proto.write(transport, 'l4proto');
  return isEqual({ name: 'meta', data: { key: 'l4proto', dreg: 1 } }, value);
}

const ARPHRD_ETHER = 1;

function linkCheck(): Expression[] {
  const value = DATATYPES.iface_type.write(ARPHRD_ETHER, 'iiftype');
  return isEqual({ name: 'meta', data: { key: 'iiftype', dreg: 1 } }, value);
}

/** From the outermost header inwards. */
const CHECKS = { link: linkCheck, network: networkCheck, transport: transportCheck } as const;

/** @internal */
export function compileRule(family: NftFamily, statements: readonly Statement[]): CompiledRule {
  const known: { -readonly [L in keyof Needs]: Needs[L] } = { ...OWN[family] };
  const expressions: Expression[] = [];
  const sets: AnonymousSet[] = [];
  for (const { needs = {}, provides, expressionsIn, sets: ownSets = [], ...statement } of statements) {
    const own = expressionsIn?.[family] ?? statement.expressions;
    for (const layer of Object.keys(CHECKS) as (keyof Needs)[]) {
      const needed = needs[layer];
      if (needed === undefined || needed === known[layer]) continue;
      expressions.push(
        ...(CHECKS[layer] as (family: NftFamily, needed: string) => Expression[])(family, needed),
      );
      Object.assign(known, { [layer]: needed });
    }
    expressions.push(...(ownSets.length > 0 ? own.map((one) => relocated(one, sets.length)) : own));
    sets.push(...ownSets);
    Object.assign(known, provides);
  }
  return { expressions, sets };
}

/** @internal Adds an offset to the number by which a look-up refers to its anonymous set. */
export function relocated(expression: Expression, from: number): Expression {
  if (expression.name !== 'lookup') return expression;
  const data = expression.data as { setId?: number } | undefined;
  if (data?.setId === undefined) return expression;
  return { name: 'lookup', data: { ...data, setId: data.setId + from } };
}
