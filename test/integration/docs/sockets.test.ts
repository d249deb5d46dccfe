import { printedIn, runPrinted } from '../../support/printed';

describe('docs/sockets.md', () => {
  test('the example of docs/sockets.md runs as it is printed', () => {
    const [example] = printedIn('docs/sockets.md');
    expect(runPrinted(example).trim().split('\n').sort()).toEqual(['10.0.0.2', 'hello']);
  });
});
