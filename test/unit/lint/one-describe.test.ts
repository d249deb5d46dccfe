import { lint } from '../../support/lint';

// Each text breaks the rule in one way, or in none, in a folder of test/integration.
const CASES: readonly [what: string, file: string, text: string, reported: readonly RegExp[]][] = [
  ['one describe', 'links/veth', "describe('createVeth', () => { test('works', () => {}); });", []],
  ['several names', 'links/veth', "describe('createVeth, createBridge', () => {});", []],
  ['a name of a module', 'nft/apply', "describe('nft.apply', () => {});", []],
  ['a method', 'netns/handles', "describe('Netns.close', () => {});", []],
  ['each', 'links/veth', "describe('createVeth', () => { test.each([1])('%i', () => {}); });", []],
  ['the addon', 'addon/exit', "describe('native', () => {});", []],
  ['a command', 'cli/trace', "describe('rtnetns trace', () => {});", []],
  ['a page', 'docs/trace', "describe('docs/trace.md', () => {});", []],
  ['the package', 'package', "describe('package.json', () => {});", []],
  ['none', 'links/veth', 'export {};', [/one top-level describe, not 0/]],
  [
    'two',
    'links/veth',
    "describe('createVeth', () => {}); describe('createBridge', () => {});",
    [/one top-level describe, not 2/],
  ],
  [
    'a test outside',
    'links/veth',
    "describe('createVeth', () => {}); test('works', () => {});",
    [/outside the top-level describe/],
  ],
  [
    'a table of tests outside',
    'links/veth',
    "describe('createVeth', () => {}); it.each([1])('%i', () => {});",
    [/outside the top-level describe/],
  ],
  [
    'a hook outside',
    'links/veth',
    "describe('createVeth', () => {}); afterAll(() => {});",
    [/outside the top-level describe/],
  ],
  ['a name that is private', 'links/veth', "describe('vethRequest', () => {});", [/'vethRequest' is no/]],
  ['a name that is a type', 'links/veth', "describe('Link', () => {});", [/'Link' is no public name/]],
  ['one of two unknown', 'links/veth', "describe('createVeth, veths', () => {});", [/'veths' is no/]],
  ['the addon elsewhere', 'links/veth', "describe('native', () => {});", [/'native' is no public name/]],
  ['a command that is none', 'cli/trace', "describe('rtnetns tarce', () => {});", [/'rtnetns tarce' is no/]],
  ['a page that is none', 'docs/trace', "describe('docs/tarce.md', () => {});", [/'docs\/tarce.md' is no/]],
  ['a computed title', 'links/veth', 'describe(`create${1}`, () => {});', [/is a string/]],
  [
    'a title that is repeated',
    'links/veth',
    "describe('createVeth', () => { test('createVeth works', () => {}); test('createVeths', () => {}); });",
    [/repeats 'createVeth'/],
  ],
];

describe('rtnetns/one-describe', () => {
  let reports: string[][];

  beforeAll(() => {
    const texts = CASES.map(([, file, text]) => [`test/integration/${file}.test.ts`, text] as const);
    reports = lint('rtnetns/one-describe', texts);
  }, 120_000);

  test.each(CASES.map(([what, , , expected], i) => [what, expected, i] as const))('%s', (_, expected, i) => {
    expect(reports[i]).toEqual(expected.map((message) => expect.stringMatching(message) as string));
  });
});
