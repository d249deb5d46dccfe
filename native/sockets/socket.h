// Sockets of a namespace.
#pragma once

#include <napi.h>

// (netns: Descriptor | null, spec) => Promise<Descriptor>; null is the namespace of the JavaScript thread.
Napi::Value OpenSocket(const Napi::CallbackInfo& info);

// (socket: Descriptor, level: number, name: number, length: number) => Buffer, or throws: getsockopt(2).
Napi::Value GetSocketOption(const Napi::CallbackInfo& info);

// (socket: Descriptor) => Promise<void>: closed by a thread of ours, because close(2) of some sockets waits in the
// kernel. For JavaScript the socket is closed at once.
Napi::Value CloseSocket(const Napi::CallbackInfo& info);
