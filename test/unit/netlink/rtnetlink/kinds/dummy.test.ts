import { NLM_F_CREATE, NLM_F_EXCL } from '../../../../../lib/netlink/message';
import { link } from '../../../../../lib/netlink/rtnetlink/link';
import { ATTEMPT, testRequests } from '../../../support/requests';

const EMPTY = { family: 0, hardware: 0, index: 0, flags: 0, change: 0 };

describe('the requests of ip link for dummy devices', () => {
  const value = { index: 60, mac: '02:00:00:00:00:60', name: 'd0', info: { kind: 'dummy' } };

  testRequests('dummy', link.codec, EMPTY, {
    'ip link add index 60 name d0 address 02:00:00:00:00:60 type dummy': {
      value,
      bytes: link.add(value, NLM_F_CREATE | NLM_F_EXCL, ATTEMPT).bytes,
    },
  });
});
