import {
  createLab,
  exec,
  type LabDefinition,
  LabError,
  openLab,
  ping,
  type RulesDefinition,
} from '../../../lib';
import { testWith } from '../../support/capabilities';
import { failure } from '../../support/ip';

const NFT = 'nf_tables in the families ip, ip6 and inet';

const definition = (rules?: RulesDefinition, more: LabDefinition['nodes'] = {}): LabDefinition => ({
  name: 'rules',
  switches: { lan: { subnet: ['10.0.0.0/24', 'fd00::/64'] }, wan: { subnet: '10.1.0.0/24' } },
  routers: { r: { ports: ['lan', 'wan'], ...(rules && { rules }) } },
  nodes: { a: { ports: 'lan' }, b: { ports: 'wan' }, ...more },
});

const rules: RulesDefinition = {
  input: [{ match: { 'icmp.type': 'echo-request', 'ip.saddr': ['10.0.0.0/24', '10.9.0.0/16'] }, do: 'drop' }],
  forward: [
    { match: { 'tcp.dport': { from: 1, to: 99 } }, not: { 'ip.saddr': '10.0.0.9' }, do: 'reject' },
    { match: { 'meta.iifname': 'eth1', 'ct.state': 'new' }, do: 'drop' },
  ],
};

describe('createLab', () => {
  testWith(NFT, 'rules are what nft lists, and do what they say', async () => {
    await using lab = await createLab(definition(rules));
    const received = async (from: string, to: string): Promise<number> =>
      (await ping(lab.node(from), to, { timeout: 300 })).received;
    expect(await received('a', '10.0.0.1')).toBe(0);
    expect(await received('a', 'fd00::1')).toBe(1);
    expect(await received('a', lab.addr('b'))).toBe(1);
    expect(await received('b', lab.addr('a'))).toBe(0);
    const connect = `require('node:net').connect(80, '${lab.addr('b')}').on('error', ({ code }) => console.log(code))`;
    expect((await exec(lab.node('a'), process.execPath, ['-e', connect])).stdout).toBe('ECONNREFUSED\n');
    const { stdout } = await exec(lab.node('r'), 'nft', ['list', 'table', 'inet', 'lab-rules']);
    const lines = stdout
      .split('\n')
      .map((line) => line.trim().replace(/packets (\d+) bytes \d+/, 'packets $1'));
    expect(lines.filter((line) => /counter|hook/.test(line))).toEqual([
      'type filter hook input priority filter; policy accept;',
      'icmp type echo-request ip saddr { 10.0.0.0/24, 10.9.0.0/16 } counter packets 1 drop',
      'type filter hook forward priority filter; policy accept;',
      'tcp dport 1-99 ip saddr != 10.0.0.9 counter packets 1 reject',
      'iifname "eth1" ct state new counter packets 1 drop',
    ]);
  });

  testWith(NFT, 'a plan sees what has changed, is gone, or was made by another object', async () => {
    await using lab = await createLab(definition());
    expect(String(await lab.plan(definition(rules)))).toBe('+ rules of r');
    await lab.apply(definition(rules));
    expect((await lab.plan(definition(rules))).empty).toBe(true);
    // a list without rules is none
    expect((await lab.plan(definition({ ...rules, output: [] }))).empty).toBe(true);
    const other: RulesDefinition = { output: [{ do: 'accept' }] };
    expect(String(await lab.plan(definition(other)))).toMatch(/^~ rules of r: digest /);
    await exec(lab.node('r'), 'nft', ['delete', 'table', 'inet', 'lab-rules']);
    expect(String(await lab.plan(definition(rules)))).toBe('+ rules of r');
    await lab.apply(definition(rules));
    const opened = await openLab('rules');
    expect((await opened.plan(definition(rules))).empty).toBe(true);
    opened.close();
    expect(String(await lab.plan(definition()))).toBe('- rules of r');
    await lab.apply(definition());
    expect((await exec(lab.node('r'), 'nft', ['list', 'tables'])).stdout).toBe('');
  });

  testWith(NFT, 'a failed apply puts them back, unless nobody knows what they were', async () => {
    await using lab = await createLab(definition(rules));
    const failing = definition(undefined, { c: { run: { command: ['false'], ready: { log: 'never' } } } });
    const listed = async (): Promise<string> => (await exec(lab.node('r'), 'nft', ['list', 'tables'])).stdout;
    expect(await failure(lab.apply(failing))).toMatchObject({ code: 'ERR_LAB_PROCESS' });
    expect(await listed()).toBe('table inet lab-rules\n');
    expect((await lab.plan(definition(rules))).empty).toBe(true);
    const opened = await openLab('rules');
    const error = await failure(opened.apply(failing));
    opened.close();
    expect(error).toBeInstanceOf(LabError);
    expect(error).toMatchObject({ code: 'ERR_LAB_PROCESS', rollbackErrors: [{ code: 'ERR_LAB_RULES' }] });
  });
});
