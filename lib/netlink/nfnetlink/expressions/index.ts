import { attributes, list, NLA_F_NESTED } from '../../attributes';
import { text } from '../../codec';
import { bitwise, byteorder, cmp, lookup, range } from './comparisons';
import { ct, exthdr, fib, hash, immediate, meta, numgen, payload, rt, socket } from './loads';
import { connlimit, counter, last, limit, quota } from './stateful';
import { dynset, log, masq, nat, notrack, objref, redir, reject } from './statements';

/**
 * The data of an expression by its name: a new one is a table and a name here. One that is not here, such as a match
 * of xtables, has raw data.
 */
export const expressions = {
  bitwise,
  byteorder,
  cmp,
  connlimit,
  counter,
  ct,
  dynset,
  exthdr,
  fib,
  hash,
  immediate,
  last,
  limit,
  log,
  lookup,
  masq,
  meta,
  nat,
  notrack,
  numgen,
  objref,
  payload,
  quota,
  range,
  redir,
  reject,
  rt,
  socket,
};

export const expression = attributes({
  name: [1, text(0xff)], // NFTA_EXPR_NAME
  data: [2 | NLA_F_NESTED, { by: 'name', codecs: expressions }], // NFTA_EXPR_DATA
});

export const expressionList = list(1 | NLA_F_NESTED, expression); // NFTA_LIST_ELEM
