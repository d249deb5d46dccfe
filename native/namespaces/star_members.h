// Namespaces and the links that join them to another one, some dozens in one trip.
#pragma once

#include <napi.h>

// (directory, names: (bytes | null)[], spec, outside: Descriptor, bytes: Uint8Array, layout: Uint32Array)
//   => Promise<{ netns: (Descriptor | undefined)[], identities: Float64Array, rest: Rest[] }>
//   Rest: { at, error } | { at, outer: { bytes, errno }, inner: { bytes, errno } }
//
// `bytes` has two datagrams for each member, one after another, and `layout` five numbers: the bytes and the requests
// of the outer datagram, where in it the number of a descriptor belongs, the bytes and the requests of the inner one.
//
// Creates the namespaces, lays the number of each one's descriptor into its outer datagram, sends that over `outside`,
// then the inner one over a socket in the namespace, which is closed again. `identities` has dev and ino of each. A
// member fails with an error where its namespace could not be made, and with the kernel's answers, for the caller to
// read, where one of its requests was not acknowledged: its namespace is there.
Napi::Value CreateMembers(const Napi::CallbackInfo& info);
