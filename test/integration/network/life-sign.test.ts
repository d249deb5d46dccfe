import { createBridgeNetwork, nft } from '../../../lib';
import { failure, run } from '../../support/ip';
import { createLab, member, python } from '../../support/lab';

const RED = { name: 'red', subnet: '10.1.0.0/24' } as const;

/** Binds a life sign, as another user if one is given. */
const HOLDER = `
import os, socket, sys
if int(sys.argv[2]): os.setuid(int(sys.argv[2]))
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind('\\0rtnetns ' + sys.argv[1])
print('ready', flush=True)
sys.stdin.read()
`;

const ID = 4711;

const STATES = {
  table: { family: 'inet', name: 'rtnetns' },
  name: 'states',
  key: ['ifname', 'mark'],
} as const;

describe('createBridgeNetwork', () => {
  test.each([0, 1])('a life sign that user %d holds for ever', async (uid) => {
    await using lab = await createLab();
    const { host } = lab;
    const red = lab.use(await createBridgeNetwork(host, RED));
    const a = await member(lab);
    const { port } = await red.attach(a);
    // As a process leaves it that crashed while it detached the member.
    const states = await nft.listElements(host, STATES);
    const [, state] = states.map(({ key }) => key as [string, number]).find(([name]) => name === port)!;
    const element = (number: number) => `{ "${port}" . ${number} }`;
    await run(host, 'nft', `delete element inet rtnetns states ${element(state)}`);
    await run(host, 'nft', `add element inet rtnetns states ${element(ID)}`);
    lab.use(await python(host, HOLDER, String(ID), String(uid)));
    if (uid === 0) {
      const error = await failure(red.detach(a));
      expect(error).toMatchObject({ name: 'NetworkError', code: 'ETIMEDOUT' });
      expect(error.message).toMatch(/the Unix socket '@rtnetns 4711', inode \d+, of user 0/);
    } else {
      expect(await red.detach(a)).toBe(true);
      expect((await red.attach(a)).found).toBe(false);
    }
    await red.remove();
  });
});
