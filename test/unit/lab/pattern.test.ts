import { namesOfPattern } from '../../../lib/lab/pattern';

describe('patterns', () => {
  test.each([
    ['web', ['web']],
    ['web{1..3}', ['web1', 'web2', 'web3']],
    ['{0..1}x', ['0x', '1x']],
    ['a{08..11}b', ['a08b', 'a09b', 'a10b', 'a11b']],
    ['n{7..7}', ['n7']],
  ])('%s', (pattern, names) => {
    expect(namesOfPattern(pattern, 100)).toEqual(names);
  });

  test.each([
    'web{3..1}',
    'web{}',
    'web{1..}',
    'web{a..b}',
    'web{1..2',
    '{1..2}{1..2}',
    'web{-1..2}',
    'x{1..101}',
  ])('%s is none', (pattern) => {
    expect(namesOfPattern(pattern, 100)).toBeUndefined();
  });
});
