import { during, toNetnsError } from '../../../lib/netns/netns-error';

test.each(['setns', 'thread'])('a step that fails in %s is called by what was asked for', (syscall) => {
  const refusal = Object.assign(new Error('canceled'), { code: 'ECANCELED', errno: 125, syscall });
  const step = toNetnsError(refusal, 'open a netlink socket in', 'red');
  expect(during(step, { operation: 'list links' })).toMatchObject({
    operation: 'list links',
    message: expect.stringMatching(
      /^ECANCELED: list links in namespace red: a thread of this library/,
    ) as string,
  });
});
