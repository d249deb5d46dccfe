import { attributes, NLA_F_NESTED } from '../../attributes';
import { bareText, be16, choice, text, u8 } from '../../codec';
import { be32, be64 } from '../../network-order';
import { name, register } from '../data';
import { statefulExpression, statefulList } from './stateful';

// Expressions that do something to the packet, or report it.

/** linux/netfilter/nf_nat.h, NF_NAT_RANGE_* */
export const NAT_FLAGS = {
  mapIps: 1,
  specified: 2, // NF_NAT_RANGE_PROTO_SPECIFIED
  random: 4, // NF_NAT_RANGE_PROTO_RANDOM
  persistent: 8,
  fullyRandom: 16, // NF_NAT_RANGE_PROTO_RANDOM_FULLY
  prefix: 64, // NF_NAT_RANGE_NETMAP
} as const;

export const nat = attributes({
  type: [1, choice(be32, { snat: 0, dnat: 1 })], // NFTA_NAT_TYPE, NFT_NAT_*
  family: [2, choice(be32, { ip: 2, ip6: 10 })], // NFTA_NAT_FAMILY, NFPROTO_IPV4, NFPROTO_IPV6
  addressMin: [3, register], // NFTA_NAT_REG_ADDR_MIN
  addressMax: [4, register], // NFTA_NAT_REG_ADDR_MAX
  portMin: [5, register], // NFTA_NAT_REG_PROTO_MIN
  portMax: [6, register], // NFTA_NAT_REG_PROTO_MAX
  flags: [7, be32], // NFTA_NAT_FLAGS
});

export const masq = attributes({
  flags: [1, be32], // NFTA_MASQ_FLAGS
  portMin: [2, register], // NFTA_MASQ_REG_PROTO_MIN
  portMax: [3, register], // NFTA_MASQ_REG_PROTO_MAX
});

export const redir = attributes({
  portMin: [1, register], // NFTA_REDIR_REG_PROTO_MIN
  portMax: [2, register], // NFTA_REDIR_REG_PROTO_MAX
  flags: [3, be32], // NFTA_REDIR_FLAGS
});

/** linux/netfilter/nf_tables.h, NFT_LOGLEVEL_*: those of syslog, and audit. */
export const LOG_LEVELS = {
  emerg: 0,
  alert: 1,
  crit: 2,
  err: 3,
  warn: 4, // NFT_LOGLEVEL_WARNING
  notice: 5,
  info: 6,
  debug: 7,
  audit: 8,
} as const;

export const log = attributes({
  group: [1, be16], // NFTA_LOG_GROUP
  prefix: [2, text(127)], // NFTA_LOG_PREFIX
  snaplen: [3, be32], // NFTA_LOG_SNAPLEN
  queueThreshold: [4, be16], // NFTA_LOG_QTHRESHOLD
  level: [5, choice(be32, LOG_LEVELS)], // NFTA_LOG_LEVEL
  flags: [6, be32], // NFTA_LOG_FLAGS
});

/** linux/netfilter/nf_tables.h, NFT_REJECT_* */
const REJECT_TYPES = {
  icmp: 0, // NFT_REJECT_ICMP_UNREACH
  'tcp reset': 1, // NFT_REJECT_TCP_RST
  icmpx: 2, // NFT_REJECT_ICMPX_UNREACH
} as const;

/** `icmpx` is the code that both families have a word for. */
export const reject = attributes({
  type: [1, choice(be32, REJECT_TYPES)], // NFTA_REJECT_TYPE
  code: [2, u8], // NFTA_REJECT_ICMP_CODE
});

/** The flow is not tracked. It has no attributes. */
export const notrack = attributes({});

/** An object by its name, or by what an object map has for the key. */
export const objref = attributes({
  type: [1, be32], // NFTA_OBJREF_IMM_TYPE
  name: [2, bareText(255)], // NFTA_OBJREF_IMM_NAME
  sreg: [3, register], // NFTA_OBJREF_SET_SREG
  set: [4, name], // NFTA_OBJREF_SET_NAME
  setId: [5, be32], // NFTA_OBJREF_SET_ID
});

/** A set that packets fill. `timeout` is in milliseconds. */
export const dynset = attributes({
  keyRegister: [4, register], // NFTA_DYNSET_SREG_KEY
  dataRegister: [5, register], // NFTA_DYNSET_SREG_DATA
  op: [3, choice(be32, { add: 0, update: 1, delete: 2 })], // NFTA_DYNSET_OP, NFT_DYNSET_OP_*
  timeout: [6, be64], // NFTA_DYNSET_TIMEOUT
  set: [1, name], // NFTA_DYNSET_SET_NAME
  setId: [2, be32], // NFTA_DYNSET_SET_ID
  expression: [7 | NLA_F_NESTED, statefulExpression], // NFTA_DYNSET_EXPR
  flags: [9, be32], // NFTA_DYNSET_FLAGS
  expressions: [10 | NLA_F_NESTED, statefulList], // NFTA_DYNSET_EXPRESSIONS
});
