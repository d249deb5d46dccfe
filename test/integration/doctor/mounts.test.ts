import type { Finding } from '../../../lib';
import { CLI } from '../../support/cli';
import { commandsOf, execFileAsync } from '../../support/doctor';

/** A mount namespace of its own, in which a name was mounted before `ip netns` bound /run/netns to itself. */
const EARLY = `
  mount -t tmpfs none /run
  mkdir /run/netns
  touch /run/netns/early
  unshare -n mount --bind /proc/self/ns/net /run/netns/early
  ip netns add late`;

const look = `"${process.execPath}" "${CLI}" doctor --json || true`;

async function findings(script: string): Promise<Finding[]> {
  const { stdout } = await execFileAsync('unshare', ['-m', 'sh', '-ec', `${EARLY}\n${script}\n${look}`]);
  return JSON.parse(stdout) as Finding[];
}

describe('doctor', () => {
  test('a name whose mount lies below that of /run/netns is found, and its fix deletes it', async () => {
    const ours = ({ where }: Finding) => where.startsWith('/run/netns');
    const [doubled, ...others] = (await findings('')).filter(ours);
    expect(doubled).toMatchObject({ code: 'doubled-mount', where: '/run/netns/early' });
    expect(others).toEqual([]);
    const deleted = 'if ip netns del early 2>/dev/null; then exit 9; fi';
    const [stale] = (await findings(deleted)).filter(ours);
    expect(stale).toMatchObject({ code: 'stale-name', where: '/run/netns/early' });
    for (const [before, finding] of [
      ['', doubled],
      [deleted, stale],
    ] as const) {
      const fixed = `${before}\n${commandsOf(finding!).join('\n')}\nip netns exec late true; test ! -e /run/netns/early`;
      expect((await findings(fixed)).filter(ours)).toEqual([]);
    }
  });
});
