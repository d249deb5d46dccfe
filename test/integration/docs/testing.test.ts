import { printedIn } from '../../support/printed';
import { counts, type RunnerName, runTests, testDirectory } from '../../support/runners';

const [ofNode = '', ofVitest = '', ofJest = ''] = printedIn('docs/testing.md');

function running(name: RunnerName, text: string) {
  using directory = testDirectory();
  const run = runTests(name, text, directory);
  return { ...counts(run), status: run.status };
}

describe('docs/testing.md', () => {
  test('the tests pass as they are printed, and fail where the server answers otherwise', () => {
    expect(running('node', ofNode)).toEqual({ passed: 3, failed: 0, status: 0 });
    const broken = ofNode.replace('response.end(', 'response.writeHead(500).end(');
    expect(running('node', broken)).toEqual({ passed: 2, failed: 1, status: 1 });
  });

  test.each([
    ['vitest', ofVitest],
    ['jest', ofJest],
  ] as const)('the test for %s passes as it is printed, and fails without the pair', (name, text) => {
    expect(running(name, text)).toEqual({ passed: 1, failed: 0, status: 0 });
    const broken = text.replace("{ ends: ['red', 'blue'] }", '');
    expect(broken).not.toBe(text);
    expect(running(name, broken)).toEqual({ passed: 0, failed: 1, status: 1 });
  });
});
