import { compareWithHeaders } from '../../support/kernel-constants/compare';
import { scanTexts } from '../../support/kernel-constants/scan';

// What the comparison with the kernel's headers says of faults, and where it finds numbers.

const PATH = 'netlink/rtnetlink/example.ts';

function namesIn(text: string): Record<string, readonly string[]> {
  const { numbers } = scanTexts({ [PATH]: text });
  return Object.fromEntries(numbers.map(({ text: written, names }) => [written, names]));
}

function faultsIn(text: string): Record<string, readonly string[]> {
  const { lists: _, ...faults } = compareWithHeaders(scanTexts({ [PATH]: text }));
  const found = Object.entries(faults as Record<string, string[]>).filter(([, said]) => said.length > 0);
  return Object.fromEntries(
    found.map(([kind, said]) => [kind, said.filter((one) => one.startsWith('lib/')).map(withoutPlace)]),
  );
}

const withoutPlace = (said: string) => said.replace(/^lib\/[^:]+:/, '');

test('constants in the comment at the end of a line, in the order of its numbers', () => {
  const text = `
    const NLA_F_NESTED = 0x8000;
    const table = attributes({
      mtu: [4, u32], // IFLA_MTU
      names: [52 | NLA_F_NESTED, list(53 /* IFLA_ALT_IFNAME */, text(127))], // IFLA_PROP_LIST
      inet6: [10, attributes({ mode: [8, u8] })], // AF_INET6, IFLA_INET6_ADDR_GEN_MODE
      kind: [
        3 | NLA_F_NESTED, // NDA_CACHEINFO
        choice(u8, { drop: 0, accept: 1 }), // NF_*
      ],
      state: [1, choice(u8, { up: 6, down: 2 })], // IFLA_BRPORT_STATE, IF_OPER_*
    });
    const [PACKET_STATISTICS, AUXILIARY] = [6, 8];
    const LOAD = 0x30; // BPF_LD | BPF_B | BPF_ABS
  `;
  expect(namesIn(text)).toEqual({
    'NLA_F_NESTED: 0x8000': ['NLA_F_NESTED'],
    '4': ['IFLA_MTU'],
    '52 | NLA_F_NESTED': ['IFLA_PROP_LIST'],
    '53': ['IFLA_ALT_IFNAME'],
    '10': ['AF_INET6'],
    '8': ['IFLA_INET6_ADDR_GEN_MODE'],
    '3 | NLA_F_NESTED': ['NDA_CACHEINFO'],
    'drop: 0': ['NF_DROP'],
    'accept: 1': ['NF_ACCEPT'],
    '1': ['IFLA_BRPORT_STATE'],
    'up: 6': ['IF_OPER_UP'],
    'down: 2': ['IF_OPER_DOWN'],
    'PACKET_STATISTICS: 6': ['PACKET_STATISTICS'],
    'AUXILIARY: 8': [],
    'LOAD: 0x30': ['BPF_LD | BPF_B | BPF_ABS'],
  });
});

test('constants that a comment above has the prefix of', () => {
  const text = `
    /** linux/neighbour.h, NTF_* */
    export const NTF = {
      self: 1 << 1,
      ext_learned: 0x10,
      offload: 2 ** 5, // NTF_OFFLOADED
      [other]: 1,
    } as const;
    /** linux/neighbour.h, NUD_*, or linux/if.h, IFF_* */
    export const BITS = { noarp: 0x40, lowerUp: 0x10000, stale: NUD.stale } as const;
    /** rtnetlink(7), RTM_NEWNEIGH and its kin. */
    export const neighbor = new NetlinkObject({ add: 28, remove: 29, get: 30 }, content);
  `;
  expect(namesIn(text)).toEqual({
    'self: 1 << 1': ['NTF_SELF'],
    'ext_learned: 0x10': ['NTF_EXT_LEARNED'],
    'offload: 2 ** 5': ['NTF_OFFLOADED'],
    '[other]: 1': ['NTF_[OTHER]'],
    'noarp: 0x40': ['NUD_NOARP', 'IFF_NOARP'],
    'lowerUp: 0x10000': ['NUD_LOWER_UP', 'IFF_LOWER_UP'],
    'add: 28': ['RTM_NEWNEIGH'],
    'remove: 29': ['RTM_DELNEIGH'],
    'get: 30': ['RTM_GETNEIGH'],
  });
});

test('faults, each as a sentence', () => {
  const text = `
    /** struct ndmsg */
    const ndmsg = struct([['family', u8, 1], 3, ['index', s32, 4], ['flags', u8, 1], ['state', u16, 2], 1]);
    /** struct nda_cacheinfo */
    const cacheinfo = struct([['confirmed', u32, 4], ['used', u32, 4]]);
    const nameless = struct([['family', u8, 1]]);
    const table = attributes({
      mtu: [5, u32], // IFLA_MTU
      group: [27, u32],
      carrier: [33, bool8], // IFLA_CARIER
      alias: [20 | elsewhere(), text(255)], // IFLA_IFALIAS
    });
    const RTM_NEWNEIGHBOR = 28;
    const NLMSG_DONE = 0x4;
    const FLAGS = { self: 2 };
    const RTM_DELNEIGH = 29;
  `;
  const members =
    'ndm_family (1 at 0), ndm_pad1 (1 at 1), ndm_pad2 (2 at 2), ndm_ifindex (4 at 4), ndm_state (2 at 8), ' +
    'ndm_flags (1 at 10), ndm_type (1 at 11)';
  expect(faultsIn(text)).toEqual({
    nameless: ['9: 27 has no constant', '15: self: 2 has no constant'],
    different: [
      '8: 5, but IFLA_MTU is 4',
      '11: 20 | elsewhere(), but IFLA_IFALIAS is 20',
      '14: NLMSG_DONE: 0x4, but NLMSG_DONE is 3',
    ],
    unknown: [
      expect.stringMatching(/^10: 33: the headers of Linux \d+\.\d+ have no IFLA_CARIER$/),
      expect.stringMatching(
        /^13: RTM_NEWNEIGHBOR: 28: the headers of Linux \d+\.\d+ have no RTM_NEWNEIGHBOR$/,
      ),
    ],
    structs: [
      `3: flags has 1 bytes at 8, but struct ndmsg has ${members}`,
      `3: state has 2 bytes at 9, but struct ndmsg has ${members}`,
      '5: 8 bytes, but struct nda_cacheinfo has 16',
      '6: name the struct in the comment above it: struct ndmsg',
    ],
  });
});
