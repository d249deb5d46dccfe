#include "socket.h"

#include <sys/socket.h>

#include <array>
#include <cstring>
#include <memory>

#include "addon.h"
#include "descriptor.h"

SocketSpec SocketSpec::From(const Napi::Object& spec) {
  const auto number = [](const Napi::Value& value) { return value.As<Napi::Number>().Int32Value(); };
  const auto bytes = [](const Napi::Value& value) {
    const auto array = value.As<Napi::Uint8Array>();
    return std::vector<uint8_t>(array.Data(), array.Data() + array.ByteLength());
  };
  SocketSpec parsed{number(spec.Get("domain")), number(spec.Get("type")), number(spec.Get("protocol")), {}, {}, {}};
  const auto options = spec.Get("options").As<Napi::Array>();
  for (uint32_t i = 0; i < options.Length(); i++) {
    const auto row = options.Get(i).As<Napi::Array>();
    SocketOption option{number(row.Get(0u)), number(row.Get(1u)), {}, row.Get(3u).ToBoolean()};
    if (const Napi::Value value = row.Get(2u); value.IsTypedArray()) {
      option.value = bytes(value);
    } else {
      const int integer = number(value);
      const auto* first = reinterpret_cast<const uint8_t*>(&integer);
      option.value.assign(first, first + sizeof integer);
    }
    parsed.options.push_back(std::move(option));
  }
  if (const auto filter = spec.Get("filter"); filter.IsTypedArray()) {
    const auto program = bytes(filter);
    parsed.filter.resize(program.size() / sizeof(sock_filter));
    if (!parsed.filter.empty())
      std::memcpy(parsed.filter.data(), program.data(), parsed.filter.size() * sizeof(sock_filter));
  }
  if (const auto address = spec.Get("address"); address.IsTypedArray()) parsed.address = bytes(address);
  return parsed;
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
  if (!address.empty()) {
    const auto* name = reinterpret_cast<const sockaddr*>(address.data());
    if (bind(opened.get(), name, static_cast<socklen_t>(address.size())) != 0) return Status::Last("bind");
  }
  fd = std::move(opened);
  return Status::Ok();
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

class TransactJob : public Job {
 public:
  TransactJob(SharedFd fd, std::vector<uint8_t> request, Stats& stats)
      : fd_(std::move(fd)), request_(std::move(request)), stats_(stats) {}

  bool netlink() const override { return true; }

  Status Run(Place&) override {
    ssize_t sent;
    do {
      sent = send(fd_->get(), request_.data(), request_.size(), 0);
    } while (sent < 0 && errno == EINTR);
    const Status status = sent < 0 ? Status::Last("sendmsg") : Status::Ok();
    stats_.sends++;
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

  SharedFd fd_;
  std::vector<uint8_t> request_;
  std::vector<uint8_t> reply_;
  int receive_errno_ = 0;
  Stats& stats_;
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

Napi::Value Transact(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto fd = Descriptor::From(info[0]);
  if (!fd) return {};
  const auto bytes = info[1].As<Napi::Uint8Array>();
  auto* addon = env.GetInstanceData<Addon>();
  std::vector<uint8_t> request(bytes.Data(), bytes.Data() + bytes.ByteLength());
  return addon->executor().Submit(env,
                                  std::make_unique<TransactJob>(std::move(fd), std::move(request), addon->stats()));
}
