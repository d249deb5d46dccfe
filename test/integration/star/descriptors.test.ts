import { program, runProgram } from '../../support/program';

const create = program(async ({ rtnetns, fs, tell }) => {
  const host = await rtnetns.createNetns();
  const names = () => fs.readdirSync('/run/netns');
  const before = names();
  const members = Array.from({ length: 200 }, (_, i) => ({ name: `m${i}` }));
  const error = await rtnetns
    .createStar(host, { bridge: { name: 'br0' }, members })
    .catch((reason: unknown) => reason);
  const { code, rollbackErrors = [] } = error as { code: string; rollbackErrors?: Error[] };
  // what was made is taken back, or is named
  const left = names().filter((name) => !before.includes(name));
  const named = (name: string) => rollbackErrors.some(({ message }) => message.split(/[ :]/).includes(name));
  tell({ code, unnamed: left.filter((name) => !named(name)) });
  for (const name of left) await rtnetns.deleteNetns(name);
});

describe('createStar', () => {
  test.each([40, 60, 120])('with %i descriptors it leaves nothing that it does not name', async (most) => {
    const { told, stderr } = await runProgram(create, { wrapper: ['prlimit', `--nofile=${most}`] });
    expect({ told, stderr }).toEqual({ told: [{ code: 'EMFILE', unnamed: [] }], stderr: '' });
  });
});
