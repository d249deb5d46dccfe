// One exchange with the kernel over a netlink socket.
#pragma once

#include <cstdint>
#include <vector>

#include <napi.h>

#include "threads/stats.h"
#include "values/status.h"

std::vector<uint8_t> BytesFrom(const Napi::Value& bytes);  // of a Uint8Array

// Sends bytes as one datagram, then takes what the kernel has to say, until it has no more: rtnetlink and nfnetlink
// answer inside sendmsg, and every part of a dump but the first inside recvmsg, so "nothing to read" means "all has
// been said".
class Exchange {
 public:
  explicit Exchange(Stats& stats) : stats_(stats) {}

  Status Run(int socket, const std::vector<uint8_t>& request);

  // Sends only: whoever reads the socket takes what comes.
  Status Send(int socket, const std::vector<uint8_t>& request);

  // { bytes, errno }: datagrams laid at 4-byte boundaries, and the error of sending, or the first one of receiving
  // (ENOBUFS: answers were lost, the requests were carried out); what came before and after it is in bytes.
  Napi::Object ToObject(Napi::Env env) const;

 private:
  void Drain(int socket);

  std::vector<uint8_t> reply_;
  int errno_ = 0;
  Stats& stats_;
};
