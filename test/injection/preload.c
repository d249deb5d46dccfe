// Makes a chosen system call of the addon fail. node is started with this library preloaded; JavaScript arms it, and
// reads what was counted, in the file that RTNETNS_INJECTION names, which is mapped here: see plan.js.
//
// A call counts where the code that makes it is the addon's. node's own calls, and those of other libraries, pass.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <linux/netlink.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/vfs.h>
#include <unistd.h>

// A call is known to the tests by its number here.
#define CALLS(_)    \
  _(bind)           \
  _(connect)        \
  _(epoll_create1)  \
  _(epoll_ctl)      \
  _(epoll_wait)     \
  _(eventfd)        \
  _(fcntl)          \
  _(flock)          \
  _(fstat)          \
  _(fstatfs)        \
  _(getsockname)    \
  _(getsockopt)     \
  _(ioctl)          \
  _(listen)         \
  _(lstat)          \
  _(mkdir)          \
  _(mount)          \
  _(new)            \
  _(open)           \
  _(pipe2)          \
  _(poll)           \
  _(pread)          \
  _(pthread_create) \
  _(pwrite)         \
  _(read)           \
  _(recvmmsg)       \
  _(send)           \
  _(sendto)         \
  _(setns)          \
  _(setsockopt)     \
  _(sigaction)      \
  _(socket)         \
  _(stat)           \
  _(statx)          \
  _(umount2)        \
  _(unlink)         \
  _(unshare)        \
  _(write)

#define NUMBER(name) k_##name,
#define NAME(name) #name,
enum { CALLS(NUMBER) kCalls };
static const char* const kNames[] = {CALLS(NAME)};

enum { kNameSize = 28 };

// In the place of an errno: the calling thread ends, as by seccomp's KILL_THREAD. See plan.js.
enum { kEndOfThread = 0x7fffffff };

// The layout of the file.
struct plan {
  _Atomic uint32_t armed;
  uint32_t call;   // its number
  uint32_t first;  // the first of its calls that fails, from 1; 0: none
  uint32_t last;   // the last one
  int32_t error;   // errno
  _Atomic uint32_t failed;
  uint32_t calls;
  uint32_t unused;
  struct {
    char name[kNameSize];
    _Atomic uint32_t count;
  } rows[kCalls];
};

static struct plan* plan;

__attribute__((constructor)) static void map_plan(void) {
  const char* path = getenv("RTNETNS_INJECTION");
  if (path == NULL) return;
  const int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0 || ftruncate(fd, sizeof *plan) != 0) abort();
  void* mapped = mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) abort();
  close(fd);
  plan = mapped;
  plan->calls = kCalls;
  for (int i = 0; i < kCalls; i++) strncpy(plan->rows[i].name, kNames[i], kNameSize - 1);
}

// Where the addon is, once it is loaded: for good.
static _Atomic uintptr_t addon_begin, addon_end;

static int find_addon(struct dl_phdr_info* info, size_t size, void* unused) {
  (void)size, (void)unused;
  if (info->dlpi_name == NULL || strstr(info->dlpi_name, "rtnetns.node") == NULL) return 0;
  uintptr_t begin = UINTPTR_MAX;
  uintptr_t end = 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr)* part = &info->dlpi_phdr[i];
    if (part->p_type != PT_LOAD) continue;
    const uintptr_t at = info->dlpi_addr + part->p_vaddr;
    if (at < begin) begin = at;
    if (at + part->p_memsz > end) end = at + part->p_memsz;
  }
  atomic_store(&addon_end, end);
  atomic_store(&addon_begin, begin);
  return 1;
}

// Not by dladdr(3), which looks through all symbols of node: millions of times, for operator new.
static int is_of_the_addon(const void* code) {
  if (atomic_load(&addon_begin) == 0) dl_iterate_phdr(find_addon, NULL);
  return (uintptr_t)code >= atomic_load(&addon_begin) && (uintptr_t)code < atomic_load(&addon_end);
}

// Whether the calling thread is one of the addon's own.
static int is_on_own_thread(void) {
  char name[16];
  return prctl(PR_GET_NAME, name) == 0 && strcmp(name, "rtnetns") == 0;
}

// Whether this call is to fail; errno is set then, and as it was otherwise.
static int fails(uint32_t call, const void* caller) {
  if (plan == NULL || !atomic_load(&plan->armed)) return 0;
  const int before = errno;
  const int ours = is_of_the_addon(caller);
  errno = before;
  if (!ours || (plan->error == kEndOfThread && !is_on_own_thread())) return 0;
  const uint32_t count = atomic_fetch_add(&plan->rows[call].count, 1) + 1;
  if (call != plan->call || count < plan->first || count > plan->last) return 0;
  atomic_fetch_add(&plan->failed, 1);
  if (plan->error == kEndOfThread) syscall(SYS_exit, 0L);
  errno = plan->error;
  return 1;
}

// A function of the C library, by the name that its call has in the tests.
#define WRAP(name, symbol, result, parameters, types, arguments)                         \
  result symbol parameters {                                                             \
    static result(*real) types;                                                          \
    if (real == NULL) real = (result(*) types)dlsym(RTLD_NEXT, #symbol);                 \
    return fails(k_##name, __builtin_return_address(0)) ? (result)(-1) : real arguments; \
  }

// The same for one whose last argument may be missing. It is handed on as it is.
#define WRAP_VARIADIC(name, symbol, first, second)                                             \
  int symbol(first a, second b, ...) {                                                         \
    static int (*real)(first, second, unsigned long);                                          \
    if (real == NULL) real = (int (*)(first, second, unsigned long))dlsym(RTLD_NEXT, #symbol); \
    va_list list;                                                                              \
    va_start(list, b);                                                                         \
    const unsigned long c = va_arg(list, unsigned long);                                       \
    va_end(list);                                                                              \
    return fails(k_##name, __builtin_return_address(0)) ? -1 : real(a, b, c);                  \
  }

#define WRAP1(name, symbol, result, A) WRAP(name, symbol, result, (A a), (A), (a))
#define WRAP2(name, symbol, result, A, B) WRAP(name, symbol, result, (A a, B b), (A, B), (a, b))
#define WRAP3(name, symbol, result, A, B, C) WRAP(name, symbol, result, (A a, B b, C c), (A, B, C), (a, b, c))
#define WRAP4(name, symbol, result, A, B, C, D) \
  WRAP(name, symbol, result, (A a, B b, C c, D d), (A, B, C, D), (a, b, c, d))
#define WRAP5(name, symbol, result, A, B, C, D, E) \
  WRAP(name, symbol, result, (A a, B b, C c, D d, E e), (A, B, C, D, E), (a, b, c, d, e))
#define WRAP6(name, symbol, result, A, B, C, D, E, F) \
  WRAP(name, symbol, result, (A a, B b, C c, D d, E e, F f), (A, B, C, D, E, F), (a, b, c, d, e, f))

WRAP3(bind, bind, int, int, const struct sockaddr*, socklen_t)
WRAP3(connect, connect, int, int, const struct sockaddr*, socklen_t)
WRAP1(epoll_create1, epoll_create1, int, int)
WRAP4(epoll_ctl, epoll_ctl, int, int, int, int, struct epoll_event*)
WRAP4(epoll_wait, epoll_wait, int, int, struct epoll_event*, int, int)
WRAP2(eventfd, eventfd, int, unsigned, int)
WRAP_VARIADIC(fcntl, fcntl, int, int)
WRAP_VARIADIC(fcntl, fcntl64, int, int)
WRAP2(flock, flock, int, int, int)
WRAP2(fstat, fstat, int, int, struct stat*)
WRAP2(fstat, fstat64, int, int, struct stat64*)
WRAP2(fstatfs, fstatfs, int, int, struct statfs*)
WRAP2(fstatfs, fstatfs64, int, int, struct statfs64*)
WRAP3(getsockname, getsockname, int, int, struct sockaddr*, socklen_t*)
WRAP5(getsockopt, getsockopt, int, int, int, int, void*, socklen_t*)
WRAP_VARIADIC(ioctl, ioctl, int, unsigned long)
WRAP2(listen, listen, int, int, int)
WRAP2(lstat, lstat, int, const char*, struct stat*)
WRAP2(lstat, lstat64, int, const char*, struct stat64*)
WRAP2(mkdir, mkdir, int, const char*, mode_t)
WRAP5(mount, mount, int, const char*, const char*, const char*, unsigned long, const void*)
WRAP_VARIADIC(open, open, const char*, int)
WRAP_VARIADIC(open, open64, const char*, int)
WRAP2(pipe2, pipe2, int, int*, int)
WRAP3(poll, poll, int, struct pollfd*, nfds_t, int)
WRAP4(pread, pread, ssize_t, int, void*, size_t, off_t)
WRAP4(pread, pread64, ssize_t, int, void*, size_t, off64_t)
WRAP4(pwrite, pwrite, ssize_t, int, const void*, size_t, off_t)
WRAP4(pwrite, pwrite64, ssize_t, int, const void*, size_t, off64_t)
WRAP3(read, read, ssize_t, int, void*, size_t)
WRAP4(send, send, ssize_t, int, const void*, size_t, int)
WRAP6(sendto, sendto, ssize_t, int, const void*, size_t, int, const struct sockaddr*, socklen_t)
WRAP2(setns, setns, int, int, int)
WRAP5(setsockopt, setsockopt, int, int, int, int, const void*, socklen_t)
WRAP3(sigaction, sigaction, int, int, const struct sigaction*, struct sigaction*)
WRAP3(socket, socket, int, int, int, int)
WRAP2(stat, stat, int, const char*, struct stat*)
WRAP2(stat, stat64, int, const char*, struct stat64*)
WRAP5(statx, statx, int, int, const char*, int, unsigned, struct statx*)
WRAP2(umount2, umount2, int, const char*, int)
WRAP1(unlink, unlink, int, const char*)
WRAP1(unshare, unshare, int, int)
WRAP3(write, write, ssize_t, int, const void*, size_t)

// What a netlink socket without room loses: all that comes next but the parts of a dump, which wait until there is
// room.
static void lose(int fd) {
  int domain = 0;
  socklen_t length = sizeof domain;
  if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) != 0 || domain != AF_NETLINK) return;
  struct nlmsghdr next = {0};
  while (recv(fd, &next, sizeof next, MSG_DONTWAIT | MSG_PEEK) > 0 && (next.nlmsg_flags & NLM_F_MULTI) == 0) {
    if (recv(fd, &next, sizeof next, MSG_DONTWAIT) <= 0) return;
  }
}

int recvmmsg(int fd, struct mmsghdr* messages, unsigned count, int flags, struct timespec* timeout) {
  static int (*real)(int, struct mmsghdr*, unsigned, int, struct timespec*);
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "recvmmsg");
  if (!fails(k_recvmmsg, __builtin_return_address(0))) return real(fd, messages, count, flags, timeout);
  const int error = errno;
  if (error == ENOBUFS) lose(fd);
  errno = error;
  return -1;
}

// The C++ library makes this call for the addon, which is further up the stack. It returns the error.
int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*work)(void*), void* argument) {
  static int (*real)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "pthread_create");
  if (plan != NULL && atomic_load(&plan->armed)) {
    void* callers[8];
    const int count = backtrace(callers, sizeof callers / sizeof *callers);
    for (int i = 1; i < count; i++) {
      if (!is_of_the_addon(callers[i])) continue;
      if (fails(k_pthread_create, callers[i])) return errno;
      break;
    }
  }
  return real(thread, attributes, work, argument);
}

// operator new and new[], and what it throws. Where node has them in itself, they are not found here, and no call is
// counted.
void _ZSt17__throw_bad_allocv(void) __attribute__((weak));

// On the addon's own threads only, because V8 ends the process when JavaScript's threads have no memory.
static void* allocate(size_t size, const void* caller) {
  const int counts = _ZSt17__throw_bad_allocv != NULL && plan != NULL && atomic_load(&plan->armed) &&
                     is_of_the_addon(caller) && is_on_own_thread();
  if (counts && fails(k_new, caller)) _ZSt17__throw_bad_allocv();
  return malloc(size == 0 ? 1 : size);
}

void* _Znwm(size_t size) { return allocate(size, __builtin_return_address(0)); }
void* _Znam(size_t size) { return allocate(size, __builtin_return_address(0)); }
