import { constants } from 'node:os';
import { NetlinkError } from '../../../lib/netlink/error';
import { addFlags, onExisting, onMissing } from '../../../lib/netlink/existence';

const refusal = (errno: number) => new NetlinkError({ errno, operation: 'add', netns: 'red' });
const { EEXIST, ENODEV } = constants.errno;

test.each([
  ['fail', 0x600],
  ['ignore', 0x600],
  ['replace', 0x500],
  ['append', 0xc00],
] as const)("'%s' is sent as the flags %p", (ifExists, flags) => {
  expect(addFlags(ifExists)).toBe(flags);
});

test('what exists is ignored if that is asked for, and nothing else is', () => {
  expect(() => onExisting('ignore')(refusal(EEXIST))).not.toThrow();
  for (const ifExists of ['fail', 'replace', 'append', undefined] as const) {
    expect(() => onExisting(ifExists)(refusal(EEXIST))).toThrow(/^EEXIST/);
  }
  expect(() => onExisting('ignore')(refusal(ENODEV))).toThrow(/^ENODEV/);
});

test('what is missing is ignored if that is asked for, and nothing else is', () => {
  expect(() => onMissing('ignore', 'ENODEV')(refusal(ENODEV))).not.toThrow();
  expect(() => onMissing('fail', 'ENODEV')(refusal(ENODEV))).toThrow(/^ENODEV/);
  expect(() => onMissing('ignore', 'ENODEV')(refusal(EEXIST))).toThrow(/^EEXIST/);
  expect(() => onMissing('ignore', 'ENODEV')(new TypeError('ENODEV'))).toThrow(TypeError);
});
