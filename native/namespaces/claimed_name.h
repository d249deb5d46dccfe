// A name for a namespace: an empty file in the directory of names, to mount one on.
#pragma once

#include <sys/stat.h>

#include <string>

#include "namespaces/netns_directory.h"
#include "values/status.h"
#include "values/unique_fd.h"

// The destructor removes the file, unless a namespace was mounted on it.
class ClaimedName {
 public:
  ClaimedName(const NetnsDirectory& directory, const std::string& name) : path_(directory.path() + "/" + name) {}
  ~ClaimedName();

  Status Claim(NetnsDirectory& directory);

  // On the very file that was claimed. Where somebody has removed the file meanwhile, and perhaps made another one of
  // that name, it fails with ENOENT.
  Status Mount(const char* netns);

 private:
  std::string path_;
  UniqueFd file_;
  struct stat identity_ {};
};
