import type { Words } from '../common/error-text';
import type { BatchFailure, BatchItem } from '../netlink/batch';
import { Bytes } from '../netlink/bytes';
import { NLMSG_HDRLEN } from '../netlink/message';
import { chain } from '../netlink/nfnetlink/chain';
import { rule } from '../netlink/nfnetlink/rule';
import { table, TABLE_F } from '../netlink/nfnetlink/table';
import { NO_NFTABLES } from './generation';
import { explainObject } from './object-words';

// Words for the kernel's error codes where the kernel sends no sentence: mostly, which module is missing.

/** Expressions that are part of nf_tables itself. */
const BUILT_IN = new Set([
  'bitwise',
  'byteorder',
  'cmp',
  'counter',
  'dynset',
  'exthdr',
  'immediate',
  'last',
  'lookup',
  'meta',
  'objref',
  'payload',
  'range',
  'rt',
]);

/** Expressions that refer to another object by name, which may be what is missing. */
const REFERRING: Readonly<Record<string, string>> = {
  lookup: 'there is no such set',
  dynset: 'there is no such set',
  objref: 'there is no such object',
  immediate: 'there is no such chain',
};

/** Modules whose names are not made of the expressions' names. */
const MODULES: Readonly<Record<string, string>> = {
  notrack: 'nft_ct',
  fib: 'nft_fib, and nft_fib_inet, nft_fib_ipv4 or nft_fib_ipv6',
  reject: 'nft_reject, and nft_reject_inet, nft_reject_ipv4, nft_reject_ipv6 or nft_reject_bridge',
};

const CHAIN_TYPE_MODULES: Readonly<Record<string, string>> = {
  nat: 'nft_chain_nat',
  route: 'nft_chain_route',
};

/** What the kernel's build calls the families. */
const FAMILY_OPTIONS: Readonly<Record<string, string>> = { ip: 'IPV4', ip6: 'IPV6' };

/** @internal Explains a refusal; undefined where there is nothing to add to the code. */
export function explainFailure(
  item: BatchItem | undefined,
  { error: { code, option } }: BatchFailure,
): string | undefined {
  if (item === undefined) return WORDS[code];
  const words = explainObject(item, code, option);
  if (words !== undefined) return words;
  if (item.codec === table.codec) return explainTable(item, code);
  if (item.codec === rule.codec) return explainRule(item, code, option);
  return item.codec === chain.codec ? explainChain(item, code, option) : undefined;
}

const noFamily = (family: string | number) =>
  `this kernel has no nf_tables for the family ${family}: CONFIG_NF_TABLES_${FAMILY_OPTIONS[family] ?? `${family}`.toUpperCase()}`;

function explainTable({ bytes }: BatchItem, code: string): string | undefined {
  const { family, flags = 0 } = table.codec.read(new Bytes(bytes), NLMSG_HDRLEN, bytes.length);
  if (code === 'EOPNOTSUPP') return noFamily(family);
  const hasNews = (flags & (TABLE_F.owner | TABLE_F.persist)) !== 0;
  return code === 'EINVAL' && hasNews ? "the flag 'owner' takes Linux 5.12, 'persist' 6.9" : undefined;
}

function explainChain({ bytes }: BatchItem, code: string, option: string | undefined): string | undefined {
  const { family, type = '', hook } = chain.codec.read(new Bytes(bytes), NLMSG_HDRLEN, bytes.length);
  const module = option === 'type' ? CHAIN_TYPE_MODULES[type] : undefined;
  if (module !== undefined) return `this kernel has no chains of type ${type}: module ${module}`;
  if (code !== 'EOPNOTSUPP' || hook === undefined) return undefined;
  // 5.10 takes tables of a family that it does not have
  return `a chain of type ${type} cannot have this hook, or ${noFamily(family)}`;
}

/** @internal Words for what the elements of a set with `autoMerge` do not allow. */
export const HELD = {
  ENOENT: 'no interval of the set includes all of it',
  EEXIST: 'the set holds a part of it',
} as const;

/** Words for a failure of the transaction as a whole. */
const WORDS: Words = {
  EOPNOTSUPP: NO_NFTABLES,
  ERESTART: 'somebody else changed the ruleset meanwhile, each time',
};

function explainRule({ bytes }: BatchItem, code: string, option = ''): string | undefined {
  const { expressions = [] } = rule.codec.read(new Bytes(bytes), NLMSG_HDRLEN, bytes.length);
  const place = /^expressions\.(\d+)/.exec(option)?.[1];
  if (place === undefined) {
    // The kernel validates the whole table after each rule, and does not report the expression at fault (6.18).
    if (code !== 'EOPNOTSUPP') return undefined;
    const names = expressions.map(({ name = '' }) => name).join(', ');
    return `one of its expressions is not for a chain of this type or at this hook: ${names}`;
  }
  const name = expressions[Number(place)]?.name ?? '';
  if (code === 'ENOENT' && REFERRING[name] !== undefined) return `expression '${name}': ${REFERRING[name]}`;
  if ((code !== 'ENOENT' && code !== 'EOPNOTSUPP') || BUILT_IN.has(name)) return `expression '${name}'`;
  const missing =
    code === 'ENOENT'
      ? `this kernel has no expression '${name}' for this family`
      : `the expression '${name}' is not for a chain of this type or hook, or this kernel lacks it`;
  return `${missing}: module ${MODULES[name] ?? `nft_${name}`}`;
}
