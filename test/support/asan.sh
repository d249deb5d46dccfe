#!/bin/sh
# Runs the integration tests with the addon and the sandbox of build-asan/. What the sanitizers find ends the process
# that it is found in, and so fails the tests.
set -eu

cd "$(dirname "$0")/../.."
export RTNETNS_BUILD="$PWD/build-asan"

# Leaks: node leaves much of its own memory to the end of the process, which drowns what is ours.
export ASAN_OPTIONS="detect_leaks=0:detect_stack_use_after_return=1:suppressions=$PWD/test/support/asan.supp"
export UBSAN_OPTIONS="print_stacktrace=1"

# node is built without the runtime, which wants to be there first. Children inherit it: those that are node need it.
# In the others it finds little, as they are built without its checks, too, but what it finds is not ours.
preload="$(cc -print-file-name=libasan.so) $(cc -print-file-name=libubsan.so)"

exec "$RTNETNS_BUILD/Release/rtnetns-sandbox" -- \
  env LD_PRELOAD="$preload" node node_modules/jest/bin/jest.js "$@" --selectProjects integration
