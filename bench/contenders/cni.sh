#!/bin/bash
# Star N with the CNI plugins bridge, host-local and loopback: cni.sh JOBS makes so many members at once.
. "${0%/*}/serve.sh"
jobs=${1:-1}
export CNI_PATH=/usr/lib/cni
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT

network='{"cniVersion":"1.0.0","name":"bench","type":"bridge","bridge":"br0","isDefaultGateway":true,
  "ipam":{"type":"host-local","subnet":"10.200.0.0/16","gateway":"10.200.0.1","dataDir":"'$state'"}}'
loopback='{"cniVersion":"1.0.0","name":"lo","type":"loopback"}'

plugin() { # NAME COMMAND NETNS INTERFACE CONFIGURATION
  CNI_COMMAND=$2 CNI_CONTAINERID=$3 CNI_NETNS=/run/netns/$3 CNI_IFNAME=$4 "$CNI_PATH/$1" <<<"$5" >/dev/null
}

add_member() {
  ip netns add "$1"
  plugin loopback ADD "$1" lo "$loopback"
  plugin bridge ADD "$1" eth0 "$network"
}

remove_member() {
  plugin bridge DEL "$1" eth0 "$network"
  plugin loopback DEL "$1" lo "$loopback"
  ip netns del "$1"
}

each() { # FUNCTION N: every job takes each jobs-th member
  local job i netns pids=()
  for ((job = 0; job < jobs; job++)); do
    for ((i = job; i < $2; i += jobs)); do
      printf -v netns 'ns%04d' "$i"
      "$1" "$netns"
    done &
    pids+=($!)
  done
  for i in "${pids[@]}"; do wait "$i"; done
}

create() { each add_member "$1"; }

delete() {
  each remove_member "$1"
  ip link del br0
}

serve
