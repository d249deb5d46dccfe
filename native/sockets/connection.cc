#include "sockets/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include "addon.h"
#include "sockets/exchange.h"
#include "sockets/socket.h"
#include "sockets/watcher.h"
#include "values/descriptor.h"

namespace {

class ConnectJob : public Job {
 public:
  ConnectJob(SharedFd netns, std::shared_ptr<const SocketSpec> spec, std::vector<uint8_t> address)
      : netns_(std::move(netns)), spec_(std::move(spec)), address_(std::move(address)) {}

  Status Run(Place& place) override {
    if (netns_) {
      if (const Status entered = place.Enter(netns_->get()); !entered.ok()) return entered;
    }
    if (const Status opened = spec_->Open(fd_); !opened.ok()) return opened;
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
    // On one machine the answer has mostly come by now: the kernel handles it in the same breath.
    pollfd asked{fd_.get(), POLLOUT, 0};
    if (poll(&asked, 1, 0) > 0) errno_ = TakeError(fd_.get());
  }

  SharedFd netns_;  // null: that of the JavaScript thread
  std::shared_ptr<const SocketSpec> spec_;
  std::vector<uint8_t> address_;
  UniqueFd fd_;
  int errno_ = 0;
  sockaddr_storage name_{};
  socklen_t name_length_ = 0;
};

}  // namespace

Napi::Value OpenConnection(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  SharedFd netns;
  if (!info[0].IsNull() && !(netns = Descriptor::From(info[0]))) return {};
  const bool here = !netns;
  auto job =
      std::make_unique<ConnectJob>(std::move(netns), SocketSpec::From(info[1].As<Napi::Object>()), BytesFrom(info[2]));
  if (!here) return env.GetInstanceData<Addon>()->executor().Submit(env, std::move(job));
  // see OpenSocket
  auto deferred = Napi::Promise::Deferred::New(env);
  Place place;
  if (const Status status = job->Run(place); status.ok()) {
    deferred.Resolve(job->Result(env));
  } else {
    deferred.Reject(ToError(env, status));
  }
  return deferred.Promise();
}

Napi::Value WatchConnection(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto fd = Descriptor::From(info[0]);
  if (!fd) return {};
  auto& watcher = env.GetInstanceData<Addon>()->watcher();
  uint64_t id = 0;
  const auto listener = info[1].As<Napi::Function>();
  const Status status = watcher.Watch(std::move(fd), Watcher::What::kConnection, listener, true, id);
  if (status.ok()) return Napi::Function::New(env, [&watcher, id](const Napi::CallbackInfo&) { watcher.Unwatch(id); });
  napi_throw(env, ToError(env, status));
  return {};
}
