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

  // It must be a mount point with shared propagation, so that a name that one mount namespace makes or removes is
  // made or removed in all of them.
  Status Prepare();

 private:
  Status MakeShared() const;
  uint64_t MountId() const;

  std::string path_;
  std::atomic<uint64_t>& ready_;
};
