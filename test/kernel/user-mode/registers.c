/*
 * Preloaded into user-mode kernels. A processor with AMX has more registers (11,008 bytes) than Linux up to 6.9 has
 * room for (2,696): such a kernel reads the first of them, but the kernel below it takes only all of them back
 * (EFAULT), and the first process ends the kernel. So the others are set to nothing here, in which state no process of
 * such a kernel leaves them.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

typedef long Ptrace(int request, ...);

enum { XSTATE_BV = 512 }; /* where the header of an XSAVE area says which of its registers hold something */
static const uint64_t AMX = 3 << 17;

/* not on the stack, of which such a kernel has little; only one of its threads traces */
static char area[65536];

static size_t area_size(Ptrace *libc, long pid) {
  static size_t size;
  if (size == 0) {
    struct iovec whole = {area, sizeof area};
    if (libc(PTRACE_GETREGSET, pid, NT_X86_XSTATE, &whole) == 0) size = whole.iov_len;
    memset(area, 0, sizeof area);
  }
  return size;
}

long ptrace(enum __ptrace_request request, ...) {
  static Ptrace *libc;
  if (libc == NULL) libc = (Ptrace *)dlsym(RTLD_NEXT, "ptrace");
  va_list arguments;
  va_start(arguments, request);
  const long pid = va_arg(arguments, int);
  const long kind = va_arg(arguments, long);
  void *data = va_arg(arguments, void *);
  va_end(arguments);

  const struct iovec *given = data;
  if (request != PTRACE_SETREGSET || kind != NT_X86_XSTATE || given->iov_len >= area_size(libc, pid))
    return libc(request, pid, kind, data);
  memcpy(area, given->iov_base, given->iov_len);
  uint64_t present;
  memcpy(&present, area + XSTATE_BV, sizeof present);
  present &= ~AMX;
  memcpy(area + XSTATE_BV, &present, sizeof present);
  struct iovec whole = {area, area_size(libc, pid)};
  return libc(request, pid, kind, &whole);
}
