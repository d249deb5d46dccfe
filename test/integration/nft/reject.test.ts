import { nft } from '../../../lib';
import { run } from '../../support/ip';
import { linked } from '../../support/namespaces';
import { nftSays } from '../../support/nft';

/** Sends a datagram, and prints what comes back. */
const CLIENT = `
import socket, sys
address = sys.argv[1]
client = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(10)
# without IP_RECVERR, IPV6_RECVERR, only port-unreachable is reported
client.setsockopt(*(41, 25, 1) if ':' in address else (0, 11, 1))
client.connect((address, 9))
client.send(b'hello')
try:
    client.recv(100)
except OSError as error:
    print(type(error).__name__, error.errno)
`;

describe('nft.reject', () => {
  test.each([
    ['ip', '10.0.1.2', 'port-unreachable', 'ConnectionRefusedError 111'],
    ['ip6', 'fd00::2', 'port-unreachable', 'ConnectionRefusedError 111'],
    ['inet', '10.0.1.2', 'port-unreachable', 'ConnectionRefusedError 111'],
    ['inet', 'fd00::2', 'port-unreachable', 'ConnectionRefusedError 111'],
    ['ip', '10.0.1.2', 'host-unreachable', 'OSError 113'],
    ['ip6', 'fd00::2', 'host-unreachable', 'OSError 113'],
    ['inet', '10.0.1.2', 'host-unreachable', 'OSError 113'],
  ] as const)(
    'in a table of family %s, the sender at %s gets %s',
    async (family, address, code, expected) => {
      await using pair = await linked({ names: ['red', 'blue'], addrs: ['10.0.1.#/24', 'fd00::#/64'] });
      const table = { family, name: 't' } as const;
      const chain = { table, name: 'input', hook: 'input' } as const;
      const statements = [nft.match(nft.udp.dport, 9), nft.reject({ icmpx: code })];
      await nft.apply(pair.blue, [nft.addTable(table), nft.addChain(chain), nft.addRule(chain, statements)]);
      expect((await run(pair.red, 'python3', '-c', CLIENT, address)).trim()).toBe(expected);
    },
  );

  test('without an argument, it is what nft prints without one', async () => {
    await using pair = await linked({ names: ['red'], addrs: ['10.0.1.#/24'] });
    for (const family of ['ip', 'ip6', 'inet'] as const) {
      const table = { family, name: 't' } as const;
      const chain = { table, name: 'input', hook: 'input' } as const;
      const rule = nft.addRule(chain, [nft.reject()]);
      await nft.apply(pair.red, [nft.addTable(table), nft.addChain(chain), rule]);
      const lines = (await nftSays(pair.red, 'list', 'chain', family, 't', 'input')).split('\n');
      expect([family, lines[3]?.trim()]).toEqual([family, 'reject']);
    }
  });
});
