import type { MplsRouteOptions } from '../../lib';

/** Routes of MPLS, by our options and by the words of ip. */
export const MPLS_ROUTES: readonly (readonly [options: MplsRouteOptions, words: string])[] = [
  [
    { label: 100, newLabels: [200, 300], via: '10.0.0.2', device: 'eth0' },
    '100 as 200/300 via inet 10.0.0.2 dev eth0',
  ],
  [{ label: 16, via: 'fd01::2', protocol: 'static' }, '16 via inet6 fd01::2 proto static'],
  [{ label: 999, via: 'fe80::2%eth1', protocol: 77 }, '999 via inet6 fe80::2 dev eth1 proto 77'],
  [{ label: 101, device: 'eth1', ttlPropagate: false }, '101 dev eth1 ttl-propagate disabled'],
  [
    { label: 102, newLabels: [1048575], via: '02:00:00:00:00:09', device: 'eth0', ttlPropagate: true },
    '102 as 1048575 via link 02:00:00:00:00:09 dev eth0 ttl-propagate enabled',
  ],
  [
    {
      label: 103,
      nexthops: [
        { newLabels: [20], via: '10.0.0.2', device: 'eth0' },
        { via: 'fe80::2%eth1' },
        { newLabels: [20, 30], via: '10.1.0.3' },
        { device: 'eth1' },
      ],
    },
    '103 nexthop as 20 via inet 10.0.0.2 dev eth0 nexthop via inet6 fe80::2 dev eth1 nexthop as 20/30 via inet 10.1.0.3 nexthop dev eth1',
  ],
];
