import { announced, printedIn, runPrinted } from '../../support/printed';

describe('docs/not-supported.md', () => {
  test.each(printedIn('docs/not-supported.md').map((example, i) => ({ example, number: i + 1 })))(
    'example $number prints what its comments say',
    ({ example }) => {
      expect(announced(example).length).toBeGreaterThan(0);
      expect(runPrinted(example).trim().split('\n')).toEqual(announced(example));
    },
  );
});
