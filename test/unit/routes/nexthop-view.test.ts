import { toNexthopObject } from '../../../lib/routes/nexthop-view';

const message = {
  ...({ family: 0, scope: 'global', protocol: 'static', flags: 0, id: 7, groupType: 'mpath' } as const),
  group: [
    { id: 1, weight: 3 },
    { id: 2, weight: 771 },
  ],
};

describe('the weights of a group of next hops', () => {
  test('have 16 bits where the kernel says so, as since Linux 6.12', () => {
    expect(toNexthopObject({ ...message, operationFlags: 2 ** 31 }).group).toEqual(message.group);
  });

  test.each([{}, { operationFlags: 0 }])(
    'have 8 bits where it does not, because 5.10 leaves the other byte to chance: %p',
    (said) => {
      const { group } = toNexthopObject({
        ...message,
        ...said,
      });
      expect(group).toEqual([
        { id: 1, weight: 3 },
        { id: 2, weight: 3 },
      ]);
    },
  );
});
