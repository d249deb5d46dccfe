// What one reading of a socket brings, on its way to JavaScript: datagrams, reports of the error queue, errors.
// All of it as the socket API has it: what the bytes mean is for others to know.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include <napi.h>

// Room for several datagrams per system call, one per reading thread. Pages that no datagram touches cost nothing.
class Inbox {
 public:
  Inbox();

  // recvmmsg(2) without waiting: how many have come, or -1.
  int Receive(int fd, int flags);
  const mmsghdr& header(int i) const { return headers_[static_cast<size_t>(i)]; }

 private:
  static constexpr size_t kSlots = 16;
  static constexpr size_t kBytes = 68 * 1024;  // the largest IPv6 packet, with its headers
  static constexpr size_t kControl = 512;

  std::unique_ptr<uint8_t[]> room_;
  std::array<mmsghdr, kSlots> headers_{};
  std::array<iovec, kSlots> vectors_{};
  std::array<sockaddr_storage, kSlots> from_{};
  alignas(cmsghdr) std::array<std::array<uint8_t, kControl>, kSlots> control_{};
};

class Batch {
 public:
  // Takes what the socket has, up to an inbox full.
  void Read(Inbox& inbox, int fd, int flags);

  bool empty() const { return items_.empty(); }
  size_t size() const { return room_.size() + items_.size() * sizeof(Item); }

  // [{ bytes, from, flags, time, epoch, control: [[level, type, bytes]] } | { errno }]
  Napi::Array ToArray(Napi::Env env) const;

 private:
  struct Span {
    size_t at = 0;
    size_t length = 0;
  };
  struct Control {
    int level;
    int type;
    Span data;
  };
  struct Item {
    int error = 0;
    int flags = 0;
    int64_t monotonic = 0;  // nanoseconds
    int64_t epoch = 0;
    Span bytes;
    Span from;
    std::vector<Control> control;
  };

  void Take(const msghdr& header, size_t length);
  Span Keep(const void* data, size_t length);
  Napi::Value ToBuffer(Napi::Env env, const Span& span) const;

  std::vector<uint8_t> room_;
  std::vector<Item> items_;
};

// CLOCK_MONOTONIC or CLOCK_REALTIME, in nanoseconds.
int64_t Now(clockid_t clock);
