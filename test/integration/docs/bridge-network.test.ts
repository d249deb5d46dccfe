import { announced, printedIn, runPrinted } from '../../support/printed';

// in an /etc of its own: the second one writes there, and node is not to look for certificates in what was there
const inside = 'mount -t tmpfs etc /etc; touch /etc/resolv.conf; unset NODE_EXTRA_CA_CERTS; exec "$@"';
const ownEtc = ['unshare', '-m', 'sh', '-euc', inside, 'sh'];

describe('docs/bridge-network.md', () => {
  test('the examples of docs/bridge-network.md run as they are printed', () => {
    const examples = printedIn('docs/bridge-network.md');
    const said = examples.map((example) => runPrinted(example, ...ownEtc));
    const told = examples.map((example) =>
      announced(example)
        .map((text) => `${text}\n`)
        .join(''),
    );
    expect(said).toEqual(told);
    expect(told).toHaveLength(2);
  });
});
