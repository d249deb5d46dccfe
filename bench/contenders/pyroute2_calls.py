"""Single calls with pyroute2, on one socket that is kept."""
from pyroute2 import IPBatch, IPRoute, netns
from serve import serve

ipr = IPRoute()
device = ipr.link_lookup(ifname='load0')[0]


def address(i):
    return '10.100.%d.%d' % (i >> 8, i & 255)


def add_together(n):
    """128 requests in a send: no more acknowledgements than its receive buffer holds."""
    batch = IPBatch()
    for first in range(0, n, 128):
        last = min(first + 128, n)
        for i in range(first, last):
            batch.addr('add', index=device, address=address(i), prefixlen=32)
        ipr.sendto(batch.batch, (0, 0))
        batch.reset()
        acknowledged = 0
        while acknowledged < last - first:
            answers = tuple(ipr.marshal.parse(ipr.recv(65536)))
            for answer in answers:
                if answer['header']['error']:
                    raise answer['header']['error']
            acknowledged += len(answers)


def obey(verb, n):
    if verb == 'netns':
        for i in range(n):
            netns.create('c%05d' % i)
    elif verb == 'veth':
        for i in range(n):
            ipr.link('add', ifname='p%05da' % i, kind='veth', peer={'ifname': 'p%05db' % i})
    elif verb == 'addr':
        for i in range(n):
            ipr.addr('add', index=device, address=address(i), prefixlen=32)
    elif verb == 'addrs':
        add_together(n)
    elif verb == 'links':
        return len(list(ipr.get_links()))
    elif verb == 'routes':
        return len(list(ipr.get_routes(family=2)))
    return n


serve(obey)
