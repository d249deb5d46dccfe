import { spawnSync } from 'node:child_process';

// What some of the kernels lack on which rtnetns works. A test asks the kernel by trying, in a network of its own, and never by
// its version. docs/kernels.md has the table of which kernel has what.

const PROBES = {
  'TUN and TAP devices':
    'modprobe tun; test -e /dev/net/tun || { mkdir -p /dev/net && mknod /dev/net/tun c 10 200; }; ip tuntap add t0 mode tap',
  'a device that is up is renamed': 'ip link set lo up && ip link set lo name other',
  'a port of a bridge is locked':
    'ip link add br0 type bridge && ip link add v0 type veth && ip link set v0 master br0 && bridge -d link show dev v0 | grep -q locked',
  'alternative names move with a device':
    'mount -t tmpfs none /run && ip netns add x && ip link add v0 type veth && ip link property add dev v0 altname other && ' +
    'ip link set v0 netns x && ip -n x link show other',
  'bridges filter VLANs': 'ip link add br0 type bridge vlan_filtering 1',
  'bridges snoop for each VLAN':
    'ip link add br0 type bridge vlan_filtering 1 mcast_vlan_snooping 1 && ip -d link show br0 | grep -q "mcast_vlan_snooping 1"',
  'channels of veth devices are changed': 'ip link add v0 numrxqueues 2 type veth && ethtool -L v0 rx 2',
  'devices report how many receive queues they have': 'ip -d link show lo | grep -q numrxqueues',
  'filters by ARP, ICMP, MPLS, connections and tunnels, and the actions of tunnels':
    'tc qdisc add dev lo clsact && tc filter add dev lo ingress protocol ip flower ct_state +trk action drop && ' +
    'tc filter add dev lo ingress protocol arp flower arp_op reply && tc filter add dev lo ingress protocol mpls_uc flower mpls_label 5 && ' +
    'tc filter add dev lo ingress flower enc_key_id 5 action tunnel_key unset',
  'filters by packets that belong to no connection, or answer':
    'tc qdisc add dev lo clsact && tc filter add dev lo ingress protocol ip flower ct_state +trk-inv action drop && ' +
    'tc filter show dev lo ingress | grep -q -e -inv',
  'filters of the kind bpf, and the actions pedit, csum and ct':
    'tc qdisc add dev lo clsact && tc filter add dev lo ingress protocol ip matchall action pedit ex munge ip ttl set 5 && ' +
    'tc filter add dev lo ingress bpf bytecode "1,6 0 0 0" action csum ip4h action ct nat pipe',
  'filters of the kinds matchall, flower and fw, and the actions gact, police, skbedit and vlan':
    'tc qdisc add dev lo clsact && tc filter add dev lo ingress matchall action drop && ' +
    'tc filter add dev lo ingress flower action police rate 1mbit burst 10k && ' +
    'tc filter add dev lo ingress handle 1 fw action skbedit mark 1 action vlan pop',
  'forwarding tables are flushed by filters':
    'ip link add br0 type bridge && bridge fdb flush dev br0 static',
  'links of the kind bareudp': 'ip link add type bareudp dstport 6635 ethertype mpls_uc',
  'links of the kind dummy': 'ip link add d0 type dummy',
  'links of the kind hsr':
    'ip link add v0 type veth peer name v1 && ip link add type hsr slave1 v0 slave2 v1',
  'links of the kind macvlan': 'ip link add v0 type veth && ip link add link v0 type macvlan mode bridge',
  'links of the kind netkit': 'ip link add type netkit',
  'links of the kind vcan': 'ip link add type vcan',
  'links of the kind vlan': 'ip link add v0 type veth && ip link add link v0 type vlan id 100',
  'links of the kind vxlan': 'ip link add v0 type vxlan id 42 dstport 4789',
  'links of the kinds ipvlan, nlmon and vrf':
    'ip link add v0 type veth && ip link add link v0 type ipvlan && ip link add type nlmon && ip link add type vrf table 7',
  // all modules of tunnels are loaded by this: each gives all namespaces devices, tunl0 and others, also those of the tests
  'links of the kinds of tunnels, bond, macsec and team':
    'ip link add v0 type bond && ip link add v1 type gre remote 10.0.0.1 && ip link add v2 type ip6tnl remote fd00::1 && ' +
    'ip link add v3 type geneve id 5 remote 10.0.0.1 && ip link add v4 type team && ip link add v8 type veth && ip link add link v8 type macsec && ' +
    'ip link add v9 type vti6 remote fd00::1 && ip link add u0 type ipip remote 10.0.0.1 && ip link add u1 type sit remote 10.0.0.1 && ' +
    'ip link add u2 type ip6gre remote fd00::1 && ip link add u3 type vti remote 10.0.0.1',
  'links of the kinds wireguard and xfrm': 'ip link add type wireguard && ip link add type xfrm if_id 5',
  'multicast groups of bridges are flushed, and found by one request':
    "ip link add br0 type bridge && python3 -c 'import socket, struct; s = socket.socket(16, 3, 0); " +
    'p = struct.pack("=BxxxIHH28x", 7, socket.if_nametoindex("br0"), 32, 1); ' +
    's.send(struct.pack("=IHHII", 16 + len(p), 85, 0x205, 1, 0) + p); ' +
    'exit(struct.unpack_from("=i", s.recv(999), 16)[0])\'',
  'multicast groups of bridges by MAC address':
    'ip link add br0 up type bridge && ip link add v0 up type veth && ip link set v0 master br0 && ' +
    'bridge mdb add dev br0 port v0 grp 01:00:5e:00:00:09 permanent',
  'namespaces of the kind time': 'test -e /proc/self/ns/time',
  'nf_tables in the families ip, ip6 and inet':
    'nft add table ip t && nft add table ip6 t && nft "add table inet t; add chain inet t c { type filter hook input priority 0; }"',
  'packets of bridges pass the rules of netfilter':
    'ip link add br0 type bridge && ip -d link show br0 | grep -q nf_call_arptables',
  'programs of BPF are pinned':
    'mount -t bpf bpf /mnt && python3 test/support/pin-program.py 3 x /mnt/x && tc qdisc add dev lo clsact && ' +
    'tc filter add dev lo ingress bpf object-pinned /mnt/x',
  'queueing disciplines of the kind netem': 'tc qdisc add dev lo root netem',
  'queueing disciplines of the kinds choke, multiq, mqprio, cbs and etf':
    'ip link add v0 numtxqueues 4 type veth && for kind in "choke limit 100 bandwidth 1mbit" multiq ' +
    '"mqprio num_tc 1 map 0 queues 1@0 hw 0" cbs "etf clockid CLOCK_TAI delta 1"; do ' +
    'tc qdisc add dev v0 root $kind || exit 1; tc qdisc del dev v0 root; done',
  'queueing disciplines of the kinds ets and fq_pie':
    'tc qdisc add dev lo root ets strict 2 && tc qdisc del dev lo root && tc qdisc add dev lo root fq_pie',
  'queueing disciplines of the kinds fq_codel, cake, red and others':
    'for kind in prio fq fq_codel codel pie hhf drr qfq sfb skbprio plug cake "hfsc default 1" sfq; do tc qdisc add dev lo root $kind || exit 1; tc qdisc del dev lo root; done',
  'resilient groups of next hops':
    'ip link set lo up && ip nexthop add id 1 blackhole && ip nexthop add id 2 group 1 type resilient buckets 4',
  'routes of MPLS':
    '$(cat /proc/sys/kernel/modprobe) mpls_router && sysctl -w net.mpls.platform_labels=100 && ip link set lo up && ip -f mpls route add 16 dev lo && ' +
    '$(cat /proc/sys/kernel/modprobe) mpls_iptunnel && ip route add 10.0.0.0/8 encap mpls 16 dev lo',
  'tables of nf_tables that belong to a process': "nft add table inet t '{ flags owner; }'",
  'templates of chains of filters':
    'tc qdisc add dev lo clsact && tc chain add dev lo ingress chain 1 protocol ip flower src_ip 0.0.0.0/8',
  'the action ct with zones, marks and labels':
    'tc qdisc add dev lo clsact && tc filter add dev lo ingress matchall action ct commit zone 1 mark 1 label 00000000000000000000000000000001',
  'the actions bpf, connmark, sample and simple':
    'tc qdisc add dev lo clsact && tc filter add dev lo ingress matchall action connmark action sample rate 1 group 1 action simple sdata x ' +
    'action bpf bytecode "1,6 0 0 0"',
  'tunnels in UDP':
    // the kernel's own way to load a module, because the kernel may be one whose modules are elsewhere
    '$(cat /proc/sys/kernel/modprobe) fou && ip link add type gre remote 10.0.0.1 encap gue encap-sport auto encap-dport 5555',
  'vxlans filter networks':
    'ip link add v0 type vxlan external vnifilter dstport 4789 && bridge vni add vni 5 dev v0',
} as const;

export type Capability = keyof typeof PROBES;

export const CAPABILITIES = Object.keys(PROBES) as readonly Capability[];

const known = new Map<Capability, boolean>();

/** Whether this kernel can do it. A test that has no other way asserts what the library does without. */
export function kernelHas(capability: Capability): boolean {
  let has = known.get(capability);
  if (has === undefined) {
    has =
      spawnSync('unshare', ['--net', '--mount', 'sh', '-c', PROBES[capability]], { stdio: 'ignore' })
        .status === 0;
    known.set(capability, has);
  }
  return has;
}

/** How the title of a test begins that was skipped for want of something. */
export const SKIPPED = 'this kernel lacks: ';

/** A test that this kernel has to be able to do something for, if anything. */
export function testWith(
  capability: Capability | undefined,
  title: string,
  run: (() => Promise<void>) | (() => void),
): void {
  if (capability === undefined || kernelHas(capability)) test(title, run);
  else test.skip(`${SKIPPED}${capability}: ${title}`, run);
}
