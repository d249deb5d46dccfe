import { lint } from '../../support/lint';

const MUST_NOT_KNOW = /this folder must not know that one/;

describe('the layers of lib/', () => {
  const cases = [
    ['a lower layer that imports a higher one', 'netlink/message', "import '../netns/netns';", MUST_NOT_KNOW],
    ['the same from a folder below', 'netlink/rtnetlink/link', "import '../../netns/netns';", MUST_NOT_KNOW],
    ['a type', 'routes/routes', "import type { Link } from '../links/link-view';", MUST_NOT_KNOW],
    ['what is handed on', 'links/links', "export { addRoute } from '../routes/routes';", MUST_NOT_KNOW],
    ['who loads the addon', 'netns/netns', "import bindings from 'bindings';", /only lib\/addon\/load.ts/],
    ['a higher layer that imports a lower one', 'netns/netns', "import '../netlink/message';", undefined],
    ['a file beside it', 'netlink/message', "import './attributes';", undefined],
  ] as const;
  let reports: string[][];

  beforeAll(() => {
    reports = lint(
      '@typescript-eslint/no-restricted-imports',
      cases.map(([, file, text]) => [`lib/${file}.ts`, text]),
    );
  }, 120_000);

  test.each(cases.map(([what, , , expected], i) => [what, expected, i] as const))('%s', (_, expected, i) => {
    expect(reports[i]).toEqual(expected === undefined ? [] : [expect.stringMatching(expected) as string]);
  });
});
