import { nft, type PacketTrace } from '../../../lib';
import { rtnetns } from '../../support/cli';
import { createLab, HOST, LAN } from '../../support/lab';

const { match, tcp } = nft;

const rtnetnsTrace = (...args: string[]) => rtnetns('trace', ...args);

describe('rtnetns trace', () => {
  test('prints the way of a packet, and exits with what became of it', async () => {
    await using lab = await createLab();
    const table = { family: 'inet', name: 'filter' } as const;
    const input = { table, name: 'input', hook: 'input' } as const;
    await nft.apply(lab.host, [
      nft.addTable(table),
      nft.addChain(input),
      nft.addRule(input, [match(tcp.dport, 22), nft.drop()]),
    ]);
    const dropped = rtnetnsTrace('host', '--to', HOST[4], '--port', '22', '--from', 'lan');
    expect(dropped).toMatchObject({ status: 1, stderr: '' });
    expect(dropped.stdout).toMatch(/dropped by inet filter input: tcp dport 22 drop\n$/);
    const accepted = rtnetnsTrace(
      'host',
      '--to',
      HOST[4],
      '--protocol',
      'udp',
      '--port',
      '53',
      '--from',
      'lan',
      '--json',
    );
    expect(accepted).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(accepted.stdout) as PacketTrace).toMatchObject({
      outcome: 'accepted',
      packet: { protocol: 'udp', source: LAN[4], destinationPort: 53 },
    });
    // of this namespace, which has no way there
    expect(rtnetnsTrace('--to', '10.9.9.9').stdout).toMatch(
      /^not sent: net:\[\d+\] could not send it: ENETUNREACH\n$/,
    );
  });

  test('what it requires is required in its help, too', () => {
    const { stdout } = rtnetnsTrace('--help');
    expect(stdout).toMatch(/^Usage: rtnetns trace \[name\] --to <address> \[options\]\n/);
    expect(stdout).toMatch(/ --to <address> .*\(required\)\n/);
    expect(stdout).toMatch(/ --port <number> .*\(required for tcp and udp\)\n/);
  });
});
