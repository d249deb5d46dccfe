import { pathAt } from '../../../../lib/netlink/option-path';
import { Bytes } from '../../../../lib/netlink/bytes';
import { NLMSG_DONE, NLMSG_HDRLEN, readAcknowledgement } from '../../../../lib/netlink/message';
import { nsid } from '../../../../lib/netlink/rtnetlink/nsid';
import { capture } from '../../../golden/captures';
import { ATTEMPT, received, type Sent, testRequests, unacknowledged } from '../../support/requests';

type Value = Parameters<typeof nsid.add>[0];

function add(value: Value): Sent<Value> {
  return { value, bytes: nsid.add(value, 0, ATTEMPT).bytes };
}

function dump(value: Value): Sent<Value> {
  return { value, bytes: nsid.dump(value, ATTEMPT).bytes };
}

describe('the requests of ip netns', () => {
  // the descriptor is what open(2) gave to `ip`
  const get = { fd: 6 };
  testRequests(
    'nsid',
    nsid.codec,
    { family: 0 },
    {
      'ip netns list': { value: get, bytes: unacknowledged(nsid.get(get, ATTEMPT).bytes) },
      'ip netns set red 7': add({ fd: 6, nsid: 7 }),
      'ip netns set red 8': add({ fd: 6, nsid: 8 }),
      'ip netns set blue auto': add({ fd: 6, nsid: -1 }),
      'ip netns list-id': dump({}),
      'ip netns list-id target-nsid 7': dump({ targetNsid: 7 }),
    },
  );
});

describe('what the kernel answers', () => {
  const replies = (command: string) => received(capture('nsid', command).reply);

  test('a namespace without a number', () => {
    expect(nsid.read(replies('ip netns list')[0]!)).toEqual({ family: 0, nsid: -1 });
  });

  test('all numbers', () => {
    const all = replies('ip netns list-id');
    expect(all.map(({ type }) => type)).toEqual([88, 88, NLMSG_DONE]);
    expect(all.slice(0, 2).map((message) => nsid.read(message).nsid)).toEqual([0, 7]);
  });

  test('a refusal, which points at the attribute', () => {
    const command = 'ip netns set red 8';
    const refusal = readAcknowledgement(replies(command)[0]!);
    expect(refusal).toEqual({ errno: 17, sentence: 'Peer netns already has a nsid assigned', offset: 20 });
    const { request } = capture('nsid', command);
    const path = pathAt(nsid.codec, new Bytes(request), NLMSG_HDRLEN, request.length, refusal.offset!);
    expect(path).toEqual(['fd']);
  });
});
