#include "socket.h"

#include <sys/socket.h>

#include <array>
#include <cstring>
#include <memory>

#include "addon.h"
#include "descriptor.h"

SocketSpec SocketSpec::From(const Napi::Object& spec) {
  const auto number = [](const Napi::Value& value) { return value.As<Napi::Number>().Int32Value(); };
  SocketSpec parsed{number(spec.Get("domain")), number(spec.Get("type")), number(spec.Get("protocol")), {}, {}};
  const auto options = spec.Get("options").As<Napi::Array>();
  for (uint32_t i = 0; i < options.Length(); i++) {
    const auto row = options.Get(i).As<Napi::Array>();
    parsed.options.push_back({number(row.Get(0u)), number(row.Get(1u)), number(row.Get(2u)), row.Get(3u).ToBoolean()});
  }
  if (const auto filter = spec.Get("filter"); filter.IsTypedArray()) {
    const auto bytes = filter.As<Napi::Uint8Array>();
    parsed.filter.resize(bytes.ByteLength() / sizeof(sock_filter));
    if (!parsed.filter.empty())
      std::memcpy(parsed.filter.data(), bytes.Data(), parsed.filter.size() * sizeof(sock_filter));
  }
  return parsed;
}

Status SocketSpec::Open(UniqueFd& fd) const {
  fd = UniqueFd(socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
  if (!fd.ok()) return Status::Last("socket");
  for (const SocketOption& option : options) {
    if (setsockopt(fd.get(), option.level, option.name, &option.value, sizeof option.value) != 0 && option.required) {
      return Status::Last("setsockopt");
    }
  }
  if (filter.empty()) return Status::Ok();
  // the kernel copies the program
  const sock_fprog program{static_cast<unsigned short>(filter.size()), const_cast<sock_filter*>(filter.data())};
  const int attached = setsockopt(fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
  return attached == 0 ? Status::Ok() : Status::Last("setsockopt");
}

namespace {

class OpenSocketJob : public Job {
 public:
  OpenSocketJob(SharedFd netns, SocketSpec spec) : netns_(std::move(netns)), spec_(std::move(spec)) {}

  Status Run(Place& place) override {
    const Status entered = place.Enter(netns_->get());
    return entered.ok() ? spec_.Open(fd_) : entered;
  }

  Napi::Value Result(Napi::Env env) override { return Descriptor::New(env, std::move(fd_)); }

 private:
  SharedFd netns_;
  SocketSpec spec_;
  UniqueFd fd_;
};

// Room for several datagrams per system call. The kernel makes the parts of a dump as large as the room that
// it has seen, but never larger than 32 KiB. Pages that no datagram touches cost nothing.
class Inbox {
 public:
  static constexpr size_t kSlots = 32;
  static constexpr size_t kSlotSize = 32 * 1024;

  Inbox() : room_(new uint8_t[kSlots * kSlotSize]) {
    for (size_t i = 0; i < kSlots; i++) {
      vectors_[i] = {Slot(i), kSlotSize};
      headers_[i].msg_hdr.msg_iov = &vectors_[i];
      headers_[i].msg_hdr.msg_iovlen = 1;
    }
  }

  mmsghdr* headers() { return headers_.data(); }
  uint8_t* Slot(size_t i) { return room_.get() + i * kSlotSize; }

 private:
  std::unique_ptr<uint8_t[]> room_;
  std::array<iovec, kSlots> vectors_{};
  std::array<mmsghdr, kSlots> headers_{};
};

class SendJob : public Job {
 public:
  SendJob(SharedFd fd, std::vector<uint8_t> request, Stats& stats)
      : fd_(std::move(fd)), request_(std::move(request)), stats_(stats) {}

  bool netlink() const override { return true; }

  Status Run(Place&) override {
    ssize_t sent;
    do {
      sent = send(fd_->get(), request_.data(), request_.size(), 0);
    } while (sent < 0 && errno == EINTR);
    const Status status = sent < 0 ? Status::Last("sendmsg") : Status::Ok();
    stats_.sends++;
    return status;
  }

  Napi::Value Result(Napi::Env env) override { return env.Undefined(); }

 protected:
  SharedFd fd_;
  std::vector<uint8_t> request_;
  Stats& stats_;
};

// For a socket that is watched meanwhile.
class SendAsideJob : public SendJob {
 public:
  SendAsideJob(SharedFd fd, std::vector<uint8_t> request, Addon& addon)
      : SendJob(std::move(fd), std::move(request), addon.stats()), watcher_(addon.watcher()) {}

  Status Run(Place& place) override {
    const Watcher::Silence silence(watcher_, fd_->get());
    return SendJob::Run(place);
  }

 private:
  Watcher& watcher_;
};

class TransactJob : public SendJob {
 public:
  TransactJob(SharedFd fd, std::vector<uint8_t> request, Addon& addon)
      : SendJob(std::move(fd), std::move(request), addon.stats()) {}

  Status Run(Place& place) override {
    const Status status = SendJob::Run(place);
    if (status.ok()) Drain();
    return status;
  }

  Napi::Value Result(Napi::Env env) override {
    auto result = Napi::Object::New(env);
    result.Set("bytes", Napi::Buffer<uint8_t>::Copy(env, reply_.data(), reply_.size()));
    result.Set("errno", receive_errno_);
    return result;
  }

 private:
  void Drain() {
    thread_local Inbox inbox;
    for (;;) {
      const int count = recvmmsg(fd_->get(), inbox.headers(), Inbox::kSlots, MSG_DONTWAIT, nullptr);
      const int number = errno;
      stats_.receives++;
      if (count > 0) {
        for (int i = 0; i < count; i++) Take(inbox.headers()[i], inbox.Slot(static_cast<size_t>(i)));
      } else if (number == EAGAIN) {
        return;
      } else if (number != EINTR && receive_errno_ == 0) {
        receive_errno_ = number;
      } else if (number != EINTR && number != ENOBUFS) {
        return;
      }
    }
  }

  void Take(const mmsghdr& message, const uint8_t* data) {
    if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0 && receive_errno_ == 0) receive_errno_ = EMSGSIZE;
    reply_.insert(reply_.end(), data, data + message.msg_len);
    reply_.resize((reply_.size() + 3) & ~size_t{3});
  }

  std::vector<uint8_t> reply_;
  int receive_errno_ = 0;
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
  if (const Status status = spec.Open(fd); status.ok()) {
    deferred.Resolve(Descriptor::New(env, std::move(fd)));
  } else {
    deferred.Reject(ToError(env, status));
  }
  return deferred.Promise();
}

namespace {

template <class SomeJob>
Napi::Value SubmitRequest(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto fd = Descriptor::From(info[0]);
  if (!fd) return {};
  const auto bytes = info[1].As<Napi::Uint8Array>();
  auto* addon = env.GetInstanceData<Addon>();
  std::vector<uint8_t> request(bytes.Data(), bytes.Data() + bytes.ByteLength());
  return addon->executor().Submit(env, std::make_unique<SomeJob>(std::move(fd), std::move(request), *addon));
}

}  // namespace

Napi::Value Transact(const Napi::CallbackInfo& info) { return SubmitRequest<TransactJob>(info); }

Napi::Value SendRequest(const Napi::CallbackInfo& info) { return SubmitRequest<SendAsideJob>(info); }
