import { mountsOf } from '../../../lib/doctor/mounts';

const NETNS = [
  '3 2 0:2 /netns /run/netns rw',
  '4 3 0:4 net:[1] /run/netns/red rw',
  '5 3 0:4 net:[2] /run/netns/blue rw',
];
const shown = (...lines: string[]) => mountsOf([...lines, ''].join('\n'));

test.each([
  ['another', '1 0 0:1 / / rw'],
  ['itself, as in an initramfs', '1 1 0:1 / / rw'],
])('where the parent of the root is %s, what is mounted below is not covered', (_, root) => {
  expect(shown(root, '2 1 0:2 / /run rw', ...NETNS)).toEqual(
    ['', '/red', '/blue'].map((name) => ({ path: `/run/netns${name}`, covered: false })),
  );
});

test('what was mounted before its directory was mounted over itself is covered', () => {
  const early = '6 2 0:4 net:[3] /run/netns/early rw';
  const found = shown('1 0 0:1 / / rw', '2 1 0:2 / /run rw', early, ...NETNS);
  expect(found.filter(({ covered }) => covered)).toEqual([{ path: '/run/netns/early', covered: true }]);
});

test('a file system over the whole of which another one is mounted is not reported', () => {
  const outer = '3 1 0:2 / /run/netns rw';
  const inner = '4 3 0:3 / /run/netns rw';
  const directory = { path: '/run/netns', covered: false };
  expect(shown('1 0 0:1 / / rw', outer, inner)).toEqual([directory]);
  // as `mount --bind` of a directory on itself leaves it
  expect(shown('1 0 0:1 / / rw', outer, inner.replace('0:3', '0:2'))).toEqual([directory, directory]);
});
