// A namespace in the making: with its name, if it is to have one, and a first socket in it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "namespaces/claimed_name.h"
#include "namespaces/netns_directory.h"
#include "namespaces/opened_netns.h"
#include "sockets/socket_spec.h"
#include "threads/thread_netns.h"
#include "values/status.h"
#include "values/unique_fd.h"

class NewNetns {
 public:
  NewNetns(NetnsDirectory directory, std::optional<std::string> name, SocketSpec spec, bool ipv6 = true)
      : directory_(std::move(directory)), name_(std::move(name)), spec_(std::move(spec)), ipv6_(ipv6) {}

  // Leaves the thread in the new namespace. Where it fails, nothing that it made is left.
  Status Make(ThreadNetns& thread);

  OpenedNetns& opened() { return opened_; }
  UniqueFd TakeSocket() { return std::move(socket_); }

 private:
  Status Enter(ThreadNetns& thread);

  NetnsDirectory directory_;
  std::optional<std::string> name_;
  SocketSpec spec_;
  bool ipv6_;
  // Not of Make alone, because its thread may be killed there: the file is removed with this object then.
  std::unique_ptr<ClaimedName> claim_;
  OpenedNetns opened_;
  UniqueFd socket_;
};
