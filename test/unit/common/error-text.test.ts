import { errorText } from '../../../lib/common/error-text';
import { NetlinkError } from '../../../lib/netlink/error';
import { NetnsError } from '../../../lib/netns/netns-error';
import { NetworkError } from '../../../lib/network/network-error';
import { PoolError } from '../../../lib/pool/pool-error';

test('what was attempted, then what is known of the refusal; what is not known leaves no trace', () => {
  const attempted = ['create link', 'eth0', 'in namespace', 'red'];
  const known = { sentence: 'Unknown device type', option: "option 'kind'", explanation: 'no such module' };
  expect(errorText({ code: 'EINVAL', attempted, ...known })).toBe(
    "EINVAL: create link eth0 in namespace red: Unknown device type: option 'kind': no such module",
  );
  expect(errorText({ code: 'EINVAL', attempted: ['create link', undefined], sentence: '' })).toBe(
    'EINVAL: create link',
  );
});

const operation = 'attach to';

test.each<[Error, string]>([
  [
    new NetlinkError({ operation: 'set link', device: 2, errno: 19, netns: 'red', option: 'mtu' }, 'gone'),
    "ENODEV: set link 2 in namespace red: option 'mtu': gone",
  ],
  [
    new NetnsError({ code: 'ENOENT', operation: 'open namespace', netns: 'red', reason: 'there is none' }),
    'ENOENT: open namespace red: there is none',
  ],
  [
    new NetworkError({
      code: 'EADDRINUSE',
      operation,
      network: 'lan',
      option: 'publish[0]',
      reason: 'taken',
    }),
    'EADDRINUSE: attach to network lan: publish[0]: taken',
  ],
  [
    new PoolError({ code: 'ENOSPC', operation: 'allocate from', pool: '10.0.0.0/8', reason: 'full' }),
    'ENOSPC: allocate from pool 10.0.0.0/8: full',
  ],
])('%s', (error, text) => {
  expect(error.message).toBe(text);
});
