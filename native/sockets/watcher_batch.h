// What one reading of a socket brings, on its way to JavaScript: datagrams, reports of the error queue, errors; all of
// it as the socket API has it, because the addon does not know what the bytes mean.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <ctime>
#include <vector>

#include <napi.h>

#include "sockets/inbox.h"
#include "threads/stats.h"

class Batch {
 public:
  // Takes what the socket has, up to an inbox full, but for what was forged.
  void Read(Inbox& inbox, int fd, int flags, Stats& stats);

  // Takes an error in the place of what could not be read.
  void Fail(int error);

  // Takes the error for which nothing will be read any more.
  void End(int error);

  bool empty() const { return items_.empty(); }
  size_t size() const { return room_.size() + items_.size() * sizeof(Item); }

  // [{ bytes, from, flags, time, epoch, control: [[level, type, bytes]] } | { errno } | { errno, ended: true }]
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
    bool ended = false;
    int flags = 0;
    int64_t monotonic = 0;  // nanoseconds
    int64_t epoch = 0;
    Span bytes;
    Span from;
    std::vector<Control> control;
  };

  void ReadAll(Inbox& inbox, int fd, int flags, Stats& stats);
  void Take(const msghdr& header, size_t length);
  Span Keep(const void* data, size_t length);
  Napi::Value ToBuffer(Napi::Env env, const Span& span) const;

  std::vector<uint8_t> room_;
  std::vector<Item> items_;
};

// CLOCK_MONOTONIC or CLOCK_REALTIME, in nanoseconds.
int64_t Now(clockid_t clock);
