#include "sockets/watcher.h"

#include <sched.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <new>
#include <utility>

#include "sockets/watcher_deliveries.h"

namespace {

// Beyond this, what arrives waits in the kernel's buffer, which is bounded and reports when it overflows. A flooded
// socket must not fill our memory while JavaScript is busy.
constexpr size_t kMostWaiting = 4 * 1024 * 1024;

// Room for the datagrams of one reading.
constexpr size_t kSlots = 16;
constexpr size_t kLargestDatagram = 256 * 1024;  // a netlink message about a link with many names

constexpr uint64_t kWakeId = 0;

// By Watcher::What.
constexpr uint32_t kEvents[] = {EPOLLIN, EPOLLPRI, EPOLLOUT, EPOLLIN};

}  // namespace

int TakeError(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

Watcher::Watcher(Mailbox& mailbox, Stats& stats) : mailbox_(mailbox), stats_(stats) {}

Watcher::~Watcher() { Stop(); }

Status Watcher::Watch(SharedFd fd, What what, const Napi::Function& listener, bool keep_alive, uint64_t& id) {
  const int on = 1;
  if (what == What::kDatagrams && setsockopt(fd->get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0)
    return Status::Last("setsockopt");
  std::lock_guard<std::mutex> lock(mutex_);
  if (const Status replaced = Replace(); !replaced.ok()) return replaced;
  if (!running_) {
    if (const Status opened = Open(); !opened.ok()) return opened;
  }
  id = ++last_id_;
  Status status;
  try {
    const Socket& socket = sockets_.emplace(id, Socket{std::move(fd), what}).first->second;
    listeners_.emplace(id, Listener{Napi::Persistent(listener), keep_alive});
    status = Arm(EPOLL_CTL_ADD, id, socket) ? Status::Ok() : Status::Last("epoll_ctl");
    if (status.ok() && !running_) status = Start();
  } catch (const std::bad_alloc&) {
    status = Status::NoMemory();
  }
  if (!status.ok()) {
    listeners_.erase(id);
    sockets_.erase(id);
    if (!running_) Close();
    return status;
  }
  if (keep_alive) mailbox_.Expect();
  return Status::Ok();
}

void Watcher::Unwatch(uint64_t id) {
  const auto listener = listeners_.find(id);
  if (listener == listeners_.end()) return;
  if (listener->second.expects()) mailbox_.Settle();
  listeners_.erase(listener);

  std::lock_guard<std::mutex> lock(mutex_);
  const auto socket = sockets_.find(id);
  if (socket == sockets_.end()) return;
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, socket->second.fd->get(), nullptr);
  sockets_.erase(socket);
  read_.notify_all();
  if (sockets_.empty()) Wake();
}

void Watcher::Hold(uint64_t id, bool held) {
  const auto listener = listeners_.find(id);
  if (listener == listeners_.end() || listener->second.held == held) return;
  listener->second.held = held;
  if (listener->second.keep_alive && held) mailbox_.Settle();
  if (listener->second.keep_alive && !held) mailbox_.Expect();

  std::lock_guard<std::mutex> lock(mutex_);
  const auto socket = sockets_.find(id);
  if (socket == sockets_.end()) return;
  socket->second.held = held;
  Rearm(id, socket->second);
}

void Watcher::Stop() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    sockets_.clear();
    read_.notify_all();
    if (running_) Wake();
  }
  thread_.Join();
  listeners_.clear();
}

Status Watcher::Open() {
  epoll_ = UniqueFd(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll_.ok()) return Status::Last("epoll_create1");
  wake_ = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  Status status = wake_.ok() ? Status::Ok() : Status::Last("eventfd");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kWakeId;
  if (status.ok() && epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event) != 0)
    status = Status::Last("epoll_ctl");
  if (!status.ok()) Close();
  return status;
}

void Watcher::Close() {
  inbox_.reset();
  epoll_ = UniqueFd();
  wake_ = UniqueFd();
}

Status Watcher::Start() {
  // not on the thread, which could not report that there is no room for it
  if (!inbox_) inbox_ = std::make_unique<Inbox>(kSlots, kLargestDatagram);
  waited_ = false;
  const Status started = thread_.Start(stats_, [this] { Work(); });
  if (started.ok()) running_ = true;
  return started;
}

void Watcher::Wake() {
  const uint64_t one = 1;
  (void)!write(wake_.get(), &one, sizeof one);
}

bool Watcher::Arm(int operation, uint64_t id, const Socket& socket) {
  // One shot, because epoll reports errors even where nothing is asked for: they would keep the thread spinning over a
  // socket that nothing is read from.
  epoll_event event{};
  event.events = EPOLLONESHOT | kEvents[static_cast<size_t>(socket.what)];
  event.data.u64 = id;
  return epoll_ctl(epoll_.get(), operation, socket.fd->get(), &event) == 0;
}

void Watcher::Rearm(uint64_t id, Socket& socket) {
  if (socket.behind || socket.held || socket.read_paused || Arm(EPOLL_CTL_MOD, id, socket)) return;
  Fail(id, socket, errno);
}

// The listener gets the error. When it has, Hand arms the socket again.
void Watcher::Fail(uint64_t id, Socket& socket, int error) {
  auto parcel = std::make_unique<Parcel>(*this, id);
  parcel->batch().Fail(error);
  socket.waiting += parcel->batch().size();
  socket.behind = true;
  mailbox_.Post(std::move(parcel));
}

void Watcher::Work() {
  std::array<epoll_event, 64> events;
  for (;;) {
    const int count = epoll_wait(epoll_.get(), events.data(), events.size(), -1);
    if (count < 0 && errno != EINTR) {
      const int error = errno;
      while (!TryEnd(error)) sched_yield();
      return;
    }
    waited_ = true;
    for (int i = 0; i < count; i++) {
      // Again and again, because the kernel reports a change of a file only once.
      while (!TryServe(events[static_cast<size_t>(i)])) sched_yield();
    }
    if (Finished()) return;  // after the wake-ups have been read: one that comes now ends the next wait
  }
}

bool Watcher::Finished() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!sockets_.empty()) return false;
  running_ = false;
  Close();
  return true;
}

// False where there is no memory for it: nothing has been read then.
bool Watcher::TryServe(const epoll_event& event) {
  try {
    Serve(event);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void Watcher::Serve(const epoll_event& event) {
  const uint64_t id = event.data.u64;
  if (id == kWakeId) {
    uint64_t times;
    (void)!read(wake_.get(), &times, sizeof times);
    return;
  }
  auto parcel = std::make_unique<Parcel>(*this, id);
  int fd;
  What what;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = sockets_.find(id);
    if (found == sockets_.end()) return;
    Socket& socket = found->second;
    if (socket.read_paused) {
      socket.reading = false;
      read_.notify_all();
      return;
    }
    if (socket.what == What::kChanges) {
      // Until the listener is called: changes that come before that need no call of their own.
      socket.behind = true;
      mailbox_.Post(std::move(parcel));
      return;
    }
    socket.reading = true;
    serving_ = socket.fd;
    fd = serving_->get();
    what = socket.what;
    if (socket.once()) parcel.reset();
  }
  if (parcel) {
    Read(std::move(parcel), id, event.events, fd);
  } else {
    ReadOutcome(id, what, fd);
  }
}

void Watcher::Read(std::unique_ptr<Parcel> parcel, uint64_t id, uint32_t events, int fd) {
  // The error queue first, because reading it takes away the error that the next call would be answered with.
  if ((events & EPOLLERR) != 0) parcel->batch().Read(*inbox_, fd, MSG_ERRQUEUE, stats_);
  parcel->batch().Read(*inbox_, fd, 0, stats_);
  SharedFd served;  // closed without the lock, if nobody else has it
  {
    std::lock_guard<std::mutex> lock(mutex_);
    served = std::move(serving_);
    const auto socket = sockets_.find(id);
    if (socket == sockets_.end()) return;
    socket->second.waiting += parcel->batch().size();
    socket->second.behind = socket->second.waiting > kMostWaiting;
    socket->second.reading = false;
    Rearm(id, socket->second);
  }
  read_.notify_all();
  if (!parcel->batch().empty()) mailbox_.Post(std::move(parcel));
}

void Watcher::ReadOutcome(uint64_t id, What what, int fd) {
  auto outcome = std::make_unique<Outcome>(*this, id);
  outcome->Conclude(what == What::kConnection ? TakeError(fd) : 0);
  {
    // The watcher holds no share of the descriptor when the listener is called, because the listener may release it.
    std::lock_guard<std::mutex> lock(mutex_);
    serving_.reset();
  }
  mailbox_.Post(std::move(outcome));
}

void Watcher::PauseReading(int fd) {
  std::unique_lock<std::mutex> lock(mutex_);
  read_.wait(lock, [&] {
    const auto socket = Find(fd);
    if (socket == sockets_.end()) return true;
    socket->second.read_paused = true;
    return !socket->second.reading;
  });
}

void Watcher::ResumeReading(int fd) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto socket = Find(fd);
  if (socket == sockets_.end()) return;
  socket->second.read_paused = false;
  Rearm(socket->first, socket->second);
}

std::unordered_map<uint64_t, Watcher::Socket>::iterator Watcher::Find(int fd) {
  return std::find_if(sockets_.begin(), sockets_.end(), [fd](const auto& one) { return one.second.fd->get() == fd; });
}

void Watcher::Hand(Napi::Env env, uint64_t id, const Batch& batch) {
  const auto listener = listeners_.find(id);
  if (listener == listeners_.end()) return;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = sockets_.find(id);
    if (found != sockets_.end()) {  // not ended
      Socket& socket = found->second;
      socket.waiting -= batch.size();
      if (socket.behind && socket.waiting <= kMostWaiting) {
        socket.behind = false;
        Rearm(id, socket);
      }
    }
  }
  const Napi::Function function = listener->second.function.Value();  // a copy, because the listener may call Unwatch
  function.Call({batch.ToArray(env)});
}

void Watcher::Conclude(Napi::Env env, uint64_t id, int error) {
  const auto listener = listeners_.find(id);
  if (listener == listeners_.end()) return;
  const Napi::Function function = listener->second.function.Value();
  Unwatch(id);
  function.Call({Napi::Number::New(env, error)});
}
