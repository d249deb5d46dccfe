// Errors as values: which call failed, and with which errno, taken at once.
#pragma once

#include <cerrno>

#include <napi.h>

struct Status {
  const char* call = nullptr;
  int number = 0;

  bool ok() const { return number == 0; }

  static Status Ok() { return {}; }
  static Status Last(const char* call) { return {call, errno}; }
};

// "EEXIST", or "" where the C library does not know the number.
const char* ErrnoName(int number);

// An Error with code, errno and syscall, as node's own system errors have.
Napi::Object ToError(Napi::Env env, const Status& status);
