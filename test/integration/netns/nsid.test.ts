import { createNetns, createVeth, currentNetns, getLink, getNsid, type Netns, setNsid } from '../../../lib';
import { failure, run } from '../../support/ip';
import { lines } from '../../support/lines';

/** What `ip netns list-id` says in a namespace: '7' or '7 red'. */
async function listed(netns: Netns): Promise<string[]> {
  const listing = lines(await run(netns, 'ip', 'netns', 'list-id'));
  return listing.map((line) =>
    line.replace('nsid ', '').replace(' (iproute2 netns name: ', ' ').replace(')', '').trim(),
  );
}

describe('getNsid, setNsid', () => {
  test('there is no number until there is one', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    expect(await getNsid(red, blue)).toBeUndefined();
    expect(await listed(red)).toEqual([]);
  });

  test('a number that was given is what ip reads, and the other way round', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    await using green = await createNetns('green');
    await setNsid(red, blue, 7);
    expect(await listed(red)).toEqual(['7 blue']);
    expect(await getNsid(red, blue)).toBe(7);
    expect(await listed(blue)).toEqual([]);
    await run(red, 'ip', 'netns', 'set', 'green', '12');
    expect(await getNsid(red, green)).toBe(12);
    expect(await getNsid(green, red)).toBeUndefined();
  });

  test('without a number the kernel chooses', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    await setNsid(red, blue);
    const chosen = await getNsid(red, blue);
    expect(chosen).toEqual(expect.any(Number));
    expect(await listed(red)).toEqual([`${chosen} blue`]);
  });

  test('the kernel gives numbers to the two namespaces of a pair', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    await setNsid(red, blue, 9);
    await createVeth({ netns: red, name: 'eth0' }, { netns: blue, name: 'eth0' });
    expect((await getLink(red, 'eth0')).linkNsid).toBe(9);
    // the number is given when a link with its end there is told of
    const back = (await getLink(blue, 'eth0')).linkNsid;
    expect(await getNsid(blue, red)).toBe(back);
    expect(await listed(blue)).toEqual([`${back} red`]);
  });

  test('a number is for good, and for one only', async () => {
    await using red = await createNetns('red');
    await using blue = await createNetns('blue');
    await using green = await createNetns();
    await setNsid(red, blue, 7);
    expect(await failure(setNsid(red, blue, 8))).toMatchObject({
      name: 'NetlinkError',
      code: 'EEXIST',
      option: 'other',
    });
    expect(await failure(setNsid(red, blue, 7))).toMatchObject({ code: 'EEXIST', option: 'other' });
    expect(await failure(setNsid(red, green, 7))).toMatchObject({ code: 'EEXIST', option: 'id' });
    expect(await listed(red)).toEqual(['7 blue']);
    expect(await getNsid(red, green)).toBeUndefined();
  });

  test('of the current namespace, which has none of itself', async () => {
    await using netns = await currentNetns();
    await using red = await createNetns('red');
    await setNsid(red, netns, 3);
    expect(await listed(red)).toEqual(['3']);
    expect(await getNsid(red, netns)).toBe(3);
  });

  test.each([-1, 1.5, Number.NaN, '7' as unknown as number])('the number %p is refused', async (id) => {
    await using red = await createNetns('red');
    expect(await failure(setNsid(red, red, id))).toMatchObject({
      name: 'RangeError',
      message: expect.stringMatching(/^id: expected a non-negative integer, got /) as string,
    });
  });
});
