#include "values/status.h"

#include <cstring>
#include <string>

const char* ErrnoName(int number) {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 32)
  const char* name = strerrorname_np(number);
  return name == nullptr ? "" : name;
#else
  (void)number;
  return "";
#endif
}

Napi::Object ToError(Napi::Env env, const Status& status) {
  std::string name = ErrnoName(status.number);
  if (name.empty()) name = "E" + std::to_string(status.number);
  const std::string message = name + ": " + std::strerror(status.number) + ", " + status.call;
  Napi::Object error = Napi::Error::New(env, message).Value();
  error.Set("code", name);
  error.Set("errno", status.number);
  error.Set("syscall", status.call);
  return error;
}
