// Connections of stream sockets, which take their time.
#pragma once

#include <napi.h>

// (netns: Descriptor | null, spec: SocketSpec, address: Uint8Array) => Promise<{ socket, errno, name }>
// Opens a socket, see OpenSocket, and calls connect(2). errno is 0, EINPROGRESS while it is under way, or why it
// failed. name is what getsockname(2) tells by then.
Napi::Value OpenConnection(const Napi::CallbackInfo& info);

// (socket: Descriptor, listener: (errno: number) => void) => () => void
// Calls the listener once, when a connection that was under way is there, or with why not; never after the returned
// function was called. It holds the socket open until then, and the event loop, too.
Napi::Value WatchConnection(const Napi::CallbackInfo& info);
