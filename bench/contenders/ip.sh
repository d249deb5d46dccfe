#!/bin/bash
# Star N as people script it: a process per command.
. "${0%/*}/serve.sh"

create() {
  ip link add br0 type bridge
  ip addr add 10.200.0.1/16 dev br0
  ip link set br0 up
  local i
  for ((i = 0; i < $1; i++)); do
    local netns outer
    printf -v netns 'ns%04d' "$i"
    printf -v outer 'v%04d' "$i"
    ip netns add "$netns"
    ip link add "$outer" type veth peer name eth0 netns "$netns"
    ip link set "$outer" master br0
    ip link set "$outer" up
    ip -n "$netns" link set lo up
    ip -n "$netns" addr add "10.200.$(((i + 2) >> 8)).$(((i + 2) & 255))/16" dev eth0
    ip -n "$netns" link set eth0 up
    ip -n "$netns" route add default via 10.200.0.1
  done
}

delete() {
  local i netns
  for ((i = 0; i < $1; i++)); do
    printf -v netns 'ns%04d' "$i"
    ip netns del "$netns"
  done
  ip link del br0
}

serve
