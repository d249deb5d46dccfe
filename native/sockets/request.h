// Requests over a netlink socket.
#pragma once

#include <napi.h>

// (socket: Descriptor, bytes: Uint8Array) => Promise<{ bytes: Buffer, errno: number }>
// One exchange with the kernel: see exchange.h.
Napi::Value Transact(const Napi::CallbackInfo& info);

// (socket: Descriptor, bytes: Uint8Array) => Promise<undefined>
// Sends the bytes as one datagram. The answers are received by whoever watches the socket, in order with its events.
Napi::Value SendRequest(const Napi::CallbackInfo& info);
