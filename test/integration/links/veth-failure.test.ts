// A pair that cannot be made, at the request or later: nothing of it is left on either side.
import { createBridge, createNetns, createVeth, type Netns, openNetns, type VethEnd } from '../../../lib';
import { execFileSync } from 'node:child_process';
import { tracingChannel } from 'node:diagnostics_channel';
import { failure, ip, type Json } from '../../support/ip';

/** All devices and addresses, but for what a bridge keeps of the ports that it ever had. */
async function everything(...all: Netns[]): Promise<Json[]> {
  const found = all.flatMap((netns) => [ip(netns, 'link'), ip(netns, 'addr')]);
  return (await Promise.all(found)).flat().map(({ tso_max_size: _, ...link }) => link);
}

type Ends = (red: Netns, blue: Netns) => [VethEnd, VethEnd];

/** Both have a bridge 'br0' and a pair 'taken' – 'other'. */
async function attempt(ends: Ends): Promise<Error & { code?: string }> {
  await using red = await createNetns('red');
  await using blue = await createNetns('blue');
  for (const netns of [red, blue]) {
    await createBridge(netns, 'br0');
    await createVeth({ netns, name: 'taken' }, { netns, name: 'other' });
  }
  const before = await everything(red, blue);
  const error = await failure(createVeth(...ends(red, blue)));
  expect(await everything(red, blue)).toEqual(before);
  return error;
}

type Answered = (context: { operation: string; result?: unknown }) => boolean;

/** Calls it when a request has its answer, before anybody else hears of it, until it returns true. @returns what ends that. */
function once(answered: Answered): () => void {
  const requests = tracingChannel<unknown, Parameters<Answered>[0]>('rtnetns:request');
  const subscriber = {
    asyncStart(context: Parameters<Answered>[0]) {
      if (answered(context)) end();
    },
  };
  const end = () => requests.unsubscribe(subscriber as never);
  requests.subscribe(subscriber as never);
  return end;
}

describe('createVeth', () => {
  test.each<[string, Ends, string]>([
    [
      'first',
      (red, blue) => [
        { netns: red, name: 'taken' },
        { netns: blue, name: 'b' },
      ],
      "EEXIST: create veth taken in namespace red: a device named 'taken' exists already in namespace red",
    ],
    [
      'second',
      (red, blue) => [
        { netns: red, name: 'a' },
        { netns: blue, name: 'taken' },
      ],
      "EEXIST: create veth a in namespace red: a device named 'taken' exists already in namespace blue",
    ],
    [
      'both',
      (red, blue) => [
        { netns: red, name: 'taken' },
        { netns: blue, name: 'other' },
      ],
      "EEXIST: create veth taken in namespace red: a device named 'taken' exists already in namespace red, " +
        "and a device named 'other' exists already in namespace blue",
    ],
    [
      'neither, but they are the same',
      (red) => [
        { netns: red, name: 'a' },
        { netns: red, name: 'a' },
      ],
      'EEXIST: create veth a in namespace red: both ends are to have one name in one namespace',
    ],
  ])('names taken: %s', async (_, ends, message) => {
    const error = await attempt(ends);
    expect(error).toMatchObject({
      name: 'NetlinkError',
      code: 'EEXIST',
      message: expect.any(String) as string,
    });
    expect(error.message.slice(0, message.length)).toBe(message);
  });

  test.each<[string, Ends, string, string]>([
    [
      'no such bridge on the first end',
      (red, blue) => [
        { netns: red, name: 'a', bridge: 'br7' },
        { netns: blue, name: 'b' },
      ],
      'ENODEV',
      'br7 in namespace red: there is no such device',
    ],
    [
      'no such bridge on the second end',
      (red, blue) => [
        { netns: red, name: 'a' },
        { netns: blue, name: 'b', bridge: 'br7' },
      ],
      'ENODEV',
      'br7 in namespace blue: there is no such device',
    ],
    [
      'two bridges, of which one is not there',
      (red, blue) => [
        { netns: red, name: 'a', bridge: 'br0' },
        { netns: blue, name: 'b', bridge: 'br7' },
      ],
      'ENODEV',
      'br7 in namespace blue: there is no such device',
    ],
    [
      'two bridges, of which one is not there by its index',
      (red, blue) => [
        { netns: red, name: 'a', bridge: 'br0' },
        { netns: blue, name: 'b', bridge: 4711 },
      ],
      'EINVAL',
      'there is no such master',
    ],
    [
      'two bridges, of which one is none',
      (red, blue) => [
        { netns: red, name: 'a', bridge: 'br0' },
        { netns: blue, name: 'b', bridge: 'taken' },
      ],
      'EOPNOTSUPP',
      'the master is no bridge',
    ],
    [
      'one bridge, which is none',
      (red, blue) => [
        { netns: red, name: 'a', bridge: 'taken' },
        { netns: blue, name: 'b' },
      ],
      'EOPNOTSUPP',
      'the master is no bridge',
    ],
    [
      'an address that only lo takes on the first end',
      (red, blue) => [
        { netns: red, name: 'a', addrs: ['10.0.0.1/24', '::1/128'] },
        { netns: blue, name: 'b', up: true },
      ],
      'EADDRNOTAVAIL',
      'add address ::1/128 to a in namespace red',
    ],
    [
      'an address that only lo takes on the second end, whose name the kernel chose',
      (red, blue) => [
        { netns: red, name: 'a', up: true },
        { netns: blue, addrs: ['fd00::1/64', '::1/128'], up: true },
      ],
      'EADDRNOTAVAIL',
      'add address ::1/128',
    ],
    [
      'an address that the kernel refuses',
      (red, blue) => [
        { netns: red, name: 'a', addrs: ['10.0.0.1/24', 'ff02::1/64'] },
        { netns: blue, name: 'b' },
      ],
      'EADDRNOTAVAIL',
      'add address ff02::1/64',
    ],
    [
      'more queues than the kernel gives',
      (red, blue) => [
        { netns: red, name: 'a' },
        { netns: blue, name: 'b', txQueues: 5000 },
      ],
      'EINVAL',
      'create veth a',
    ],
    [
      'a MAC address that the kernel refuses',
      (red, blue) => [
        { netns: red, name: 'a' },
        { netns: blue, name: 'b', mac: 'ff:00:00:00:00:00' },
      ],
      'EADDRNOTAVAIL',
      'it has to be a unicast one, and not zero',
    ],
  ])('%s', async (_, ends, code, message) => {
    const error = await attempt(ends);
    expect(error).toMatchObject({ name: 'NetlinkError', code });
    expect(error.message).toContain(message);
  });

  test.each<['red' | 'blue' | 'both']>([['red'], ['blue'], ['both']])(
    'the handle of %s is closed as soon as the pair is there',
    async (which) => {
      await using red = await createNetns('red');
      await using blue = await createNetns('blue');
      const before = await everything(red, blue);
      await using first = await openNetns('red');
      await using second = await openNetns('blue');
      const request = first.request.bind(first);
      const made = jest.spyOn(first, 'request').mockImplementationOnce(async (creation) => {
        const created = await request(creation);
        expect((await everything(blue)).length).toBe(4);
        if (which !== 'blue') first.close();
        if (which !== 'red') second.close();
        return created;
      });
      const addrs = ['10.0.0.1/24'];
      const attempt = createVeth({ netns: first, addrs }, { netns: second, addrs, up: true });
      expect(await failure(attempt)).toMatchObject({ name: 'NetnsError', code: 'ERR_NETNS_CLOSED' });
      expect(made).toHaveBeenCalled();
      expect(await everything(red, blue)).toEqual(before);
    },
  );

  test.each<[string, string[], RegExp]>([
    [
      'deleted',
      ['link', 'delete', 'dev', 'b'],
      /blue: the end was deleted, or moved away, as soon as the pair/,
    ],
    [
      'another MAC address',
      ['link', 'set', 'dev', 'b', 'address', '02:00:00:00:00:77'],
      /blue: the MAC address of the end was changed as soon as the pair was made, or namespace red reports/,
    ],
  ])('a second end that somebody changes in its namespace: %s', async (_, words, message) => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    const change = once(({ operation }) => {
      if (operation !== 'create veth') return false;
      execFileSync('ip', ['-n', 'blue', ...words]);
      return true;
    });
    const error = await failure(
      createVeth({ netns: red, name: 'a' }, { netns: blue, name: 'b', index: 77, addrs: ['10.0.0.1/24'] }),
    ).finally(change);
    expect(error).toMatchObject({ code: 'ENODEV', message: expect.stringMatching(message) as string });
  });

  test('a second end that is another device by now is left alone', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    // the owner of the first end's namespace deletes the pair, and the index of the second end is another device's
    const swap = once(({ operation }) => {
      if (operation !== 'create veth') return false;
      execFileSync('ip', ['-n', 'red', 'link', 'delete', 'dev', 'a']);
      execFileSync('ip', ['-n', 'blue', 'link', 'add', 'name', 'b', 'index', '77', 'type', 'bridge']);
      return true;
    });
    const error = await failure(
      createVeth({ netns: red, name: 'a' }, { netns: blue, name: 'b', index: 77, addrs: ['10.0.0.1/24'] }),
    ).finally(swap);
    expect(error.message).toMatch(
      /^ENODEV: create veth 77 in namespace blue: namespace red reports another device as the peer/,
    );
    const [{ addr_info: addrs } = {}] = await ip(blue, 'addr', 'show', 'b');
    expect(addrs).toEqual([]);
  });

  test('a second end that somebody deletes, whose index nobody else can have', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    const before = await everything(red, blue);
    const deletion = once(({ operation }) => {
      if (operation !== 'create veth') return false;
      execFileSync('ip', ['-n', 'red', 'link', 'delete', 'dev', 'a']);
      execFileSync('ip', ['-n', 'blue', 'link', 'add', 'name', 'b', 'type', 'bridge']);
      return true;
    });
    const error = await failure(
      createVeth({ netns: red, name: 'a' }, { netns: blue, name: 'b', addrs: ['10.0.0.1/24'] }),
    ).finally(deletion);
    expect(error).toMatchObject({ code: 'ENODEV', operation: 'add address 10.0.0.1/24 to' });
    const [{ addr_info: addrs } = {}] = await ip(blue, 'addr', 'show', 'b');
    expect(addrs).toEqual([]);
    execFileSync('ip', ['-n', 'blue', 'link', 'delete', 'dev', 'b']);
    expect(await everything(red, blue)).toEqual(before);
  });
});
