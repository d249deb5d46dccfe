// A name for a namespace: an empty file in the directory of names, to mount one on.
#pragma once

#include <string>

#include "namespaces/netns_directory.h"
#include "values/status.h"

// The destructor removes the name, unless it is kept.
class ClaimedName {
 public:
  ClaimedName(const NetnsDirectory& directory, const std::string& name) : path_(directory.path() + "/" + name) {}
  ~ClaimedName();

  Status Claim(NetnsDirectory& directory);
  Status Mount(const char* netns);
  void Keep() { claimed_ = false; }

 private:
  std::string path_;
  bool claimed_ = false;
};
