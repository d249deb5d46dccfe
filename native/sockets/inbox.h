// Room for what recvmmsg(2) receives: several datagrams per call, each with its sender and control messages. One
// thread reads into it. Pages that no datagram touches cost nothing.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

class Inbox {
 public:
  Inbox(size_t slots, size_t bytes_per_slot);

  // Without waiting: how many datagrams were received, or -1.
  int Receive(int fd, int flags = 0);

  const mmsghdr& header(int i) const { return headers_[static_cast<size_t>(i)]; }
  // At a netlink socket, whether another process sent the datagram, and not the kernel. Who has CAP_NET_ADMIN in a
  // namespace can send to the multicast groups of everybody there, and a connected socket receives those, too.
  bool forged(int i) const;
  const uint8_t* data(int i) const { return static_cast<const uint8_t*>(header(i).msg_hdr.msg_iov->iov_base); }

 private:
  static constexpr size_t kControl = 512;

  const size_t slots_;
  std::unique_ptr<uint8_t[]> bytes_;
  std::unique_ptr<uint8_t[]> control_;
  std::unique_ptr<sockaddr_storage[]> from_;
  std::vector<iovec> vectors_;
  std::vector<mmsghdr> headers_;
  size_t used_;  // headers in which the kernel has written what it used over what it may use
};
