import * as rtnetns from '../../../lib';
import { type Capability, kernelHas } from '../../support/capabilities';
import { announced } from '../../support/printed';
import { announcedRule, codeOf, type Example, runExamples } from '../../support/reference';
import { publicFunctions } from '../../support/signatures';

/** What is called by JavaScript itself or by nft, and never by a user. */
const CALLED_BY_OTHERS =
  /^(Capture\.(next|return)|EventIterator\.(next|return)|nft\.Selector\.(load|store)|Netns\.toString|.*\.__@.*)$/;

/** Functions that need what some kernels lack: there, their examples are only compiled. */
const NEEDS: readonly (readonly [functions: RegExp, capability: Capability])[] = [
  [/^(set|clear)Impairment$/, 'queueing disciplines of the kind netem'],
  [/^(get|set)Wireguard$/, 'links of the kinds wireguard and xfrm'],
];

const isSkipped = (name: string) =>
  NEEDS.some(([functions, capability]) => functions.test(name) && !kernelHas(capability));

const FUNCTIONS = publicFunctions().filter(({ name }) => !CALLED_BY_OTHERS.test(name));

const EXAMPLES: Example[] = FUNCTIONS.flatMap(({ name, examples }) =>
  examples.map((tag) => ({ name, code: codeOf(tag), skipped: isSkipped(name) })),
);

/** What an example says that it prints, where it runs. */
const printedBy = ({ code, skipped }: Example) => (skipped === true ? [] : announced(code));

describe('lib/index.ts', () => {
  let ran: ReturnType<typeof runExamples>;

  beforeAll(() => {
    ran = runExamples(EXAMPLES, Object.keys(rtnetns));
  });

  test('every public function has an example', () => {
    expect(FUNCTIONS.length).toBeGreaterThan(100);
    expect(FUNCTIONS.filter(({ examples }) => examples.length === 0).map(({ name }) => name)).toEqual([]);
  });

  test('an example has one to five lines', () => {
    const lines = ({ code }: Example) => (code === '' ? 0 : code.split('\n').length);
    expect(EXAMPLES.filter((one) => lines(one) < 1 || lines(one) > 5)).toEqual([]);
  });

  test('the compiler takes the examples', () => {
    expect(ran.complaints).toEqual([]);
  });

  test('each example runs, and prints what its comments say', () => {
    const outcomes = EXAMPLES.map((one, i) => {
      const { rules: _, ...outcome } = ran.outcomes[i]!;
      return { ...outcome, printed: printedBy(one).length > 0 ? outcome.printed : [] };
    });
    expect(outcomes).toEqual(EXAMPLES.map((one) => ({ name: one.name, printed: printedBy(one) })));
    expect(ran.stderr).toBe('');
  });

  test('each rule is what its comment says', () => {
    const rules = EXAMPLES.map((one) => announcedRule(one));
    expect(rules.filter((rule) => rule !== undefined).length).toBeGreaterThan(15);
    expect(ran.outcomes.map(({ rules: [rule] }, i) => rules[i] && rule)).toEqual(rules);
  });
});
