#include "addon.h"

#include "descriptor.h"
#include "netns.h"
#include "socket.h"
#include "status.h"

namespace {

template <Napi::Value (*function)(const Napi::CallbackInfo&)>
Napi::Function Export(Napi::Env env) {
  return Napi::Function::New<function>(env);
}

}  // namespace

Addon::Addon(Napi::Env env, Napi::Object exports)
    : mailbox_(env), executor_(mailbox_, stats_), descriptor_(Napi::Persistent(Descriptor::Define(env))) {
  // Hooks run in the opposite order of their making: this one before the mailbox's own, so that no thread
  // posts to a closed mailbox.
  env.AddCleanupHook([this] {
    executor_.Stop();
    mailbox_.Close();
  });
  DefineAddon(exports, {InstanceMethod("stats", &Addon::ReadStats), InstanceMethod("errnoName", &Addon::NameErrno)});
  exports.Set("createNetns", Export<CreateNetns>(env));
  exports.Set("attachNetns", Export<AttachNetns>(env));
  exports.Set("removeNetns", Export<RemoveNetns>(env));
  exports.Set("openNetns", Export<OpenNetns>(env));
  exports.Set("openSocket", Export<OpenSocket>(env));
  exports.Set("transact", Export<Transact>(env));
}

Napi::Value Addon::ReadStats(const Napi::CallbackInfo& info) {
  auto result = Napi::Object::New(info.Env());
  const auto set = [&](const char* name, const std::atomic<uint64_t>& counter) {
    result.Set(name, static_cast<double>(counter.load()));
  };
  set("jobs", stats_.jobs);
  set("busyNs", stats_.busy_ns);
  set("sends", stats_.sends);
  set("receives", stats_.receives);
  set("threads", stats_.threads);
  return result;
}

Napi::Value Addon::NameErrno(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), ErrnoName(info[0].As<Napi::Number>().Int32Value()));
}

NODE_API_ADDON(Addon)
