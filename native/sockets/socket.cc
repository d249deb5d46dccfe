#include "sockets/socket.h"

#include <sys/socket.h>

#include <cstring>
#include <memory>

#include "addon.h"
#include "sockets/exchange.h"
#include "values/descriptor.h"

namespace {

SocketSpec Read(const Napi::Object& spec) {
  const auto number = [](const Napi::Value& value) { return value.As<Napi::Number>().Int32Value(); };
  SocketSpec parsed{number(spec.Get("domain")), number(spec.Get("type")), number(spec.Get("protocol")), {}, {}, {}, {}};
  const auto options = spec.Get("options").As<Napi::Array>();
  for (uint32_t i = 0; i < options.Length(); i++) {
    const auto row = options.Get(i).As<Napi::Array>();
    SocketOption option{number(row.Get(0u)), number(row.Get(1u)), {}, row.Get(3u).ToBoolean()};
    if (const Napi::Value value = row.Get(2u); value.IsTypedArray()) {
      option.value = BytesFrom(value);
    } else {
      const int integer = number(value);
      const auto* first = reinterpret_cast<const uint8_t*>(&integer);
      option.value.assign(first, first + sizeof integer);
    }
    parsed.options.push_back(std::move(option));
  }
  if (const auto filter = spec.Get("filter"); filter.IsTypedArray()) {
    const auto program = BytesFrom(filter);
    parsed.filter.resize(program.size() / sizeof(sock_filter));
    if (!parsed.filter.empty())
      std::memcpy(parsed.filter.data(), program.data(), parsed.filter.size() * sizeof(sock_filter));
  }
  if (const auto address = spec.Get("bind"); address.IsTypedArray()) parsed.bind = BytesFrom(address);
  if (const auto backlog = spec.Get("backlog"); backlog.IsNumber()) parsed.backlog = number(backlog);
  return parsed;
}

}  // namespace

std::shared_ptr<const SocketSpec> SocketSpec::From(const Napi::Object& spec) {
  using Kept = std::shared_ptr<const SocketSpec>;
  void* kept = nullptr;
  if (napi_unwrap(spec.Env(), spec, &kept) == napi_ok) return *static_cast<Kept*>(kept);
  auto parsed = std::make_unique<Kept>(std::make_shared<const SocketSpec>(Read(spec)));
  const auto drop = [](napi_env, void* data, void*) { delete static_cast<Kept*>(data); };
  if (napi_wrap(spec.Env(), spec, parsed.get(), drop, nullptr, nullptr) == napi_ok) return *parsed.release();
  return *parsed;
}

Status SocketSpec::Open(UniqueFd& fd) const {
  UniqueFd opened(socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
  if (!opened.ok()) return Status::Last("socket");
  for (const auto& [level, name, value, required] : options) {
    const int set = setsockopt(opened.get(), level, name, value.data(), static_cast<socklen_t>(value.size()));
    if (set != 0 && required) return Status::Last("setsockopt");
  }
  if (!filter.empty()) {
    // the kernel copies the program
    const sock_fprog program{static_cast<unsigned short>(filter.size()), const_cast<sock_filter*>(filter.data())};
    const int attached = setsockopt(opened.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
    if (attached != 0) return Status::Last("setsockopt");
  }
  if (!bind.empty()) {
    const auto* address = reinterpret_cast<const sockaddr*>(bind.data());
    if (::bind(opened.get(), address, static_cast<socklen_t>(bind.size())) != 0) return Status::Last("bind");
  }
  if (backlog.has_value() && listen(opened.get(), *backlog) != 0) return Status::Last("listen");
  fd = std::move(opened);
  return Status::Ok();
}

namespace {

class OpenSocketJob : public Job {
 public:
  OpenSocketJob(SharedFd netns, std::shared_ptr<const SocketSpec> spec)
      : netns_(std::move(netns)), spec_(std::move(spec)) {}

  Status Run(Place& place) override {
    const Status entered = place.Enter(netns_->get());
    return entered.ok() ? spec_->Open(fd_) : entered;
  }

  Napi::Value Result(Napi::Env env) override { return Descriptor::New(env, std::move(fd_)); }

 private:
  SharedFd netns_;
  std::shared_ptr<const SocketSpec> spec_;
  UniqueFd fd_;
};

class CloseSocketJob : public Job {
 public:
  explicit CloseSocketJob(SharedFd fd) : fd_(std::move(fd)) {}

  Status Run(Place&) override {
    fd_.reset();
    return Status::Ok();
  }

  Napi::Value Result(Napi::Env env) override { return env.Undefined(); }

 private:
  SharedFd fd_;
};

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

  Status Run(Place&) override {
    const Watcher::Silence silence(watcher_, fd_->get());
    return exchange_.Send(fd_->get(), request_);
  }

 private:
  Watcher& watcher_;
};

class TransactJob : public SendJob {
 public:
  using SendJob::SendJob;

  Status Run(Place&) override { return exchange_.Run(fd_->get(), request_); }

  Napi::Value Result(Napi::Env env) override { return exchange_.ToObject(env); }

 private:
};

}  // namespace

Napi::Value OpenSocket(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto spec = SocketSpec::From(info[1].As<Napi::Object>());
  if (!info[0].IsNull()) {
    auto netns = Descriptor::From(info[0]);
    if (!netns) return {};
    return env.GetInstanceData<Addon>()->executor().Submit(
        env, std::make_unique<OpenSocketJob>(std::move(netns), std::move(spec)));
  }
  // Entering one's own namespace takes rights that an ordinary user lacks, and opening a socket does not
  // block: so this one is opened right here.
  auto deferred = Napi::Promise::Deferred::New(env);
  UniqueFd fd;
  if (const Status status = spec->Open(fd); status.ok()) {
    deferred.Resolve(Descriptor::New(env, std::move(fd)));
  } else {
    deferred.Reject(ToError(env, status));
  }
  return deferred.Promise();
}

Napi::Value GetSocketOption(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const auto fd = Descriptor::From(info[0]);
  if (!fd) return {};
  const auto number = [&](size_t i) { return info[i].As<Napi::Number>().Int32Value(); };
  std::vector<uint8_t> value(static_cast<size_t>(number(3)));
  auto length = static_cast<socklen_t>(value.size());
  if (getsockopt(fd->get(), number(1), number(2), value.data(), &length) == 0) {
    return Napi::Buffer<uint8_t>::Copy(env, value.data(), length);
  }
  napi_throw(env, ToError(env, Status::Last("getsockopt")));
  return {};
}

Napi::Value CloseSocket(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto fd = Descriptor::Take(info[0]);
  if (!fd) return {};
  return env.GetInstanceData<Addon>()->executor().Submit(env, std::make_unique<CloseSocketJob>(std::move(fd)));
}

namespace {

template <class SomeJob>
Napi::Value SubmitRequest(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto fd = Descriptor::From(info[0]);
  if (!fd) return {};
  auto* addon = env.GetInstanceData<Addon>();
  return addon->executor().Submit(env, std::make_unique<SomeJob>(std::move(fd), BytesFrom(info[1]), *addon));
}

}  // namespace

Napi::Value Transact(const Napi::CallbackInfo& info) { return SubmitRequest<TransactJob>(info); }

Napi::Value SendRequest(const Napi::CallbackInfo& info) { return SubmitRequest<SendAsideJob>(info); }
