// Errors as values: which call failed, and with which errno, taken at once.
#pragma once

#include <cerrno>
#include <utility>

#include <napi.h>

struct Status {
  const char* call = nullptr;
  int number = 0;

  bool ok() const { return number == 0; }

  static Status Ok() { return {}; }
  static Status Last(const char* call) { return {call, errno}; }
  static Status NoMemory() { return {"malloc", ENOMEM}; }
};

// An Error with code, errno and syscall, as node's own system errors have. JavaScript thread only, as are the others.
Napi::Object ToError(Napi::Env env, const Status& status);

// Throws that Error; the value is empty, for the function that JavaScript has called to return.
Napi::Value Throw(Napi::Env env, const Status& status);

// Settles a promise with what result() returns, or with the status as an Error.
template <typename Result>
void Settle(Napi::Env env, const Napi::Promise::Deferred& deferred, const Status& status, Result&& result) {
  if (status.ok()) {
    deferred.Resolve(std::forward<Result>(result)());
  } else {
    deferred.Reject(ToError(env, status));
  }
}
