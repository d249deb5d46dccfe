import type { LabDefinition } from '../../../lib';
import { LabDefinitionError } from '../../../lib/lab/findings';
import { resolve } from '../../../lib/lab/resolve';
import { digestOf } from '../../../lib/lab/rules/rules-table';

function findingsOf(rules: unknown): string[] {
  try {
    resolve({ nodes: { a: { rules } } } as LabDefinition);
  } catch (error) {
    if (!(error instanceof LabDefinitionError)) throw error;
    return error.findings.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

describe('rules of a node', () => {
  test.each<[string, unknown, string[]]>([
    ['none', {}, []],
    ['no object', 7, ['nodes.a.rules: expected an object, got 7']],
    [
      'hooks and lists',
      { inputs: [], output: {} },
      [
        "nodes.a.rules.inputs: there is no such option; did you mean 'input'?",
        'nodes.a.rules.output: expected a list of rules, got [object Object]',
      ],
    ],
    [
      'rules and fields',
      {
        input: [
          { match: { 'tcp.port': 80 }, do: 'drop' },
          { match: { 'tcp.dport': 'no port' }, not: ['x'], do: 'dropp' },
          { not: { 'ip.saddr': '10.0.0.0/99' } },
          { match: { 'ip.saddr': ['10.0.0.1', true, 'x'], 'tcp.dport': [] }, do: 'drop' },
          7,
        ],
      },
      [
        "nodes.a.rules.input[0].match.tcp.port: there is no such field; did you mean 'tcp.sport'?",
        'nodes.a.rules.input[1].do: expected one of accept, drop, reject, got "dropp"; did you mean \'drop\'?',
        expect.stringMatching(/^nodes\.a\.rules\.input\[1\]\.match\.tcp\.dport: /),
        "nodes.a.rules.input[1].not: expected an object like { 'tcp.dport': 80 }, got [x]",
        'nodes.a.rules.input[2].do: it has to be given',
        expect.stringMatching(/^nodes\.a\.rules\.input\[2\]\.not\.ip\.saddr: /),
        'nodes.a.rules.input[3].match.ip.saddr[1]: expected a text, a number, or { from, to }, got true',
        expect.stringMatching(/^nodes\.a\.rules\.input\[3\]\.match\.ip\.saddr\[2\]: /),
        expect.stringMatching(/^nodes\.a\.rules\.input\[3\]\.match\.tcp\.dport: /),
        'nodes.a.rules.input[4]: expected an object, got 7',
      ],
    ],
  ])('%s', (_, rules, findings) => {
    expect(findingsOf(rules)).toEqual(findings);
  });

  test('the same rules have the same digest, in whatever order their fields are', () => {
    const digest = digestOf({ input: [{ match: { 'ip.saddr': '10.0.0.1', 'tcp.dport': 80 }, do: 'drop' }] });
    expect(
      digestOf({ output: [], input: [{ match: { 'tcp.dport': 80, 'ip.saddr': '10.0.0.1' }, do: 'drop' }] }),
    ).toBe(digest);
    expect(digestOf({ input: [{ not: { 'ip.saddr': '10.0.0.1', 'tcp.dport': 80 }, do: 'drop' }] })).not.toBe(
      digest,
    );
    expect(digestOf({ input: [] })).not.toBe(digest);
  });
});
