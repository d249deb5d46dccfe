#!/bin/sh
# node with the sanitizers' runtime, for the tests to start.
exec env LD_PRELOAD="$RTNETNS_PRELOAD" node "$@"
