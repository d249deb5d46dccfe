#include "sockets/watcher_batch.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <new>

namespace {
constexpr double kNsPerMs = 1e6;

// musl's macro compares numbers with and without a sign.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-compare"
cmsghdr* NextControlMessage(msghdr* header, cmsghdr* message) { return CMSG_NXTHDR(header, message); }
#pragma GCC diagnostic pop
}  // namespace

int64_t Now(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void Batch::Read(Inbox& inbox, int fd, int flags, Stats& stats) {
  items_.reserve(items_.size() + 1);
  try {
    ReadAll(inbox, fd, flags, stats);
  } catch (const std::bad_alloc&) {
    items_.clear();
    room_.clear();
    Fail(ENOMEM);
  }
}

void Batch::ReadAll(Inbox& inbox, int fd, int flags, Stats& stats) {
  const int count = inbox.Receive(fd, flags);
  if (count < 0 && errno != EAGAIN && errno != EINTR) Fail(errno);
  for (int i = 0; i < count; i++) {
    if (inbox.forged(i)) {
      stats.ignored++;
    } else {
      Take(inbox.header(i).msg_hdr, inbox.header(i).msg_len);
    }
  }
}

void Batch::Fail(int error) {
  items_.emplace_back();
  items_.back().error = error;
}

void Batch::End(int error) {
  Fail(error);
  items_.back().ended = true;
}

void Batch::Take(const msghdr& header, size_t length) {
  Item item;
  item.flags = header.msg_flags;
  item.bytes = Keep(header.msg_iov->iov_base, length);
  item.from = Keep(header.msg_name, header.msg_namelen);

  // The kernel stamps a datagram with the time of day. Its age, by that clock, gives the time by CLOCK_MONOTONIC, which
  // nobody sets. Only where the time of day is set between arrival and this moment is the age wrong; it is never
  // negative.
  item.monotonic = Now(CLOCK_MONOTONIC);
  item.epoch = Now(CLOCK_REALTIME);
  auto* given = const_cast<msghdr*>(&header);
  for (cmsghdr* message = CMSG_FIRSTHDR(given); message != nullptr; message = NextControlMessage(given, message)) {
    const auto* data = CMSG_DATA(message);
    const size_t size = message->cmsg_len - CMSG_LEN(0);
    timespec stamp{};
    if (message->cmsg_level == SOL_SOCKET && message->cmsg_type == SCM_TIMESTAMPNS && size == sizeof stamp) {
      std::memcpy(&stamp, data, sizeof stamp);
      const int64_t arrived = int64_t{stamp.tv_sec} * 1'000'000'000 + stamp.tv_nsec;
      item.monotonic -= std::max(int64_t{0}, item.epoch - arrived);
      item.epoch = arrived;
    } else {
      item.control.push_back({message->cmsg_level, message->cmsg_type, Keep(data, size)});
    }
  }
  items_.push_back(std::move(item));
}

Batch::Span Batch::Keep(const void* data, size_t length) {
  const auto* bytes = static_cast<const uint8_t*>(data);
  const Span span{room_.size(), length};
  room_.insert(room_.end(), bytes, bytes + length);
  return span;
}

Napi::Value Batch::ToBuffer(Napi::Env env, const Span& span) const {
  return Napi::Buffer<uint8_t>::Copy(env, room_.data() + span.at, span.length);
}

Napi::Array Batch::ToArray(Napi::Env env) const {
  auto array = Napi::Array::New(env, items_.size());
  for (size_t i = 0; i < items_.size(); i++) {
    Napi::HandleScope scope(env);
    const Item& item = items_[i];
    auto object = Napi::Object::New(env);
    if (item.error != 0) {
      object.Set("errno", item.error);
      if (item.ended) object.Set("ended", true);
    } else {
      object.Set("bytes", ToBuffer(env, item.bytes));
      object.Set("from", ToBuffer(env, item.from));
      object.Set("flags", item.flags);
      object.Set("time", static_cast<double>(item.monotonic) / kNsPerMs);
      object.Set("epoch", Napi::BigInt::New(env, item.epoch));
      auto control = Napi::Array::New(env, item.control.size());
      for (size_t j = 0; j < item.control.size(); j++) {
        auto row = Napi::Array::New(env, 3);
        row.Set(0u, item.control[j].level);
        row.Set(1u, item.control[j].type);
        row.Set(2u, ToBuffer(env, item.control[j].data));
        control.Set(static_cast<uint32_t>(j), row);
      }
      object.Set("control", control);
    }
    array.Set(static_cast<uint32_t>(i), object);
  }
  return array;
}
