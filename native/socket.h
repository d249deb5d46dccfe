// Sockets of a namespace: opening one, and one exchange with the kernel over it.
#pragma once

#include <linux/filter.h>

#include <optional>
#include <vector>

#include <napi.h>

#include "executor.h"
#include "stats.h"
#include "status.h"
#include "unique_fd.h"

struct SocketOption {
  int level;
  int name;
  int value;
  bool required;  // false: where the kernel refuses, go on without
};

struct SocketSpec {
  int domain;
  int type;
  int protocol;
  std::vector<SocketOption> options;
  std::vector<sock_filter> filter;  // SO_ATTACH_FILTER; none where it is empty

  // From { domain, type, protocol, options: [[level, name, value, required]], filter?: Uint8Array }.
  static SocketSpec From(const Napi::Object& spec);

  // Opened in the namespace of the calling thread, close-on-exec and non-blocking.
  Status Open(UniqueFd& fd) const;
};

// (netns: Descriptor | null, spec) => Promise<Descriptor>; null is the namespace of the JavaScript thread.
Napi::Value OpenSocket(const Napi::CallbackInfo& info);

// (socket: Descriptor, bytes: Uint8Array) => Promise<{ bytes: Buffer, errno: number }>
//
// Sends the bytes as one datagram, then takes what the kernel has to say, until it has no more: rtnetlink
// and nfnetlink answer inside sendmsg, and every part of a dump but the first inside recvmsg, so "nothing
// to read" means "all has been said". Datagrams are laid at 4-byte boundaries. errno is the first error of
// receiving (ENOBUFS: answers were lost, the requests were carried out); what came before and after it is
// in bytes.
Napi::Value Transact(const Napi::CallbackInfo& info);

// (socket: Descriptor, bytes: Uint8Array) => Promise<undefined>
//
// Sends the bytes as one datagram. What the kernel has to say comes to whoever watches the socket, in one line with
// the events there.
Napi::Value SendRequest(const Napi::CallbackInfo& info);
