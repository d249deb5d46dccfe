import { sandboxed } from '../../support/cli';
import { announced, printedIn, runPrinted } from '../../support/printed';

// in an /etc of its own: an example writes there
const inside = 'mount -t tmpfs etc /etc; touch /etc/resolv.conf; unset NODE_EXTRA_CA_CERTS; exec "$@"';
const ownEtc = ['unshare', '-m', 'sh', '-euc', inside, 'sh'];

describe('docs/egress.md', () => {
  test.each(printedIn('docs/egress.md').map((example, i) => ({ example, number: i + 1 })))(
    'example $number prints what its comments say',
    ({ example }) => {
      expect(announced(example).length).toBeGreaterThan(0);
      expect(
        runPrinted(example, ...ownEtc)
          .trim()
          .split('\n'),
      ).toEqual(announced(example));
    },
  );

  test('examples/egress.mjs', () => {
    const { status, stdout, stderr } = sandboxed(...ownEtc, process.execPath, 'examples/egress.mjs');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout.trim().split('\n')).toEqual([
      'api.example.com: hello from api.example.com',
      'www.example.net: ENOTFOUND',
      '198.41.0.4:443: ECONNREFUSED',
      'refused: the name www.example.net',
      'refused: 198.41.0.4 port 443',
    ]);
  });
});
