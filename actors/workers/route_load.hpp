// The load of a route, and where its handler runs.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace sake::actors {

class executor;

/// The load of a route while the engine runs: shared by all shards, the workers and the watchdog.
/// On a cache line of its own, as workers write while reactors read.
struct alignas(64) route_load {
  /// Where the handler runs; null for its reactor. The watchdog changes it if the route has no
  /// fixed place.
  std::atomic<executor*> place{nullptr};
  /// Runs of the handler on workers since the watchdog's last check.
  std::atomic<std::uint32_t> pool_runs{0};
  std::atomic<std::uint32_t> longest_pool_run_us{0};

  /// Requests with a handler that runs or waits, and requests with a handler on a worker or queued
  /// for one. Counted only if the route limits them.
  std::atomic<std::uint32_t> in_flight{0};
  std::atomic<std::uint32_t> on_pool{0};
  /// Duration of the handler, as a moving mean; 0 if not measured.
  std::atomic<std::uint32_t> service_us{0};

  route_load() = default;
  route_load(const route_load&) = delete;
  route_load& operator=(const route_load&) = delete;

  /// Adds a measurement to `service_us`. Safe from any thread; of two concurrent ones one may be
  /// lost.
  void note_service(std::chrono::steady_clock::duration taken) noexcept {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(taken).count();
    const auto sample = static_cast<std::int64_t>(std::min<std::int64_t>(us, 3'600'000'000));
    const std::int64_t before = service_us.load(std::memory_order_relaxed);
    const auto mean = before == 0 ? sample : before + (sample - before) / 8;
    service_us.store(static_cast<std::uint32_t>(mean), std::memory_order_relaxed);
  }

  /// Returns when to retry a request that is refused now: the time until `ahead` requests will have
  /// been served, `width` at a time. Whole seconds, from 1 up to an hour.
  [[nodiscard]] std::chrono::seconds retry_after(std::size_t ahead,
                                                 std::size_t width) const noexcept {
    const double us = static_cast<double>(service_us.load(std::memory_order_relaxed))
                      * static_cast<double>(ahead)
                      / static_cast<double>(std::max<std::size_t>(width, 1));
    return std::chrono::seconds{
        std::clamp<std::int64_t>(static_cast<std::int64_t>(std::ceil(us / 1e6)), 1, 3600)};
  }

  /// Reports that a worker ran the handler, which took `taken` and would have held a reactor for
  /// `held`. Safe from any thread.
  void note_pool_run(std::chrono::steady_clock::duration taken,
                     std::chrono::nanoseconds held) noexcept {
    const auto us = static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(held).count());
    auto longest = longest_pool_run_us.load(std::memory_order_relaxed);
    while (longest < us && !longest_pool_run_us.compare_exchange_weak(longest, us)) {
    }
    pool_runs.fetch_add(1, std::memory_order_relaxed);
    note_service(taken);
  }
};

} // namespace sake::actors
