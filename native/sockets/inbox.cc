#include "sockets/inbox.h"

#include <linux/netlink.h>

#include <algorithm>

Inbox::Inbox(size_t slots, size_t bytes_per_slot)
    : slots_(slots),
      bytes_(new uint8_t[slots * bytes_per_slot]),
      control_(new uint8_t[slots * kControl]),
      from_(new sockaddr_storage[slots]),
      vectors_(slots),
      headers_(slots),
      used_(slots) {
  for (size_t i = 0; i < slots; i++) vectors_[i] = {bytes_.get() + i * bytes_per_slot, bytes_per_slot};
}

int Inbox::Receive(int fd, int flags) {
  for (size_t i = 0; i < used_; i++) {
    msghdr& header = headers_[i].msg_hdr;
    header.msg_name = &from_[i];
    header.msg_namelen = sizeof from_[i];
    header.msg_iov = &vectors_[i];
    header.msg_iovlen = 1;
    header.msg_control = control_.get() + i * kControl;
    header.msg_controllen = kControl;
    header.msg_flags = 0;
  }
  const int count = recvmmsg(fd, headers_.data(), static_cast<unsigned>(slots_), flags | MSG_DONTWAIT, nullptr);
  used_ = static_cast<size_t>(std::max(count, 0));
  return count;
}

bool Inbox::forged(int i) const {
  const msghdr& message = header(i).msg_hdr;
  const auto* from = static_cast<const sockaddr_nl*>(message.msg_name);
  return message.msg_namelen >= sizeof *from && from->nl_family == AF_NETLINK && from->nl_pid != 0;
}
