#include "sockets/request.h"

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "addon.h"
#include "sockets/exchange.h"
#include "sockets/watcher.h"
#include "threads/executor.h"
#include "values/arguments.h"
#include "values/descriptor.h"

namespace {

class SendJob : public Job {
 public:
  SendJob(SharedFd fd, std::vector<uint8_t> request, Addon& addon)
      : fd_(std::move(fd)), request_(std::move(request)), exchange_(addon.stats()) {}

  bool netlink() const override { return true; }

  Napi::Value Result(Napi::Env env) override { return env.Undefined(); }

 protected:
  SharedFd fd_;
  std::vector<uint8_t> request_;
  Exchange exchange_;
};

// For a socket that is watched meanwhile.
class SendAsideJob : public SendJob {
 public:
  SendAsideJob(SharedFd fd, std::vector<uint8_t> request, Addon& addon)
      : SendJob(std::move(fd), std::move(request), addon), watcher_(addon.watcher()) {}

  Status Run(ThreadNetns&) override {
    const Watcher::ReadPause pause(watcher_, fd_->get());
    return exchange_.Send(fd_->get(), request_);
  }

 private:
  Watcher& watcher_;
};

class TransactJob : public SendJob {
 public:
  using SendJob::SendJob;

  // What could not be sent is in the reply, as what could not be received is: the caller knows what was asked for.
  Status Run(ThreadNetns&) override {
    exchange_.Run(fd_->get(), request_);
    return Status::Ok();
  }

  Napi::Value Result(Napi::Env env) override { return exchange_.ToObject(env); }
};

template <class SomeJob>
Napi::Value SubmitRequest(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto fd = Descriptor::From(info[0]);
  if (!fd) return {};
  auto* addon = env.GetInstanceData<Addon>();
  return addon->Submit(env, std::make_unique<SomeJob>(std::move(fd), Bytes(info[1]), *addon));
}

}  // namespace

Napi::Value Transact(const Napi::CallbackInfo& info) { return SubmitRequest<TransactJob>(info); }

Napi::Value SendRequest(const Napi::CallbackInfo& info) { return SubmitRequest<SendAsideJob>(info); }
