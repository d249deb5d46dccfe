// Sockets of a namespace: opening one, and one exchange with the kernel over it.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <napi.h>

#include "threads/executor.h"
#include "threads/stats.h"
#include "values/status.h"
#include "values/unique_fd.h"

struct SocketOption {
  int level;
  int name;
  std::vector<uint8_t> value;
  bool required;  // false: where the kernel refuses, go on without
};

struct SocketSpec {
  int domain;
  int type;
  int protocol;
  std::vector<SocketOption> options;
  std::vector<sock_filter> filter;  // SO_ATTACH_FILTER; none where it is empty
  std::vector<uint8_t> bind;        // struct sockaddr; not bound where it is empty
  std::optional<int> backlog;       // listen(2)

  // From { domain, type, protocol, options: [[level, name, value: number | Uint8Array, required]],
  // filter?: Uint8Array, bind?: Uint8Array, backlog?: number }. Read once and kept with the object, which is not to
  // change: there are few, and thousands of sockets.
  static std::shared_ptr<const SocketSpec> From(const Napi::Object& spec);

  // Opened in the namespace of the calling thread, close-on-exec and non-blocking.
  Status Open(UniqueFd& fd) const;
};

// (netns: Descriptor | null, spec) => Promise<Descriptor>; null is the namespace of the JavaScript thread.
Napi::Value OpenSocket(const Napi::CallbackInfo& info);

// (socket: Descriptor, level: number, name: number, length: number) => Buffer, or throws: getsockopt(2).
Napi::Value GetSocketOption(const Napi::CallbackInfo& info);

// (socket: Descriptor) => Promise<void>: closed by a thread of ours, for sockets that the kernel lets go of only
// after a while. For JavaScript it is closed at once.
Napi::Value CloseSocket(const Napi::CallbackInfo& info);

// (socket: Descriptor, bytes: Uint8Array) => Promise<{ bytes: Buffer, errno: number }>
//
// See exchange.h.
Napi::Value Transact(const Napi::CallbackInfo& info);

// (socket: Descriptor, bytes: Uint8Array) => Promise<undefined>
//
// Sends the bytes as one datagram. What the kernel has to say comes to whoever watches the socket, in one line with
// the events there.
Napi::Value SendRequest(const Napi::CallbackInfo& info);
