// An open network namespace with its identity.
#pragma once

#include <sys/stat.h>

#include <napi.h>

#include "values/status.h"
#include "values/unique_fd.h"

class OpenedNetns {
 public:
  Status Open(const char* path);
  Status Check() const;  // whether it is a network namespace
  int fd() const { return fd_.get(); }
  double dev() const { return static_cast<double>(identity_.st_dev); }
  double ino() const { return static_cast<double>(identity_.st_ino); }
  Napi::Object ToDescriptor(Napi::Env env);  // hands the descriptor over
  Napi::Object ToObject(Napi::Env env);      // { dev, ino, netns }: likewise

 private:
  UniqueFd fd_;
  struct stat identity_ {};
};
