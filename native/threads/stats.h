// What the addon did so far in this environment; for tests, benchmarks and the curious.
#pragma once

#include <atomic>
#include <cstdint>

struct Stats {
  std::atomic<uint64_t> jobs{0};
  std::atomic<uint64_t> busy_ns{0};  // wall time inside jobs, summed over the threads
  std::atomic<uint64_t> sends{0};
  std::atomic<uint64_t> receives{0};
  std::atomic<uint64_t> ignored{0};  // messages that were not believed
  std::atomic<uint64_t> threads{0};  // started, ever
  std::atomic<uint64_t> killed{0};   // threads of ours that were found dead
};
