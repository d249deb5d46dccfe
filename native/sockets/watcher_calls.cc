#include "sockets/watcher_calls.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <memory>
#include <vector>

#include "addon.h"
#include "sockets/watcher.h"
#include "sockets/watcher_batch.h"
#include "values/arguments.h"
#include "values/descriptor.h"

namespace {

// (…, keepAlive, listener) => () => void
Napi::Value Watch(const Napi::CallbackInfo& info, SharedFd fd, Watcher::What what) {
  Napi::Env env = info.Env();
  auto& addon = *env.GetInstanceData<Addon>();
  auto& watcher = addon.watcher();
  uint64_t id = 0;
  const Status status = addon.Watch(std::move(fd), what, info[2].As<Napi::Function>(), info[1].ToBoolean(), id);
  if (!status.ok()) return Throw(env, status);
  const auto hold = [&](bool held) {
    return Napi::Function::New(env, [&watcher, id, held](const Napi::CallbackInfo&) { watcher.Hold(id, held); });
  };
  try {
    auto watch = Napi::Function::New(env, [&watcher, id](const Napi::CallbackInfo&) { watcher.Unwatch(id); });
    watch.Set("pause", hold(true));
    watch.Set("resume", hold(false));
    return watch;
  } catch (const std::exception&) {
    // nobody could end it
    watcher.Unwatch(id);
    throw;
  }
}

}  // namespace

Napi::Value WatchSocket(const Napi::CallbackInfo& info) {
  auto fd = Descriptor::From(info[0]);
  if (!fd) return {};
  return Watch(info, std::move(fd), Watcher::What::kDatagrams);
}

Napi::Value WatchFile(const Napi::CallbackInfo& info) {
  UniqueFd fd(open(Text(info[0]).c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.ok()) return Throw(info.Env(), Status::Last("open"));
  return Watch(info, std::make_shared<const UniqueFd>(std::move(fd)), Watcher::What::kChanges);
}

Napi::Value ConnectSocket(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const auto fd = Descriptor::From(info[0]);
  if (!fd) return {};
  const auto address = info[1].As<Napi::Uint8Array>();
  const auto* name = reinterpret_cast<const sockaddr*>(address.Data());
  const int result = connect(fd->get(), name, static_cast<socklen_t>(address.ByteLength()));
  return Napi::Number::New(env, result == 0 ? 0 : errno);
}

Napi::Value SendDatagram(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const auto fd = Descriptor::From(info[0]);
  if (!fd) return {};
  const auto bytes = info[1].As<Napi::Uint8Array>();
  const sockaddr* name = nullptr;
  socklen_t name_length = 0;
  if (info[2].IsTypedArray()) {
    const auto address = info[2].As<Napi::Uint8Array>();
    name = reinterpret_cast<const sockaddr*>(address.Data());
    name_length = static_cast<socklen_t>(address.ByteLength());
  }
  // The error of an earlier datagram would be the answer to this call, which would not be made then (socket(7),
  // SO_ERROR). The error queue reports it.
  TakeError(fd->get());

  const int64_t time = Now(CLOCK_MONOTONIC);
  const ssize_t sent =
      sendto(fd->get(), bytes.Data(), bytes.ByteLength(), MSG_DONTWAIT | MSG_NOSIGNAL, name, name_length);
  const int error = sent < 0 ? errno : 0;
  auto result = Napi::Object::New(env);
  result.Set("errno", error);
  result.Set("time", static_cast<double>(time) / 1e6);
  return result;
}
