#include "sockets/exchange.h"

#include <sys/socket.h>

#include <array>
#include <memory>

namespace {

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

}  // namespace

std::vector<uint8_t> BytesFrom(const Napi::Value& bytes) {
  const auto array = bytes.As<Napi::Uint8Array>();
  return {array.Data(), array.Data() + array.ByteLength()};
}

Status Exchange::Send(int socket, const std::vector<uint8_t>& request) {
  ssize_t sent;
  do {
    sent = send(socket, request.data(), request.size(), 0);
  } while (sent < 0 && errno == EINTR);
  const Status status = sent < 0 ? Status::Last("sendmsg") : Status::Ok();
  stats_.sends++;
  if (!status.ok()) errno_ = status.number;
  return status;
}

Status Exchange::Run(int socket, const std::vector<uint8_t>& request) {
  const Status sent = Send(socket, request);
  if (sent.ok()) Drain(socket);
  return sent;
}

void Exchange::Drain(int socket) {
  thread_local Inbox inbox;
  for (;;) {
    const int count = recvmmsg(socket, inbox.headers(), Inbox::kSlots, MSG_DONTWAIT, nullptr);
    const int number = errno;
    stats_.receives++;
    for (int i = 0; i < count; i++) {
      const mmsghdr& message = inbox.headers()[i];
      const uint8_t* data = inbox.Slot(static_cast<size_t>(i));
      if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0 && errno_ == 0) errno_ = EMSGSIZE;
      reply_.insert(reply_.end(), data, data + message.msg_len);
      reply_.resize((reply_.size() + 3) & ~size_t{3});
    }
    if (count >= 0) continue;
    if (number == EAGAIN) return;
    if (number == EINTR) continue;
    if (errno_ == 0) {
      errno_ = number;
    } else if (number != ENOBUFS) {
      return;
    }
  }
}

Napi::Object Exchange::ToObject(Napi::Env env) const {
  auto result = Napi::Object::New(env);
  result.Set("bytes", Napi::Buffer<uint8_t>::Copy(env, reply_.data(), reply_.size()));
  result.Set("errno", errno_);
  return result;
}
