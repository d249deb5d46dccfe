import {
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  readAcknowledgement,
} from '../../../../lib/netlink/message';
import { neighbor, NTF, NUD } from '../../../../lib/netlink/rtnetlink/neighbor';
import { capture } from '../../../golden/captures';
import { ATTEMPT, received, type Sent, testRequests } from '../../support/requests';

type Value = Parameters<typeof neighbor.add>[0];

const NEW = NLM_F_CREATE | NLM_F_EXCL;
const AF_INET = 2;
const AF_INET6 = 10;

/** struct ndmsg */
const EMPTY = { family: 0, index: 0, state: 0, flags: 0, type: 0 };

function known(last: number, state: number, mac = last): Value {
  return { family: AF_INET, index: 20, state, address: `10.0.1.${last}`, mac: `02:00:00:00:00:0${mac}` };
}

/** `ip` fills the state in whether it means anything or not. */
function forgotten(last: number): Value {
  return { family: AF_INET, index: 20, state: NUD.permanent, address: `10.0.1.${last}` };
}

function add(value: Value, flags = NEW): Sent<Value> {
  return { value, bytes: neighbor.add(value, flags, ATTEMPT).bytes };
}

function remove(value: Value): Sent<Value> {
  return { value, bytes: neighbor.remove(value, ATTEMPT).bytes };
}

function dump(value: Value): Sent<Value> {
  return { value, bytes: neighbor.dump(value, ATTEMPT).bytes };
}

describe('the requests of ip neigh', () => {
  testRequests('neighbor', neighbor.codec, EMPTY, {
    'ip neigh add 10.0.1.2 lladdr 02:00:00:00:00:02 dev va': add(known(2, NUD.permanent)),
    'ip neigh add 10.0.1.3 lladdr 02:00:00:00:00:03 dev va nud stale': add(known(3, NUD.stale)),
    'ip neigh add 10.0.1.4 lladdr 02:00:00:00:00:04 dev va nud noarp': add(known(4, NUD.noarp)),
    'ip neigh add fd00:1::2 lladdr 02:00:00:00:00:02 dev va router nud reachable': add({
      ...known(2, NUD.reachable),
      family: AF_INET6,
      flags: NTF.router,
      address: 'fd00:1::2',
    }),
    'ip neigh add 10.0.1.2 lladdr 02:00:00:00:00:05 dev va': add(known(2, NUD.permanent, 5)),
    'ip neigh replace 10.0.1.2 lladdr 02:00:00:00:00:05 dev va': add(
      known(2, NUD.permanent, 5),
      NLM_F_CREATE | NLM_F_REPLACE,
    ),
    'ip neigh del 10.0.1.3 dev va': remove(forgotten(3)),
    'ip neigh del 10.0.1.9 dev va': remove(forgotten(9)),
    'ip neigh show': dump({}),
    'ip -4 neigh show dev va': dump({ family: AF_INET, outputIndex: 20 }),
  });
});

describe('what the kernel answers', () => {
  const told = (command: string) =>
    received(capture('neighbor', command).reply)
      .filter(({ type }) => type === neighbor.verbs.add)
      .map((message) => neighbor.read(message));

  test('the entries, with nothing left raw', () => {
    const all = told('ip neigh show');
    expect(all.find(({ address }) => address === '10.0.1.2')).toMatchObject(known(2, NUD.permanent, 5));
    expect(all.find(({ address }) => address === 'fd00:1::2')).toMatchObject({
      family: AF_INET6,
      state: NUD.reachable,
      flags: NTF.router,
      probes: 0,
      cacheinfo: { references: 1 },
    });
    expect(all.flatMap(({ unknown = [] }) => unknown)).toEqual([]);
    expect(
      told('ip -4 neigh show dev va')
        .map(({ address }) => address)
        .sort(),
    ).toEqual(['10.0.1.2', '10.0.1.4']);
  });

  test('refusals', () => {
    const refusal = (command: string) =>
      readAcknowledgement(received(capture('neighbor', command).reply)[0]!);
    expect(refusal('ip neigh add 10.0.1.2 lladdr 02:00:00:00:00:05 dev va')).toEqual({ errno: 17 });
    expect(refusal('ip neigh del 10.0.1.9 dev va')).toEqual({ errno: 2 });
  });
});
