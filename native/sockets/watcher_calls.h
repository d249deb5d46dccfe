// What JavaScript does with datagram sockets: watching them, and calls that do not wait. Files are watched as well.
#pragma once

#include <napi.h>

// (socket: Descriptor, keepAlive: boolean, listener: (received: Received[]) => void) => Watch
// See Batch::ToArray. With keepAlive the event loop stays alive until the returned function has been called.
Napi::Value WatchSocket(const Napi::CallbackInfo& info);

// (path: string, keepAlive: boolean, listener: (failed: ReceiveFailure[]) => void) => () => void
// Calls the listener when poll(2) reports POLLPRI for the file, as files of /proc and /sys do when they have changed.
// Changes that come before the listener has been called are reported by that one call.
Napi::Value WatchFile(const Napi::CallbackInfo& info);

// (socket: Descriptor, address: Uint8Array) => number: connect(2) of a datagram socket, and its errno or 0.
Napi::Value ConnectSocket(const Napi::CallbackInfo& info);

// (socket: Descriptor, bytes: Uint8Array, address: Uint8Array | null) => { errno, time }
// One datagram, at once or not at all; without an address to where the socket is connected. time is when the
// kernel was called, by CLOCK_MONOTONIC in milliseconds, the clock that received datagrams are stamped by.
Napi::Value SendDatagram(const Napi::CallbackInfo& info);
