import type { LabDefinition } from '../../../lib';
import { LabDefinitionError } from '../../../lib/lab/findings';
import { resolve } from '../../../lib/lab/resolve';

function findingsOf(definition: unknown): string[] {
  try {
    resolve(definition as LabDefinition);
  } catch (error) {
    if (!(error instanceof LabDefinitionError)) throw error;
    return error.findings.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

const nodes = { 'web{1..2}': {}, db: {}, cache: {} };

describe('latencies between regions', () => {
  test('they are of each node to each of the other region, and back', () => {
    const { latencies } = resolve({
      nodes,
      routers: { r: {} },
      regions: { eu: ['web{1..2}', 'r'], us: 'db', asia: [] },
      latency: [
        { between: ['us', 'eu'], delay: 80, jitter: 5 },
        { between: ['eu', 'eu'], delay: 2 },
        { between: ['us', 'us'], loss: 1 },
        { between: ['us', 'asia'], loss: 1 },
      ],
    });
    const far = { delay: 80, jitter: 5 };
    expect(latencies.map(({ place: _, ...one }) => one)).toEqual([
      { node: 'db', peers: ['web1', 'web2', 'r'], options: far },
      { node: 'web1', peers: ['db'], options: far },
      { node: 'web2', peers: ['db'], options: far },
      { node: 'r', peers: ['db'], options: far },
      { node: 'web1', peers: ['web2', 'r'], options: { delay: 2 } },
      { node: 'web2', peers: ['web1', 'r'], options: { delay: 2 } },
      { node: 'r', peers: ['web1', 'web2'], options: { delay: 2 } },
    ]);
    expect(latencies[0]?.place).toEqual(['latency', 0]);
  });

  test.each<[string, unknown, string[]]>([
    [
      'what is of another shape',
      { regions: ['web1'], latency: { between: ['a', 'b'] } },
      [
        'regions: expected an object with the nodes of each region, got [web1]',
        "latency: expected a list like [{ between: ['eu', 'us'], delay: 80 }], got [object Object]",
      ],
    ],
    [
      'options',
      {
        nodes,
        regions: { eu: 7, us: ['db', 8] },
        latency: [
          { between: 'eu', delay: 1 },
          { between: ['eu', 'us'], delai: 1 },
          { delay: 1 },
          { between: ['eu', 'us'] },
          { between: ['eu', 7], delay: 1 },
        ],
      },
      [
        'regions.eu: expected a string, got 7',
        'regions.us[1]: expected a string, got 8',
        "latency[0].between: expected two regions, like ['eu', 'us'], got \"eu\"",
        "latency[1].delai: there is no such option; did you mean 'delay'?",
        'latency[2].between: it has to be given',
        "latency[3]: expected what becomes of the packets, like 'delay: 80'",
        'latency[4].between[1]: expected a string, got 7',
      ],
    ],
    [
      'unknown nodes and regions, and those that are there twice',
      {
        nodes,
        regions: { eu: ['web{1..3}', 'wev2'], us: ['db', 'web1', 'db'], asia: 'cache{2..1}' },
        latency: [
          { between: ['eu', 'us'], delay: 1 },
          { between: ['us', 'eu'], delay: 1 },
          { between: ['eu', 'usa'], delay: 1 },
        ],
      },
      [
        "regions.eu[0]: there is no node 'web3'; did you mean 'web1'?",
        "regions.eu[1]: there is no node 'wev2'; did you mean 'web2'?",
        "regions.us[1]: 'web1' is in the region 'eu' already",
        "regions.us[2]: 'db' is in the region 'us' already",
        "regions.asia: expected a name, or a pattern like 'web{1..3}'",
        'latency[1].between: latency[0] is of the same two',
        "latency[2].between[1]: there is no region 'usa'; did you mean 'us'?",
      ],
    ],
  ])('%s', (_, definition, findings) => {
    expect(findingsOf(definition)).toEqual(findings);
  });
});
