import { spawnSync } from 'node:child_process';
import { createNetns, setLink } from '../../../lib';
import { CLI, outside } from '../../support/cli';

const NAME = 'a\udcffb';

/** Runs a script in which `rtnetns` is the command, and $NAME has the bytes of NAME. */
function shell(script: string) {
  const functions = `rtnetns() { "$0" "$@"; }; NAME=$(printf 'a\\377b')`;
  const command = functions.replace('"$0"', '"$0" $FLAGS "$CLI"');
  const { status, stdout, stderr } = spawnSync('sh', ['-euc', `${command}; ${script}`, process.execPath], {
    env: { FLAGS: '', ...outside(), CLI },
    timeout: 60_000,
  });
  return { status, stdout: stdout.toString('latin1'), stderr: stderr.toString('latin1') };
}

describe('rtnetns', () => {
  test.each([
    ['rtnetns doctor "$NAME"', 'nothing found\n'],
    ['rtnetns trace "$NAME" --to 127.0.0.1', /accepted/],
    ['rtnetns trace "$NAME" --from "$NAME" --to 127.0.0.1', /accepted/],
  ])('%s finds a namespace whose name is not UTF-8', async (script, printed) => {
    await using netns = await createNetns(NAME);
    await setLink(netns, 'lo', { up: true });
    expect(shell(script)).toEqual({
      status: 0,
      stdout: expect.stringMatching(printed) as string,
      stderr: '',
    });
  });

  test('errors show the bytes of an argument', () => {
    const { status, stderr } = shell('rtnetns doctor "$NAME"');
    expect(stderr).toBe('rtnetns: ENOENT: open namespace a\\udcffb: there is no such namespace (open)\n');
    expect(status).toBe(2);
    expect(shell('rtnetns "--$NAME"').stderr).toBe("rtnetns: unknown option '--a\\udcffb'\n");
  });

  test('U+FFFD is no byte that was lost', () => {
    expect(shell(`rtnetns doctor "$(printf '\\357\\277\\275')"`).stderr).toMatch(/namespace \xef\xbf\xbd:/);
  });

  test('a title of the process is no argument', () => {
    const { status, stderr } = shell('FLAGS=--title=other; rtnetns doctor "$NAME"');
    expect(stderr).toMatch(
      /^rtnetns: an argument holds .* a byte that is not UTF-8: .* leave out node's --title\n$/,
    );
    expect(status).toBe(2);
  });

  test('sandbox hands the bytes on to the command, which it becomes', () => {
    const all = shell(`rtnetns sandbox -- printf '[%s]' "$NAME" 'ö' '' "$NAME \\\\ \\$(false)'
"`);
    expect(all).toEqual({ status: 0, stdout: "[a\xffb][\xc3\xb6][][a\xffb \\ $(false)'\n]", stderr: '' });
    const environment = shell('VALUE=$NAME rtnetns sandbox printenv VALUE');
    expect(environment.stdout).toBe('a\xffb\n');
    // a shell would leave out a variable of this name
    const dotted = shell('env a.b=c "$0" "$CLI" sandbox printenv a.b "$NAME"');
    expect(dotted.stdout).toBe('c\n');
    const missing = shell('rtnetns sandbox "$NAME"');
    expect(missing).toMatchObject({
      status: 127,
      stderr: 'rtnetns-sandbox: a\xffb: No such file or directory\n',
    });
    const family = shell(`rtnetns sandbox sh -c 'readlink /proc/$PPID/exe' "$NAME"`);
    expect(family.stdout).toMatch(/\/node\n$/);
  });
});
