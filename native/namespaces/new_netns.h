// A namespace in the making: with its name, if it is to have one, and a first socket in it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "namespaces/netns_directory.h"
#include "namespaces/opened_netns.h"
#include "sockets/socket.h"
#include "threads/executor.h"
#include "values/status.h"
#include "values/unique_fd.h"

class NewNetns {
 public:
  NewNetns(NetnsDirectory directory, std::optional<std::string> name, std::shared_ptr<const SocketSpec> spec)
      : directory_(std::move(directory)), name_(std::move(name)), spec_(std::move(spec)) {}

  // The thread is in the new namespace after it. Where it fails, nothing is left.
  Status Make(Place& place);

  OpenedNetns& opened() { return opened_; }
  UniqueFd TakeSocket() { return std::move(socket_); }

 private:
  Status Enter(Place& place);

  NetnsDirectory directory_;
  std::optional<std::string> name_;
  std::shared_ptr<const SocketSpec> spec_;
  OpenedNetns opened_;
  UniqueFd socket_;
};
