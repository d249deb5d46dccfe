#!/bin/sh
# Runs the integration tests with the addon and the sandbox of build-asan/. What the sanitizers find ends the process
# that it is found in, and so fails the tests.
set -eu

cd "$(dirname "$0")/../.."
export RTNETNS_BUILD="$PWD/build-asan"

# Leaks: node leaves much of its own memory to the end of the process, which drowns what is ours.
export ASAN_OPTIONS="detect_leaks=0:detect_stack_use_after_return=1"
export UBSAN_OPTIONS="print_stacktrace=1"

# node is built without the runtime, which wants to be there first. Not all children may inherit it: in bridge(8) it
# finds a fault. See asan.ts.
RTNETNS_PRELOAD="$(cc -print-file-name=libasan.so) $(cc -print-file-name=libubsan.so)"
export RTNETNS_PRELOAD

# The files that are about what the addon and the programs beside it do; the others go through the same calls more often.
# Not those that count the system calls of a node that they start: here that is a script first.
# Nor that of a thread which cannot be started: the limit of memory would be the sanitizers' as well.
# Nor those that run out of descriptors: UBSan finds out by a pipe(2) whether memory may be read, and reports a fault without one.
FILES='addon/(descriptors|exit|watcher|worker)|cli/sandbox|events/watch-(end|netns)|netlink/packing'
FILES="$FILES|netns/(compat|handles|netns|wait-gone)|packets/(capture\\.|ping-events)|pool/(disk|files)|process/(create|exec|spawn)"
FILES="$FILES|soak|sockets/(connect\\.|datagrams|listen)|star/star\\.|sysctl/"
exec "$RTNETNS_BUILD/Release/rtnetns-sandbox" -- \
  env LD_PRELOAD="$RTNETNS_PRELOAD" node node_modules/jest/bin/jest.js "$@" --selectProjects integration \
  --testPathPatterns "integration/($FILES)"
