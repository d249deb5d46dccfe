// A descriptor as JavaScript sees it: `fd` to look at, `close()`, `release()` for another owner, and a finalizer that
// closes a forgotten one.
#pragma once

#include <memory>

#include <napi.h>

#include "values/unique_fd.h"

// Jobs hold a share: the file stays open, and its number is given to no other file, when JavaScript calls close() while
// a job runs.
using SharedFd = std::shared_ptr<const UniqueFd>;

class Descriptor : public Napi::ObjectWrap<Descriptor> {
 public:
  static Napi::Function Define(Napi::Env env);
  static Napi::Object New(Napi::Env env, UniqueFd fd);

  // The open descriptor behind a JavaScript value; null, with a pending exception, for anything else.
  static SharedFd From(Napi::Value value);

  // The same, and the value is closed for JavaScript.
  static SharedFd Take(Napi::Value value);

  explicit Descriptor(const Napi::CallbackInfo& info);

 private:
  void Close(const Napi::CallbackInfo& info);
  Napi::Value Release(const Napi::CallbackInfo& info);
  Napi::Value Number(const Napi::CallbackInfo& info);

  std::shared_ptr<UniqueFd> fd_;
};
