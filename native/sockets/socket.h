// Sockets of a namespace.
#pragma once

#include <napi.h>

// (netns: Descriptor | null, spec) => Promise<Descriptor>; null is the namespace of the JavaScript thread.
Napi::Value OpenSocket(const Napi::CallbackInfo& info);

// (socket: Descriptor, level: number, name: number, length: number) => Buffer, or throws: getsockopt(2).
Napi::Value GetSocketOption(const Napi::CallbackInfo& info);

// (socket: Descriptor) => Promise<void>: closed by a thread of ours, for sockets that the kernel lets go of only
// after a while. For JavaScript it is closed at once.
Napi::Value CloseSocket(const Napi::CallbackInfo& info);
