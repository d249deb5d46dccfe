#include "namespaces/netns.h"

#include <memory>
#include <optional>
#include <string>

#include "addon.h"
#include "namespaces/claimed_name.h"
#include "namespaces/netns_directory.h"
#include "namespaces/new_netns.h"
#include "namespaces/opened_netns.h"
#include "namespaces/removed_name.h"
#include "sockets/socket_spec.h"
#include "threads/executor.h"
#include "values/arguments.h"
#include "values/descriptor.h"

namespace {

class CreateNetnsJob : public Job {
 public:
  explicit CreateNetnsJob(NewNetns netns) : netns_(std::move(netns)) {}

  Status Run(ThreadNetns& thread) override { return netns_.Make(thread); }

  Napi::Value Result(Napi::Env env) override {
    auto result = netns_.opened().ToObject(env);
    result.Set("socket", Descriptor::New(env, netns_.TakeSocket()));
    return result;
  }

 private:
  NewNetns netns_;
};

class AttachNetnsJob : public Job {
 public:
  AttachNetnsJob(NetnsDirectory directory, std::string name, SharedFd netns)
      : directory_(std::move(directory)), name_(std::move(name)), netns_(std::move(netns)) {}

  Status Run(ThreadNetns&) override {
    ClaimedName name(directory_, name_);
    if (const Status claimed = name.Claim(directory_); !claimed.ok()) return claimed;
    const std::string source = "/proc/self/fd/" + std::to_string(netns_->get());
    return name.Mount(source.c_str());
  }

  Napi::Value Result(Napi::Env env) override { return env.Undefined(); }

 private:
  NetnsDirectory directory_;
  std::string name_;
  SharedFd netns_;
};

class RemoveNetnsJob : public Job {
 public:
  RemoveNetnsJob(std::string path, std::optional<ino_t> ino) : path_(std::move(path)), ino_(ino) {}

  Status Run(ThreadNetns&) override { return RemoveName(path_, ino_); }

  Napi::Value Result(Napi::Env env) override { return env.Undefined(); }

 private:
  std::string path_;
  std::optional<ino_t> ino_;
};

NetnsDirectory Directory(const Napi::CallbackInfo& info) {
  return {Text(info[0]), info.Env().GetInstanceData<Addon>()->ready_mount()};
}

}  // namespace

Napi::Value CreateNetns(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  return env.GetInstanceData<Addon>()->Submit(
      env, std::make_unique<CreateNetnsJob>(NewNetns(Directory(info), TextOrNull(info[1]), SocketSpec(info[2]),
                                                     info[3].As<Napi::Boolean>().Value())));
}

Napi::Value AttachNetns(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto netns = Descriptor::From(info[2]);
  if (!netns) return {};
  return env.GetInstanceData<Addon>()->Submit(
      env, std::make_unique<AttachNetnsJob>(Directory(info), Text(info[1]), std::move(netns)));
}

Napi::Value RemoveNetns(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::optional<ino_t> ino;
  if (!info[2].IsNull()) ino = static_cast<ino_t>(info[2].As<Napi::Number>().Int64Value());
  return env.GetInstanceData<Addon>()->Submit(
      env, std::make_unique<RemoveNetnsJob>(Text(info[0]) + "/" + Text(info[1]), ino));
}

Napi::Value OpenNetns(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  OpenedNetns opened;
  Status status = opened.Open(Text(info[0]).c_str());
  if (status.ok()) status = opened.Check();
  return status.ok() ? opened.ToObject(env) : Throw(env, status);
}
