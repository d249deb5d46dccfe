#include "files/pipe.h"

#include <fcntl.h>
#include <unistd.h>

#include "values/descriptor.h"
#include "values/status.h"

Napi::Value OpenPipe(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return Throw(env, Status::Last("pipe2"));
  UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  auto result = Napi::Object::New(env);
  result.Set("reader", Descriptor::New(env, std::move(reader)));
  result.Set("writer", Descriptor::New(env, std::move(writer)));
  return result;
}
