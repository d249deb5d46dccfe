import { announced, printedIn, runPrinted } from '../../support/printed';

describe('docs/links.md', () => {
  test.each(printedIn('docs/links.md').map((example, i) => ({ example, number: i + 1 })))(
    'example $number prints what its comments say',
    ({ example }) => {
      expect(announced(example).length).toBeGreaterThan(0);
      expect(runPrinted(example).trim().split('\n')).toEqual(announced(example));
    },
  );
});
