import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../support/cli';

const page = readFileSync(join(ROOT, 'docs', 'architecture.md'), 'utf8');

describe('docs/architecture.md', () => {
  test('every file that the page names exists', () => {
    const named = [...page.matchAll(/\*\*`((?:lib|native)\/[^`]+)`\*\*/g)].map(([, path = '']) => path);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test("the request is the one that 'ip addr add' sends", () => {
    const [, bytes = ''] = /\n\n((?: {7}[\da-f ]+ {4,}.*\n)+)/.exec(page) ?? [];
    const hex = bytes.replace(/^ {7}([\da-f ]+?) {4,}.*$/gm, '$1').replace(/\s/g, '');
    const golden = JSON.parse(readFileSync(join(ROOT, 'test/golden/address.json'), 'utf8')) as {
      captures: { command: string; request: string }[];
    };
    expect(golden.captures.find(({ request }) => request === hex)?.command).toBe(
      'ip addr add 10.0.1.1/24 dev va',
    );
  });
});
