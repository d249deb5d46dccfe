// Star N with vishvananda/netlink and netns.
//
//	star docs              as their documentation shows it
//	star tuned             handles kept, nothing looked up that is known, two threads
//	star tuned-bridge-last the same, with the bridge brought up last
package main

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"sync"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

var gateway = net.IPv4(10, 200, 0, 1)

func name(i int) string { return fmt.Sprintf("ns%04d", i) }

func address(host int) *netlink.Addr {
	ip := net.IPv4(10, 200, byte(host>>8), byte(host))
	return &netlink.Addr{IPNet: &net.IPNet{IP: ip, Mask: net.CIDRMask(16, 32)}}
}

func mac(side, i int) net.HardwareAddr {
	return net.HardwareAddr{2, byte(side), byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)}
}

// addBridge leaves the bridge down; the address is accepted all the same.
func addBridge() *netlink.Bridge {
	attrs := netlink.NewLinkAttrs()
	attrs.Name = "br0"
	attrs.HardwareAddr = mac(0, 0)
	bridge := &netlink.Bridge{LinkAttrs: attrs}
	must(netlink.LinkAdd(bridge))
	must(netlink.AddrAdd(bridge, address(1)))
	return bridge
}

func configureAsDocumented(i int) {
	lo, err := netlink.LinkByName("lo")
	must(err)
	must(netlink.LinkSetUp(lo))
	eth0, err := netlink.LinkByName("eth0")
	must(err)
	must(netlink.AddrAdd(eth0, address(i+2)))
	must(netlink.LinkSetUp(eth0))
	must(netlink.RouteAdd(&netlink.Route{Gw: gateway}))
}

func createAsDocumented(n int) {
	outside, err := netns.Get()
	must(err)
	defer outside.Close()
	bridge := addBridge()
	must(netlink.LinkSetUp(bridge))
	for i := 0; i < n; i++ {
		inside, err := netns.NewNamed(name(i))
		must(err)
		must(netns.Set(outside))
		attrs := netlink.NewLinkAttrs()
		attrs.Name = fmt.Sprintf("v%04d", i)
		veth := &netlink.Veth{LinkAttrs: attrs, PeerName: "eth0", PeerNamespace: netlink.NsFd(inside)}
		must(netlink.LinkAdd(veth))
		must(netlink.LinkSetMaster(veth, bridge))
		must(netlink.LinkSetUp(veth))
		must(netns.Set(inside))
		configureAsDocumented(i)
		must(netns.Set(outside))
		inside.Close()
	}
}

// createMember runs on a thread of its own that never goes back, as its handle outside was opened before.
func createMember(outside *netlink.Handle, bridge, i int) {
	netnsFd, err := netns.NewNamed(name(i))
	must(err)
	attrs := netlink.NewLinkAttrs()
	attrs.Name = fmt.Sprintf("v%04d", i)
	attrs.HardwareAddr = mac(1, i)
	attrs.NumTxQueues, attrs.NumRxQueues = 1, 1
	attrs.Flags = net.FlagUp
	attrs.MasterIndex = bridge
	veth := &netlink.Veth{LinkAttrs: attrs, PeerName: "eth0", PeerHardwareAddr: mac(2, i)}
	veth.PeerNamespace = netlink.NsFd(netnsFd)
	must(outside.LinkAdd(veth))
	inside, err := netlink.NewHandle(0) // NETLINK_ROUTE, opened in the namespace where this thread is
	must(err)
	must(inside.LinkSetUp(&netlink.Dummy{LinkAttrs: netlink.LinkAttrs{Index: 1}}))
	eth0, err := inside.LinkByName("eth0")
	must(err)
	must(inside.AddrAdd(eth0, address(i+2)))
	must(inside.LinkSetUp(eth0))
	must(inside.RouteAdd(&netlink.Route{Gw: gateway}))
	inside.Delete()
	netnsFd.Close()
}

func createTuned(n int, bridgeLast bool) {
	bridge := addBridge()
	if !bridgeLast {
		must(netlink.LinkSetUp(bridge))
	}
	var workers sync.WaitGroup
	for t := 0; t < 2; t++ {
		workers.Add(1)
		go func(t int) {
			defer workers.Done()
			runtime.LockOSThread() // for good: the thread ends with the goroutine
			outside, err := netlink.NewHandle(0)
			must(err)
			for i := t; i < n; i += 2 {
				createMember(outside, bridge.Index, i)
			}
			outside.Delete()
		}(t)
	}
	workers.Wait()
	if bridgeLast {
		must(netlink.LinkSetUp(bridge))
	}
}

func deleteStar(n int, tuned bool) {
	bridge, err := netlink.LinkByName("br0")
	must(err)
	if tuned {
		must(netlink.LinkSetDown(bridge))
	}
	must(netlink.LinkDel(bridge))
	for i := 0; i < n; i++ {
		must(netns.DeleteNamed(name(i)))
	}
}

func main() {
	mode := os.Args[1]
	serve(func(verb string, n int) int {
		switch {
		case verb == "delete":
			deleteStar(n, mode != "docs")
		case mode == "docs":
			createAsDocumented(n)
		default:
			createTuned(n, mode == "tuned-bridge-last")
		}
		return n
	})
}
