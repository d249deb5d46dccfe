// Connections of stream sockets, which may take long.
#pragma once

#include <napi.h>

// (netns: Descriptor | null, spec: SocketSpec, address: Uint8Array) => Promise<{ socket, errno, name }>
// Opens a socket, see OpenSocket, and calls connect(2). errno is 0, EINPROGRESS while the connection is under way, or
// why it failed. name is what getsockname(2) returns then.
Napi::Value OpenConnection(const Napi::CallbackInfo& info);

// (socket: Descriptor, listener: (errno: number) => void) => () => void
// Calls the listener once, with 0 when a connection that was under way is made, or with the errno of its failure; never
// after the returned function was called. Until then the watch holds the socket open and keeps the event loop alive.
Napi::Value WatchConnection(const Napi::CallbackInfo& info);

// (file: Descriptor, listener: (errno: number) => void) => () => void
// Calls the listener once, with 0, when there is something to read, or with the errno that ended the watch; else like
// WatchConnection.
Napi::Value WatchReadable(const Napi::CallbackInfo& info);
