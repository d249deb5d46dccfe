import {
  createBridge,
  createNetns,
  createStar,
  createVeth,
  deleteNetns,
  deleteStar,
  type Netns,
  ping,
} from '../../../lib';
import { ip } from '../../support/ip';

/** A way to join two namespaces, who can ping whom as soon as it is done, and its end. */
interface Joined {
  from: Netns;
  to: string;
  end: () => Promise<void>;
}

const ROUNDS = 20;

async function pairOfMembers(reverse: boolean): Promise<Joined> {
  const [red, blue] = await Promise.all([createNetns(), createNetns()]);
  await createVeth(
    { netns: red, name: 'eth0', up: true, addrs: ['10.0.0.1/24'] },
    { netns: blue, name: 'eth0', up: true, addrs: ['10.0.0.2/24'] },
  );
  const ends = reverse ? { from: blue, to: '10.0.0.1' } : { from: red, to: '10.0.0.2' };
  return { ...ends, end: async () => deleteNetns([red, blue]) };
}

async function portAndMember(reverse: boolean): Promise<Joined> {
  const [red, blue] = await Promise.all([createNetns(), createNetns()]);
  await createBridge(red, 'br0', { up: true, addrs: ['10.0.0.1/24'] });
  await createVeth(
    { netns: red, name: 'port', up: true, bridge: 'br0' },
    { netns: blue, name: 'eth0', up: true, addrs: ['10.0.0.2/24'] },
  );
  const ends = reverse ? { from: blue, to: '10.0.0.1' } : { from: red, to: '10.0.0.2' };
  return { ...ends, end: async () => deleteNetns([red, blue]) };
}

async function star(reverse: boolean): Promise<Joined> {
  const hub = await createNetns();
  const members = [1, 2, 3, 4].map((i) => ({ device: { addrs: [`10.0.0.${i}/24`] } }));
  const made = await createStar(hub, { bridge: { name: 'br0', addrs: ['10.0.0.9/24'] }, members });
  const last = made.members.at(-1);
  if (last?.status !== 'created') throw new Error('the last member is missing');
  const ends = reverse ? { from: last.netns, to: '10.0.0.3' } : { from: hub, to: '10.0.0.4' };
  const end = async () => {
    await deleteStar(hub, made);
    await deleteNetns(hub);
  };
  return { ...ends, end };
}

describe('createVeth, createStar', () => {
  // The kernel's worker that notices carriers comes late in some of the rounds, and all the more on a busy machine.
  test.each([
    ['a pair', pairOfMembers],
    ['a port and a member', portAndMember],
    ['a star', star],
  ])('by %s the first packet arrives', async (_, join) => {
    const received: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const { from, to, end } = await join(round % 2 === 1);
      received.push((await ping(from, to, { count: 1, timeout: 500 })).received);
      await end();
    }
    expect(received).toEqual(received.map(() => 1));
  });

  // IPv6 uses no address of a device whose carrier the kernel has not noticed, for a second at worst.
  test('by a pair the kernel has noticed the carriers of both ends', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await using red = await createNetns();
      await using blue = await createNetns();
      await createVeth({ netns: red, name: 'eth0', up: true }, { netns: blue, name: 'eth0', up: true });
      for (const netns of [blue, red]) {
        // a question for one link would have the kernel notice
        expect(await ip(netns, 'link')).toMatchObject([{ ifname: 'lo' }, { operstate: 'UP' }]);
      }
    }
  });
});
