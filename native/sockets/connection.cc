#include "sockets/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include "addon.h"
#include "sockets/socket_spec.h"
#include "sockets/watcher.h"
#include "threads/netns_job.h"
#include "values/arguments.h"
#include "values/descriptor.h"

namespace {

class ConnectJob : public NetnsJob {
 public:
  ConnectJob(SocketSpec spec, std::vector<uint8_t> address) : spec_(std::move(spec)), address_(std::move(address)) {}

  Status Open() override {
    if (const Status opened = spec_.Open(fd_); !opened.ok()) return opened;
    Connect();
    name_length_ = sizeof name_;
    if (getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&name_), &name_length_) != 0) name_length_ = 0;
    return Status::Ok();
  }

  Napi::Value Result(Napi::Env env) override {
    auto result = Napi::Object::New(env);
    result.Set("socket", Descriptor::New(env, std::move(fd_)));
    result.Set("errno", errno_);
    result.Set("name", Napi::Buffer<uint8_t>::Copy(env, reinterpret_cast<const uint8_t*>(&name_), name_length_));
    return result;
  }

 private:
  void Connect() {
    const auto* address = reinterpret_cast<const sockaddr*>(address_.data());
    errno_ = connect(fd_.get(), address, static_cast<socklen_t>(address_.size())) == 0 ? 0 : errno;
    if (errno_ != EINPROGRESS) return;
    // Within one machine the answer is mostly there by now, because the kernel handles it inside connect(2).
    pollfd asked{fd_.get(), POLLOUT, 0};
    if (poll(&asked, 1, 0) > 0) errno_ = TakeError(fd_.get());
  }

  SocketSpec spec_;
  std::vector<uint8_t> address_;
  UniqueFd fd_;
  int errno_ = 0;
  sockaddr_storage name_{};
  socklen_t name_length_ = 0;
};

}  // namespace

Napi::Value OpenConnection(const Napi::CallbackInfo& info) {
  return SubmitIn(info[0], std::make_unique<ConnectJob>(SocketSpec(info[1]), Bytes(info[2])));
}

namespace {

// (file: Descriptor, listener: (errno: number) => void) => () => void
Napi::Value WatchOnce(const Napi::CallbackInfo& info, Watcher::What what) {
  Napi::Env env = info.Env();
  auto fd = Descriptor::From(info[0]);
  if (!fd) return {};
  auto& addon = *env.GetInstanceData<Addon>();
  auto& watcher = addon.watcher();
  uint64_t id = 0;
  const Status status = addon.Watch(std::move(fd), what, info[1].As<Napi::Function>(), true, id);
  if (!status.ok()) return Throw(env, status);
  try {
    return Napi::Function::New(env, [&watcher, id](const Napi::CallbackInfo&) { watcher.Unwatch(id); });
  } catch (const std::exception&) {
    // nobody could end it
    watcher.Unwatch(id);
    throw;
  }
}

}  // namespace

Napi::Value WatchConnection(const Napi::CallbackInfo& info) { return WatchOnce(info, Watcher::What::kConnection); }

Napi::Value WatchReadable(const Napi::CallbackInfo& info) { return WatchOnce(info, Watcher::What::kReadable); }
