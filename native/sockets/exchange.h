// One exchange with the kernel over a netlink socket.
#pragma once

#include <cstdint>
#include <vector>

#include <napi.h>

#include "sockets/inbox.h"
#include "threads/stats.h"
#include "values/status.h"

// Sends bytes as one datagram, then receives the kernel's answers until nothing is left to read. That is all, because
// rtnetlink and nfnetlink answer inside sendmsg, and give every part of a dump but the first inside recvmsg.
class Exchange {
 public:
  explicit Exchange(Stats& stats) : stats_(stats) {}

  Status Run(int socket, const uint8_t* request, size_t size);
  Status Run(int socket, const std::vector<uint8_t>& request) { return Run(socket, request.data(), request.size()); }

  // Sends only: the answers are for whoever reads the socket.
  Status Send(int socket, const uint8_t* request, size_t size);
  Status Send(int socket, const std::vector<uint8_t>& request) { return Send(socket, request.data(), request.size()); }

  // Whether the kernel has said of each of so many requests that it was carried out.
  bool Acknowledged(size_t requests) const;

  // What has not been answered has this error.
  void GiveUp(int error) {
    if (errno_ == 0) errno_ = error;
  }

  // { bytes, errno }: datagrams laid at 4-byte boundaries, and the error of sending, or the first one of receiving
  // (ENOBUFS: answers were lost, the requests were carried out); bytes has what was received before and after it.
  // The bytes are handed over, so once.
  Napi::Object ToObject(Napi::Env env);

 private:
  void Drain(int socket, Inbox& inbox);
  Napi::Value ToBuffer(Napi::Env env);

  std::vector<uint8_t> reply_;
  int errno_ = 0;
  Stats& stats_;
};
