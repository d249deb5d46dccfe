"""Star N with pyroute2: "docs", as its documentation shows it, or "tuned", what it can do beyond that.

Tuned: the main thread enters each namespace itself instead of by a proxy process, indexes are chosen instead of
looked up, and the requests for a namespace are compiled by IPBatch and leave in one send.
"""
import os
import struct
import sys

from pyroute2 import IPBatch, IPRoute, NetNS, netns
from serve import serve

GATEWAY = '10.200.0.1'
BRIDGE_INDEX, OUTER_INDEX, INNER_INDEX = 1000000, 1000001, 2


def name(i):
    return 'ns%04d' % i


def address(host):
    return '10.200.%d.%d' % (host >> 8, host & 255)


def mac(side, i):
    return '02:%02x:00:00:%02x:%02x' % (side, i >> 8, i & 255)


def create_as_documented(n):
    with IPRoute() as ipr:
        ipr.link('add', ifname='br0', kind='bridge')
        bridge = ipr.link_lookup(ifname='br0')[0]
        ipr.addr('add', index=bridge, address=GATEWAY, prefixlen=16)
        ipr.link('set', index=bridge, state='up')
        for i in range(n):
            with NetNS(name(i)) as ns:
                outer = 'v%04d' % i
                ipr.link('add', ifname=outer, kind='veth', peer={'ifname': 'eth0', 'net_ns_fd': name(i)})
                index = ipr.link_lookup(ifname=outer)[0]
                ipr.link('set', index=index, master=bridge)
                ipr.link('set', index=index, state='up')
                ns.link('set', index=ns.link_lookup(ifname='lo')[0], state='up')
                eth0 = ns.link_lookup(ifname='eth0')[0]
                ns.addr('add', index=eth0, address=address(i + 2), prefixlen=16)
                ns.link('set', index=eth0, state='up')
                ns.route('add', dst='default', gateway=GATEWAY)


def submit(sock, batch, requests):
    """One send; then one acknowledgement per request."""
    sock.sendto(batch.batch, (0, 0))
    batch.reset()
    while requests:
        data = sock.recv(65536)
        while data:
            length, kind, _, _, _, error = struct.unpack_from('=IHHIIi', data)
            if kind != 2 or error:
                raise OSError(-error, os.strerror(-error))
            requests -= 1
            data = data[length + 3 & ~3:]


def create_tuned(n):
    home = os.open('/proc/self/ns/net', os.O_RDONLY | os.O_CLOEXEC)
    batch = IPBatch()
    with IPRoute() as outside:
        batch.link('add', index=BRIDGE_INDEX, ifname='br0', kind='bridge', address=mac(0, 0))
        batch.addr('add', index=BRIDGE_INDEX, address=GATEWAY, prefixlen=16)
        batch.link('set', index=BRIDGE_INDEX, state='up')
        submit(outside, batch, 3)
        for i in range(n):
            netns.create(name(i))
            fd = os.open('/run/netns/' + name(i), os.O_RDONLY | os.O_CLOEXEC)
            netns.setns(fd)  # by descriptor: by name it would list the directory first
            batch.link('add', index=OUTER_INDEX + i, ifname='v%04d' % i, kind='veth', address=mac(1, i), state='up',
                       master=BRIDGE_INDEX, num_tx_queues=1, num_rx_queues=1,
                       peer={'index': INNER_INDEX, 'ifname': 'eth0', 'address': mac(2, i),
                             'num_tx_queues': 1, 'num_rx_queues': 1, 'net_ns_fd': fd})
            submit(outside, batch, 1)
            with IPRoute() as inside:
                batch.link('set', index=1, state='up')
                batch.addr('add', index=INNER_INDEX, address=address(i + 2), prefixlen=16)
                batch.link('set', index=INNER_INDEX, state='up')
                batch.route('add', dst='default', gateway=GATEWAY)
                submit(inside, batch, 4)
            os.close(fd)
            netns.setns(home)
    os.close(home)


def delete_star(n):
    with IPRoute() as ipr:
        bridge = ipr.link_lookup(ifname='br0')[0]
        ipr.link('set', index=bridge, state='down')
        ipr.link('del', index=bridge)
    for i in range(n):
        netns.remove(name(i))


def obey(verb, n):
    if verb == 'delete':
        delete_star(n)
    elif sys.argv[1] == 'docs':
        create_as_documented(n)
    else:
        create_tuned(n)
    return n


serve(obey)
