import { printedIn, runPrinted } from '../../support/printed';

describe('docs/addresses.md', () => {
  test('the example runs as it is printed', () => {
    const [example = ''] = printedIn('docs/addresses.md');
    const runOfItsOwn = ['unshare', '-m', 'sh', '-euc', 'mount -t tmpfs t /run; exec "$@"', 'sh'];
    const said = runPrinted(example, ...runOfItsOwn);
    const comments = [...example.matchAll(/console\.log\(await .*\/\/ ([\d./]+)/g)].map(([, text]) => text);
    expect(said).toBe(`${comments.join('\n')}\ndb has 10.128.0.50/24\n`);
    expect(comments).toHaveLength(4);
  });
});
