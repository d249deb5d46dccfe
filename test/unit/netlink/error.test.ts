import { constants } from 'node:os';
import { errnoName } from '../../../lib/addon/errno';
import { DumpInterruptedError, NetlinkError } from '../../../lib/netlink/error';

const { EEXIST, EINTR, EINVAL, ENOBUFS, EPERM } = constants.errno;

test('names of numbers; of two names the kernel’s own', () => {
  expect(errnoName(17)).toBe('EEXIST');
  expect(errnoName(11)).toBe('EAGAIN');
  expect(errnoName(95)).toBe('EOPNOTSUPP');
  expect(errnoName(105)).toBe('ENOBUFS');
});

describe('a NetlinkError', () => {
  const details = { operation: 'create veth', device: 'eth0', netns: 'red', errno: EINVAL };

  test('tells what was attempted, where, and what the kernel says', () => {
    const error = new NetlinkError({ ...details, sentence: 'Invalid MTU', option: 'peer.mtu' });
    expect(error).toMatchObject({
      name: 'NetlinkError',
      code: 'EINVAL',
      errno: 22,
      operation: 'create veth',
      device: 'eth0',
      netns: 'red',
      extack: 'Invalid MTU',
      option: 'peer.mtu',
    });
    expect(error.message).toBe("EINVAL: create veth eth0 in namespace red: Invalid MTU: option 'peer.mtu'");
  });

  test('leaves out what is not known', () => {
    const error = new NetlinkError({ operation: 'list links', netns: 'red', errno: EEXIST });
    expect(error.message).toBe('EEXIST: list links in namespace red');
    expect([error.device, error.extack, error.option]).toEqual([undefined, undefined, undefined]);
  });

  test('names the remedy where there is one', () => {
    expect(new NetlinkError({ ...details, errno: EPERM }).message).toContain('CAP_NET_ADMIN');
    expect(new NetlinkError({ ...details, errno: ENOBUFS }).message).toContain('read back');
  });

  test('explained is the same in more words', () => {
    const error = new NetlinkError({ ...details, errno: EEXIST, sentence: 'no' });
    const explained = error.explained('the name is taken');
    expect(explained).toMatchObject({ code: 'EEXIST', device: 'eth0', extack: 'no', cause: error });
    expect(explained.message).toBe('EEXIST: create veth eth0 in namespace red: no: the name is taken');
  });
});

test('a DumpInterruptedError has what was read', () => {
  const error = new DumpInterruptedError({ operation: 'list links', netns: 'red', errno: EINTR }, [1, 2]);
  expect(error).toBeInstanceOf(NetlinkError);
  expect(error).toMatchObject({ code: 'EINTR', partial: [1, 2] });
  expect(error.message).toMatch(/changed during each/);
});
