#!/bin/bash
# Star N with `ip -batch`: one for all that is outside, one for each namespace.
. "${0%/*}/serve.sh"

outside() {
  echo 'link add br0 type bridge'
  echo 'addr add 10.200.0.1/16 dev br0'
  echo 'link set br0 up'
  local i
  for ((i = 0; i < $1; i++)); do
    printf 'netns add ns%04d\n' "$i"
    printf 'link add v%04d master br0 up type veth peer name eth0 netns ns%04d\n' "$i" "$i"
  done
}

inside() {
  echo 'link set lo up'
  echo "addr add 10.200.$((($1 + 2) >> 8)).$((($1 + 2) & 255))/16 dev eth0"
  echo 'link set eth0 up'
  echo 'route add default via 10.200.0.1'
}

create() {
  outside "$1" | ip -batch -
  local i netns
  for ((i = 0; i < $1; i++)); do
    printf -v netns 'ns%04d' "$i"
    inside "$i" | ip -n "$netns" -batch -
  done
}

delete() {
  local i
  {
    echo 'link set br0 down'
    echo 'link del br0'
    for ((i = 0; i < $1; i++)); do printf 'netns del ns%04d\n' "$i"; done
  } | ip -batch -
}

serve
