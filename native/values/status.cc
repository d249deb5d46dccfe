#include "values/status.h"

#include <cstring>
#include <string>

#include "addon.h"

Napi::Object ToError(Napi::Env env, const Status& status) {
  const std::string code = env.GetInstanceData<Addon>()->ErrnoName(status.number);
  const std::string message = code + ": " + std::strerror(status.number) + ", " + status.call;
  Napi::Object error = Napi::Error::New(env, message).Value();
  error.Set("code", code);
  error.Set("errno", status.number);
  error.Set("syscall", status.call);
  return error;
}

Napi::Value Throw(Napi::Env env, const Status& status) {
  napi_throw(env, ToError(env, status));
  return {};
}
