import { isText } from '../../common/options';
import { shown } from '../../common/shown';
import { REJECT_CODES } from '../../netlink/nfnetlink/names';
import { checkVerdict, verdictMessage } from './key';
import type { Statement } from './match';
import type { Expression, Verdict } from './model';

// The statements that end a rule: what becomes of the packet.

/**
 * Ends the rule with this: verdict('return'), verdict({ jump: 'others' }).
 *
 * @example
 * ```ts
 * // meta l4proto udp return
 * const statements = [nft.match(nft.meta.l4proto, 'udp'), nft.verdict('return')];
 * await nft.apply(red, [nft.addRule(chain, statements)]);
 * ```
 */
export function verdict(what: Verdict): Statement {
  const message = verdictMessage(checkVerdict(what, 'what'));
  return { expressions: [{ name: 'immediate', data: { dreg: 0, data: { verdict: message } } }] };
}

/**
 * The packet goes on to the next chain of another hook or priority.
 *
 * @example
 * ```ts
 * // ct state established,related accept
 * const statements = [nft.match(nft.ct.state, ['established', 'related']), nft.accept()];
 * await nft.apply(red, [nft.addRule(chain, statements)]);
 * ```
 */
export function accept(): Statement {
  return verdict('accept');
}

/**
 * The packet is gone.
 *
 * @example
 * ```ts
 * // ip saddr 192.0.2.0/24 drop
 * const statements = [nft.match(nft.ip.saddr, '192.0.2.0/24'), nft.drop()];
 * await nft.apply(red, [nft.addRule(chain, statements)]);
 * ```
 */
export function drop(): Statement {
  return verdict('drop');
}

/**
 * Goes on in another chain, and after its end here.
 *
 * @example
 * ```ts
 * // tcp dport 80 jump web
 * const statements = [nft.match(nft.tcp.dport, 80), nft.jump('web')];
 * await nft.apply(red, [nft.addChain({ table, name: 'web' }), nft.addRule(chain, statements)]);
 * ```
 */
export function jump(chain: string): Statement {
  isText(chain, 'chain');
  return verdict({ jump: chain });
}

/**
 * Goes on in another chain, and after its end where this one was jumped to from.
 *
 * @example
 * ```ts
 * // tcp dport 80 goto web
 * const statements = [nft.match(nft.tcp.dport, 80), nft.goto('web')];
 * await nft.apply(red, [nft.addChain({ table, name: 'web' }), nft.addRule(chain, statements)]);
 * ```
 */
export function goto(chain: string): Statement {
  isText(chain, 'chain');
  return verdict({ goto: chain });
}

type Codes<K extends keyof typeof REJECT_CODES> = keyof (typeof REJECT_CODES)[K];

/** What the sender gets. 'icmpx' is for tables of both families, and of bridges. */
export type Rejection =
  'tcp reset' | { icmp: Codes<'icmp'> } | { icmpv6: Codes<'icmpv6'> } | { icmpx: Codes<'icmpx'> };

/**
 * What 'icmpx' means for IPv4 and IPv6. In a table of one family, the kernel takes 'icmpx' and drops the packet without an answer
 * (6.18), so the family's own code goes there.
 */
const OF_ONE_FAMILY = {
  ip: {
    'no-route': REJECT_CODES.icmp['net-unreachable'],
    'port-unreachable': REJECT_CODES.icmp['port-unreachable'],
    'host-unreachable': REJECT_CODES.icmp['host-unreachable'],
    'admin-prohibited': REJECT_CODES.icmp['admin-prohibited'],
  },
  ip6: {
    'no-route': REJECT_CODES.icmpv6['no-route'],
    'port-unreachable': REJECT_CODES.icmpv6['port-unreachable'],
    'host-unreachable': REJECT_CODES.icmpv6['addr-unreachable'],
    'admin-prohibited': REJECT_CODES.icmpv6['admin-prohibited'],
  },
} as const;

const rejecting = (type: 'icmp' | 'icmpx' | 'tcp reset', code: number): Expression[] => [
  { name: 'reject', data: { type, code } },
];

const REJECT_NEEDS = { icmp: { network: 'ip' }, icmpv6: { network: 'ip6' } } as const;

/**
 * Drops the packet and sends an error to its sender; by default 'port-unreachable' of 'icmpx'. In a table of family ip or ip6,
 * this is the error of that family.
 *
 * @example
 * ```ts
 * // tcp dport 25 reject with tcp reset
 * const statements = [nft.match(nft.tcp.dport, 25), nft.reject('tcp reset')];
 * await nft.apply(red, [nft.addRule(chain, statements)]);
 * ```
 */
export function reject(how: Rejection = { icmpx: 'port-unreachable' }): Statement {
  if (how === 'tcp reset') return { needs: { transport: 'tcp' }, expressions: rejecting(how, 0) };
  checkRejection(how);
  const [[kind, word]] = Object.entries(how) as [[keyof typeof REJECT_CODES, string]];
  const codes: Readonly<Record<string, number>> = REJECT_CODES[kind];
  if (typeof word !== 'string' || !Object.hasOwn(codes, word)) {
    throw new RangeError(`reject: expected one of ${Object.keys(codes).join(', ')}, got ${shown(word)}`);
  }
  const code = codes[word] ?? 0;
  if (kind !== 'icmpx') return { needs: REJECT_NEEDS[kind], expressions: rejecting('icmp', code) };
  const common = word as Codes<'icmpx'>;
  return {
    expressions: rejecting('icmpx', code),
    expressionsIn: {
      ip: rejecting('icmp', OF_ONE_FAMILY.ip[common]),
      ip6: rejecting('icmp', OF_ONE_FAMILY.ip6[common]),
    },
  };
}

function checkRejection(how: unknown): void {
  const kinds = Object.keys(REJECT_CODES);
  const [kind, ...more] = typeof how === 'object' && how !== null ? Object.keys(how) : [];
  if (kind !== undefined && kinds.includes(kind) && more.length === 0) return;
  const rule = `expected 'tcp reset', or one of ${kinds.map((one) => `{ ${one} }`).join(', ')}`;
  throw new TypeError(`how: ${rule}, got ${shown(how)}`);
}
