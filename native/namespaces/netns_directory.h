// The directory of the namespaces' names.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "values/status.h"

class NetnsDirectory {
 public:
  // `ready` remembers the mount that was found or made ready, from one creation to the next.
  NetnsDirectory(std::string path, std::atomic<uint64_t>& ready) : path_(std::move(path)), ready_(ready) {}

  const std::string& path() const { return path_; }

  // The directory must be a mount point with shared propagation, because a name that is made or removed in one mount
  // namespace has to be made or removed in all of them.
  Status Prepare();

 private:
  Status MakeShared() const;
  uint64_t MountId() const;

  std::string path_;
  std::atomic<uint64_t>& ready_;
};
