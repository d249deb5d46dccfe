// Single calls with vishvananda/netlink and netns, on one handle that is kept.
package main

import (
	"fmt"
	"net"
	"runtime"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

func makeNamespaces(n int) {
	done := make(chan bool)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with the goroutine
		for i := 0; i < n; i++ {
			made, err := netns.NewNamed(fmt.Sprintf("c%05d", i))
			must(err)
			made.Close()
		}
		done <- true
	}()
	<-done
}

func makePairs(h *netlink.Handle, n int) {
	for i := 0; i < n; i++ {
		attrs := netlink.NewLinkAttrs()
		attrs.Name = fmt.Sprintf("p%05da", i)
		must(h.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: fmt.Sprintf("p%05db", i)}))
	}
}

func addAddresses(h *netlink.Handle, device netlink.Link, n int) {
	for i := 0; i < n; i++ {
		ip := net.IPv4(10, 100, byte(i>>8), byte(i))
		must(h.AddrAdd(device, &netlink.Addr{IPNet: &net.IPNet{IP: ip, Mask: net.CIDRMask(32, 32)}}))
	}
}

func main() {
	h, err := netlink.NewHandle(0)
	must(err)
	device, err := h.LinkByName("load0")
	must(err)
	serve(func(verb string, n int) int {
		switch verb {
		case "netns":
			makeNamespaces(n)
		case "veth":
			makePairs(h, n)
		case "addr":
			addAddresses(h, device, n)
		case "links":
			links, err := h.LinkList()
			must(err)
			return len(links)
		case "routes":
			routes, err := h.RouteList(nil, netlink.FAMILY_V4)
			must(err)
			return len(routes)
		}
		return n
	})
}
