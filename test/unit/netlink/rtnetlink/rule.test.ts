import { NLM_F_CREATE, NLM_F_EXCL, NLMSG_DONE, readAcknowledgement } from '../../../../lib/netlink/message';
import { FIB_RULE, rule } from '../../../../lib/netlink/rtnetlink/rule';
import { capture } from '../../../golden/captures';
import { ATTEMPT, received, type Sent, testRequests } from '../../support/requests';

type Value = Parameters<typeof rule.add>[0];

const AF_INET = 2;
const AF_INET6 = 10;
const MAIN = 254;
const LOCAL = 255;
const NONE = 0xffffffff;

/** struct fib_rule_hdr */
const EMPTY = {
  family: 0,
  dstLength: 0,
  srcLength: 0,
  tos: 0,
  table8: 0,
  action: 'unspec' as const,
  flags: 0,
};
const v4 = { family: AF_INET };
const to100 = { ...v4, table8: 100, action: 'table' as const };
const toMain = { ...to100, table8: MAIN };

function add(value: Value): Sent<Value> {
  return { value, bytes: rule.add(value, NLM_F_CREATE | NLM_F_EXCL, ATTEMPT).bytes };
}

function remove(value: Value): Sent<Value> {
  return { value, bytes: rule.remove(value, ATTEMPT).bytes };
}

function dump(value: Value): Sent<Value> {
  return { value, bytes: rule.dump(value, ATTEMPT).bytes };
}

const single = (first: number, last = first) => ({ first, last });

describe('the requests of ip rule', () => {
  const to1000 = { ...to100, table8: 0, dstLength: 32, dst: '10.0.2.1', table: 1000, priority: 10 };
  testRequests('rule', rule.codec, EMPTY, {
    'ip rule add from 10.0.1.0/24 table 100': add({ ...to100, srcLength: 24, source: '10.0.1.0' }),
    'ip rule add to 10.0.2.1 lookup 1000 priority 10': add(to1000),
    'ip -6 rule add from fd00:1::/64 to fd00:2::1 table main priority 11': add({
      ...toMain,
      family: AF_INET6,
      srcLength: 64,
      dstLength: 128,
      source: 'fd00:1::',
      dst: 'fd00:2::1',
      priority: 11,
    }),
    'ip rule add fwmark 7/0xff table 100 priority 12': add({ ...to100, mark: 7, mask: 255, priority: 12 }),
    'ip rule add not iif va oif vb table local priority 13': add({
      ...to100,
      table8: LOCAL,
      flags: FIB_RULE.invert,
      inputDevice: 'va',
      outputDevice: 'vb',
      priority: 13,
    }),
    'ip rule add ipproto tcp sport 1000-2000 dport 443 table 100 priority 14': add({
      ...to100,
      ipProtocol: 6,
      sourcePorts: single(1000, 2000),
      destinationPorts: single(443),
      priority: 14,
    }),
    'ip rule add uidrange 1000-2000 tos 0x10 table 100 priority 15': add({
      ...to100,
      tos: 16,
      uidRange: single(1000, 2000),
      priority: 15,
    }),
    'ip rule add prohibit from 10.0.3.0/24 priority 16': add({
      ...v4,
      srcLength: 24,
      action: 'prohibit',
      source: '10.0.3.0',
      priority: 16,
    }),
    'ip rule add priority 17 goto 32766': add({ ...v4, action: 'goto', priority: 17, goto: 32766 }),
    'ip rule add table main suppress_prefixlength 0 priority 18': add({
      ...toMain,
      suppressPrefixLength: 0,
      priority: 18,
    }),
    'ip rule add table main suppress_ifgroup 7 priority 19': add({
      ...toMain,
      suppressGroup: 7,
      priority: 19,
    }),
    'ip rule add l3mdev protocol static priority 1000': add({
      ...to100,
      table8: 0,
      l3mdev: 1,
      protocol: 'static',
      priority: 1000,
    }),
    'ip rule del priority 10': remove({ ...v4, priority: 10 }),
    'ip rule del from 10.0.1.0/24 table 100': remove({
      ...v4,
      srcLength: 24,
      table8: 100,
      source: '10.0.1.0',
    }),
    'ip rule del priority 9': remove({ ...v4, priority: 9 }),
    'ip rule show': dump(v4),
    'ip -6 rule show': dump({ family: AF_INET6 }),
  });
});

describe('what the kernel answers', () => {
  const told = (command: string) =>
    received(capture('rule', command).reply)
      .filter(({ type }) => type !== NLMSG_DONE)
      .map((message) => rule.read(message));
  const all = told('ip rule show');
  const at = (priority?: number) => all.find((one) => one.priority === priority);

  test('the rules, with nothing left raw', () => {
    expect(at()).toEqual({
      ...EMPTY,
      ...v4,
      table8: LOCAL,
      action: 'table',
      table: LOCAL,
      suppressPrefixLength: NONE,
      protocol: 'kernel',
    });
    expect(at(13)).toMatchObject({ inputDevice: 'va', outputDevice: 'vb' });
    expect(at(13)?.flags).toBe(FIB_RULE.invert | FIB_RULE.iif_detached | FIB_RULE.oif_detached);
    expect(at(14)).toMatchObject({
      ipProtocol: 6,
      sourcePorts: single(1000, 2000),
      destinationPortMask: 0xffff,
    });
    expect(at(15)).toMatchObject({ tos: 16, uidRange: single(1000, 2000) });
    expect(at(17)).toMatchObject({ action: 'goto', goto: 32766 });
    expect(at(18)).toMatchObject({ suppressPrefixLength: 0 });
    expect(at(19)).toMatchObject({ suppressGroup: 7 });
    const both = [...all, ...told('ip -6 rule show')];
    expect(both.flatMap(({ unknown = [] }) => unknown)).toEqual([]);
  });

  test('refusals', () => {
    const refusal = (command: string) => readAcknowledgement(received(capture('rule', command).reply)[0]!);
    expect(refusal('ip rule add to 10.0.2.1 lookup 1000 priority 10')).toEqual({ errno: 17 });
    expect(refusal('ip rule del priority 9')).toEqual({ errno: 2 });
  });
});
