#include "sockets/exchange.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

namespace {

// The kernel makes the parts of a dump as large as the room that it has seen, up to 32 KiB, and larger where one object
// needs it. A link can have several attributes of up to 64 KiB: its alternative names, its virtual functions.
constexpr size_t kSlots = 32;
constexpr size_t kLargestPart = 256 * 1024;

// A copy of less takes less time than what frees the original later.
constexpr size_t kWorthHandingOver = 64 * 1024;

}  // namespace

Status Exchange::Send(int socket, const uint8_t* request, size_t size) {
  ssize_t sent;
  do {
    sent = send(socket, request, size, 0);
  } while (sent < 0 && errno == EINTR);
  const Status status = sent < 0 ? Status::Last("sendmsg") : Status::Ok();
  stats_.sends++;
  if (!status.ok()) errno_ = status.number;
  return status;
}

Status Exchange::Run(int socket, const uint8_t* request, size_t size) {
  // before anything is sent, because there may be no room for it
  thread_local Inbox inbox(kSlots, kLargestPart);
  const Status sent = Send(socket, request, size);
  if (!sent.ok()) return sent;
  try {
    Drain(socket, inbox);
  } catch (const std::bad_alloc&) {
    errno_ = ENOBUFS;
  }
  return sent;
}

void Exchange::Drain(int socket, Inbox& inbox) {
  for (;;) {
    const int count = inbox.Receive(socket);
    const int number = errno;
    stats_.receives++;
    size_t received = 0;
    for (int i = 0; i < count; i++) received += NLMSG_ALIGN(inbox.header(i).msg_len);
    // at once for all: each time that a vector grows it takes new pages from the kernel
    if (reply_.size() + received > reply_.capacity()) reply_.reserve(2 * reply_.size() + received);
    for (int i = 0; i < count; i++) {
      if (inbox.forged(i)) {
        stats_.ignored++;
        continue;
      }
      const mmsghdr& message = inbox.header(i);
      if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0 && errno_ == 0) errno_ = EMSGSIZE;
      reply_.insert(reply_.end(), inbox.data(i), inbox.data(i) + message.msg_len);
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

bool Exchange::Acknowledged(size_t requests) const {
  if (errno_ != 0) return false;
  size_t acknowledged = 0;
  nlmsghdr header;
  for (size_t at = 0; at + sizeof header <= reply_.size(); at += NLMSG_ALIGN(header.nlmsg_len)) {
    std::memcpy(&header, reply_.data() + at, sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > reply_.size() - at) return false;
    if (header.nlmsg_type != NLMSG_ERROR) continue;
    int32_t error;
    if (header.nlmsg_len < sizeof header + sizeof error) return false;
    std::memcpy(&error, reply_.data() + at + sizeof header, sizeof error);
    if (error != 0) return false;
    acknowledged++;
  }
  return acknowledged == requests;
}

Napi::Value Exchange::ToBuffer(Napi::Env env) {
  if (reply_.size() < kWorthHandingOver) return Napi::Buffer<uint8_t>::Copy(env, reply_.data(), reply_.size());
  auto reply = std::make_unique<std::vector<uint8_t>>(std::move(reply_));
  const auto free = [](Napi::Env, uint8_t*, std::vector<uint8_t>* kept) { delete kept; };
  auto buffer = Napi::Buffer<uint8_t>::NewOrCopy(env, reply->data(), reply->size(), free, reply.get());
  reply.release();  // now the buffer's
  return buffer;
}

Napi::Object Exchange::ToObject(Napi::Env env) {
  auto result = Napi::Object::New(env);
  result.Set("bytes", ToBuffer(env));
  result.Set("errno", errno_);
  return result;
}
