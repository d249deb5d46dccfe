// How a socket is opened, as JavaScript describes it.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <optional>
#include <vector>

#include <napi.h>

#include "values/status.h"
#include "values/unique_fd.h"

struct SocketOption {
  int level;
  int name;
  std::vector<uint8_t> value;
  bool required;  // false: where the kernel refuses it, the socket is opened without
};

struct SocketSpec {
  // From { domain, type, protocol, options: [[level, name, value: number | Uint8Array, required]],
  // filter?: Uint8Array, bind?: Uint8Array, connect?: Uint8Array, backlog?: number }.
  explicit SocketSpec(const Napi::Value& value);

  // Opened in the namespace of the calling thread, close-on-exec and non-blocking.
  Status Open(UniqueFd& fd) const;

  int domain;
  int type;
  int protocol;
  std::vector<SocketOption> options;
  std::vector<sock_filter> filter;  // SO_ATTACH_FILTER; none where it is empty
  std::vector<uint8_t> bind;        // struct sockaddr; not bound where it is empty
  std::vector<uint8_t> connect;     // struct sockaddr; not connected where it is empty
  std::optional<int> backlog;       // listen(2)
};
