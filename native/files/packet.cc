#include "files/packet.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

#include "values/descriptor.h"

namespace {

using Transfer = ssize_t (*)(int fd, const iovec& part);

// The number of the system call, because musl has the function only from 1.2.5 on; the two -1 are no offset.
template <long call>
ssize_t NoWait(int fd, const iovec& part) {
  return syscall(call, fd, &part, 1, -1L, -1L, RWF_NOWAIT);
}

ssize_t Read(int fd, const iovec& part) { return read(fd, part.iov_base, part.iov_len); }
ssize_t Write(int fd, const iovec& part) { return write(fd, part.iov_base, part.iov_len); }

// All processes that have the file share its O_NONBLOCK: node takes it away for a child whose standard stream the file
// is, and the thread of the event loop would wait. The file knows RWF_NOWAIT from 6.4 on. Before, the flag is put back
// for the time of the call.
ssize_t WithoutWait(int fd, const iovec& part, Transfer no_wait, Transfer plain) {
  const ssize_t done = no_wait(fd, part);
  if (done >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS)) return done;
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || (flags & O_NONBLOCK) != 0) return flags < 0 ? -1 : plain(fd, part);
  if (fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) return -1;
  const ssize_t moved = plain(fd, part);
  const int number = errno;
  fcntl(fd, F_SETFL, flags);
  errno = number;
  return moved;
}

Napi::Value Move(const Napi::CallbackInfo& info, Transfer no_wait, Transfer plain) {
  const auto fd = Descriptor::From(info[0]);
  if (!fd) return {};
  auto bytes = info[1].As<Napi::Uint8Array>();
  const iovec part{bytes.Data(), bytes.ByteLength()};
  const ssize_t done = WithoutWait(fd->get(), part, no_wait, plain);
  return Napi::Number::New(info.Env(), static_cast<double>(done < 0 ? -errno : done));
}

}  // namespace

Napi::Value ReadPacket(const Napi::CallbackInfo& info) { return Move(info, NoWait<SYS_preadv2>, Read); }

Napi::Value WritePacket(const Napi::CallbackInfo& info) { return Move(info, NoWait<SYS_pwritev2>, Write); }
