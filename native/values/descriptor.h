// A descriptor as JavaScript sees it: `fd` to look at, `close()`, `release()` for another owner, and a finalizer for
// the forgotten.
#pragma once

#include <memory>

#include <napi.h>

#include "values/unique_fd.h"

// Jobs hold a share, so that close() in mid-request does not let the number be given to another file.
using SharedFd = std::shared_ptr<const UniqueFd>;

class Descriptor : public Napi::ObjectWrap<Descriptor> {
 public:
  static Napi::Function Define(Napi::Env env);
  static Napi::Object New(Napi::Env env, UniqueFd fd);

  // The open descriptor behind a JavaScript value; null, with a pending exception, for anything else.
  static SharedFd From(Napi::Value value);

  // The same, which the value no longer holds.
  static SharedFd Take(Napi::Value value);

  explicit Descriptor(const Napi::CallbackInfo& info);

 private:
  void Close(const Napi::CallbackInfo& info);
  Napi::Value Release(const Napi::CallbackInfo& info);
  Napi::Value Number(const Napi::CallbackInfo& info);

  std::shared_ptr<UniqueFd> fd_;
};
