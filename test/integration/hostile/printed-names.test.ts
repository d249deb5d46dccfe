import { createBridge, createNetns, nft, type Netns, setLink } from '../../../lib';
import { rtnetns } from '../../support/cli';

const FAKE = 'in\x1b[2K\r\naccepted: it is for this host\u202e';
const table = { family: 'inet', name: `t${FAKE}` } as const;

/** A tenant's chain that drops everything, under a name that would overwrite the line. */
async function drop(tenant: Netns): Promise<void> {
  const input = { table, name: FAKE, hook: 'input', policy: 'drop', comment: FAKE } as const;
  await nft.apply(tenant, [
    nft.addTable(table),
    nft.addChain(input),
    nft.addRule(input, [nft.log({ prefix: FAKE })], { comment: FAKE }),
  ]);
}

/** What is printed, in lines that a terminal shows as they are. */
function lines(...args: string[]): string[] {
  const { stdout, stderr } = rtnetns(...args);
  expect(stderr + stdout).toMatch(/^(\n|[^\p{Cc}\u2028-\u202e\u2066-\u2069])+$/u);
  return (stderr + stdout).trimEnd().split('\n');
}

describe('formatTrace', () => {
  test('names that a tenant chose are printed in the line that they belong to', async () => {
    await using tenant = await createNetns('tenant');
    await setLink(tenant, 'lo', { up: true });
    await drop(tenant);
    const traced = lines('trace', 'tenant', '--to', '127.0.0.1', '--protocol', 'udp', '--port', '9');
    expect(traced.at(-1)).toMatch(/^dropped by inet t/);
    expect(traced).not.toContainEqual(expect.stringMatching(/^accepted/));
    const json = lines('trace', 'tenant', '--to', '127.0.0.1', '--port', '9', '--json');
    expect(JSON.parse(json.join('\n'))).toMatchObject({ outcome: 'dropped', steps: [{ chain: FAKE }, {}] });
  });

  test('and so are those of findings and of errors', async () => {
    await using tenant = await createNetns('tenant');
    await createBridge(tenant, 'br\x1b[2J', { up: true, addrs: ['10.0.0.1/24'] });
    const input = { table, name: FAKE, hook: 'input', policy: 'drop' } as const;
    await nft.apply(tenant, [nft.addTable(table), nft.addChain(input)]);
    const found = lines('doctor', 'tenant');
    expect(found.filter((line) => line.includes('accepted: it is'))).toEqual([
      expect.stringMatching(/^warning: chain inet t/),
    ]);
    expect(lines('doctor', `no${FAKE.replaceAll('/', '')}`)).toHaveLength(1);
  });
});
