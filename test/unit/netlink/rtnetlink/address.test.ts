import {
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  NLMSG_DONE,
  readAcknowledgement,
} from '../../../../lib/netlink/message';
import { address, IFA_F } from '../../../../lib/netlink/rtnetlink/address';
import { capture } from '../../../golden/captures';
import { ATTEMPT, received, type Sent, testRequests } from '../../support/requests';

type Value = Parameters<typeof address.add>[0];

const NEW = NLM_F_CREATE | NLM_F_EXCL;
const AF_INET = 2;
const AF_INET6 = 10;
const FOREVER = 0xffffffff;

/** struct ifaddrmsg */
const EMPTY = { family: 0, prefixLength: 0, flags8: 0, scope: 'global' as const, index: 0 };
const v4 = { family: AF_INET, prefixLength: 24, index: 20 };
const v6 = { family: AF_INET6, prefixLength: 64, index: 20 };

function add(value: Value, flags = NEW): Sent<Value> {
  return { value, bytes: address.add(value, flags, ATTEMPT).bytes };
}

function remove(value: Value): Sent<Value> {
  return { value, bytes: address.remove(value, ATTEMPT).bytes };
}

function dump(value: Value): Sent<Value> {
  return { value, bytes: address.dump(value, ATTEMPT).bytes };
}

/** An address that is nobody's peer is sent twice. */
function own(text: string): Value {
  return { local: text, address: text };
}

function lasting(valid: number, preferred: number): Value {
  return { lifetime: { preferred, valid, created: 0, updated: 0 } };
}

describe('the requests of ip addr', () => {
  testRequests('address', address.codec, EMPTY, {
    'ip addr add 10.0.1.1/24 dev va': add({ ...v4, ...own('10.0.1.1') }),
    'ip addr add 10.0.2.1/24 dev va label va:2 scope link broadcast 10.0.2.255': add({
      ...v4,
      scope: 'link',
      local: '10.0.2.1',
      label: 'va:2',
      broadcast: '10.0.2.255',
      address: '10.0.2.1',
    }),
    'ip addr add 10.0.3.1/24 dev va broadcast + metric 50': add({
      ...v4,
      local: '10.0.3.1',
      metric: 50,
      address: '10.0.3.1',
      broadcast: '10.0.3.255',
    }),
    'ip addr add 10.0.4.1 peer 10.0.4.2/32 dev va': add({
      ...v4,
      prefixLength: 32,
      local: '10.0.4.1',
      address: '10.0.4.2',
    }),
    'ip addr add 10.0.5.1/24 dev va valid_lft 3600 preferred_lft 1800': add({
      ...v4,
      ...own('10.0.5.1'),
      ...lasting(3600, 1800),
    }),
    'ip addr add 10.0.6.1/24 dev va noprefixroute': add({
      ...v4,
      local: '10.0.6.1',
      flags: IFA_F.noprefixroute,
      address: '10.0.6.1',
    }),
    'ip addr add 127.0.0.2/8 dev va': add({ ...v4, prefixLength: 8, scope: 'host', ...own('127.0.0.2') }),
    'ip addr add fd00:1::1/64 dev va nodad': add({ ...v6, flags8: IFA_F.nodad, ...own('fd00:1::1') }),
    'ip addr add fd00:2::1/64 dev va': add({ ...v6, ...own('fd00:2::1') }),
    'ip addr add fd00:3::1/64 dev va nodad noprefixroute metric 50': add({
      ...v6,
      local: 'fd00:3::1',
      metric: 50,
      flags: IFA_F.nodad | IFA_F.noprefixroute,
      address: 'fd00:3::1',
    }),
    'ip addr add fd00:4::1 peer fd00:4::2/128 dev va nodad': add({
      ...v6,
      prefixLength: 128,
      flags8: IFA_F.nodad,
      local: 'fd00:4::1',
      address: 'fd00:4::2',
    }),
    'ip addr add fd00:5::1/64 dev va home optimistic valid_lft forever preferred_lft 0': add({
      ...v6,
      flags8: IFA_F.homeaddress | IFA_F.optimistic,
      ...own('fd00:5::1'),
      ...lasting(FOREVER, 0),
    }),
    'ip addr add fd00:6::1/64 dev va anycast fd00:6::2 nodad': add({
      ...v6,
      flags8: IFA_F.nodad,
      local: 'fd00:6::1',
      anycast: 'fd00:6::2',
      address: 'fd00:6::1',
    }),
    'ip addr replace 10.0.1.1/24 dev va valid_lft 900 preferred_lft 900': add(
      { ...v4, ...own('10.0.1.1'), ...lasting(900, 900) },
      NLM_F_CREATE | NLM_F_REPLACE,
    ),
    'ip addr change fd00:2::1/64 dev va nodad': add(
      { ...v6, flags8: IFA_F.nodad, ...own('fd00:2::1') },
      NLM_F_REPLACE,
    ),
    'ip addr del 10.0.2.1/24 dev va': remove({ ...v4, ...own('10.0.2.1') }),
    'ip addr del 10.0.4.1 peer 10.0.4.2/32 dev va': remove({
      ...v4,
      prefixLength: 32,
      local: '10.0.4.1',
      address: '10.0.4.2',
    }),
    'ip addr del fd00:2::1/64 dev va': remove({ ...v6, ...own('fd00:2::1') }),
    'ip addr del 10.0.9.9/24 dev va': remove({ ...v4, ...own('10.0.9.9') }),
    'ip addr show': dump({}),
    'ip -4 addr show dev va': dump({ family: AF_INET, index: 20 }),
    'ip -6 addr show dev va': dump({ family: AF_INET6, index: 20 }),
  });
});

describe('what the kernel answers', () => {
  const addresses = (command: string) =>
    received(capture('address', command).reply)
      .filter(({ type }) => type !== NLMSG_DONE)
      .map((message) => address.read(message));

  test('addresses of IPv4', () => {
    const { permanent, noprefixroute } = IFA_F;
    const forever = { preferred: FOREVER, valid: FOREVER };
    expect(addresses('ip -4 addr show dev va')).toMatchObject([
      { ...v4, prefixLength: 8, ...own('127.0.0.2'), label: 'va', scope: 'host', flags8: permanent },
      { ...v4, ...own('10.0.1.1'), scope: 'global', flags: 0, lifetime: { preferred: 900, valid: 900 } },
      { ...v4, ...own('10.0.3.1'), broadcast: '10.0.3.255', metric: 50, lifetime: forever },
      { ...v4, ...own('10.0.5.1'), flags8: 0, lifetime: { preferred: 1800, valid: 3600 } },
      { ...v4, ...own('10.0.6.1'), flags8: permanent, flags: permanent | noprefixroute, lifetime: forever },
    ]);
  });

  test('addresses of IPv6: the local one is told only where there is a peer', () => {
    const { permanent, nodad, noprefixroute, homeaddress, deprecated, tentative } = IFA_F;
    const all = addresses('ip -6 addr show dev va');
    expect(all).toMatchObject([
      { ...v6, address: 'fd00:6::1', flags: permanent | nodad },
      { ...v6, address: 'fd00:5::1', flags: permanent | homeaddress | deprecated | tentative },
      { ...v6, prefixLength: 128, local: 'fd00:4::1', address: 'fd00:4::2', flags: permanent | nodad },
      { ...v6, address: 'fd00:3::1', metric: 50, flags: permanent | nodad | noprefixroute },
      { ...v6, address: 'fd00:1::1', flags: permanent | nodad },
    ]);
    expect(all[1]).not.toHaveProperty('local');
    expect(all[1]?.lifetime).toMatchObject({ preferred: 0, valid: FOREVER });
  });

  test('those of all devices, and that they are all', () => {
    const all = received(capture('address', 'ip addr show').reply);
    expect(all.map(({ type }) => type)).toEqual([...Array<number>(12).fill(20), NLMSG_DONE]);
    expect(readAcknowledgement(all.at(-1)!)).toEqual({ errno: 0 });
    const unknown = addresses('ip addr show').flatMap((one) => one.unknown ?? []);
    expect(unknown).toEqual([]);
  });

  test('refusals', () => {
    const refusal = (command: string) => readAcknowledgement(received(capture('address', command).reply)[0]!);
    expect(refusal('ip addr add 10.0.1.1/24 dev va')).toEqual({
      errno: 17,
      sentence: 'ipv4: Address already assigned',
    });
    expect(refusal('ip addr del 10.0.9.9/24 dev va')).toMatchObject({ errno: 99 });
  });
});
