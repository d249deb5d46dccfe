// A namespace and the link that joins it to another one, in one trip.
#pragma once

#include <napi.h>

// (directory, name | null, spec, outside: Descriptor, outer: Uint8Array, fdAt: number, inner: Uint8Array)
//   => Promise<{ dev, ino, netns, outer: { bytes, errno }, inner: { bytes, errno } }>
//
// Creates the namespace, lays the number of its descriptor into `outer` at `fdAt`, sends that over `outside`, then
// `inner` over a socket in the namespace, which is closed again. The kernel's answers to the requests are for the
// caller to read: the namespace is there even where a request was refused.
Napi::Value CreateMember(const Napi::CallbackInfo& info);
