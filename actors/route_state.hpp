// How a route does while the engine runs.
#pragma once

#include <sake/actors/actor_role.hpp>
#include <sake/actors/detail/keyed_hash.hpp>
#include <sake/actors/detail/thread_times.hpp>

#include <caf/actor_control_block.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace sake::routing {
class route_map;
} // namespace sake::routing

namespace sake::actors {

class executor;

/// How a route does while the engine runs: shared by all shards, the workers and the watchdog. On a
/// cache line of its own, for workers write while reactors read.
struct alignas(64) route_state {
  /// Where the handler runs; null for its reactor. The watchdog changes it where the route did not
  /// say.
  std::atomic<executor*> place{nullptr};
  /// What workers have done of it since the watchdog looked last.
  std::atomic<std::uint32_t> pool_runs{0};
  std::atomic<std::uint32_t> longest_pool_run_us{0};

  /// Requests whose handler is at work or waits, and those whose handler is on a worker or waits
  /// for one: counted where the route bounds them.
  std::atomic<std::uint32_t> in_flight{0};
  std::atomic<std::uint32_t> on_pool{0};
  /// How long the handler takes, as a moving mean; 0 where that was not measured.
  std::atomic<std::uint32_t> service_us{0};

  /// The route whose actors answer: this one, or the first that was given the same handler. The
  /// four below are that one's alone.
  route_state* actors_of = this;
  /// Where the actors run that the route spawns. Never changes once the shards are made.
  sake::actors::actor_place actor_place;
  /// Where the route spawns actors that outlive a request: who answers for them. One for each
  /// shard, with the keys that fall to it, or one where all requests share an actor. Never changes
  /// once the shards are made.
  std::vector<caf::strong_actor_ptr> supervisors;
  /// With a shared actor: whom each shard sends requests to. Each is read and written by its
  /// reactor alone.
  std::vector<caf::strong_actor_ptr> answering;
  /// With a shared actor: requests that it, and those before it, have begun with. Wraps around.
  std::atomic<std::uint32_t> begun{0};
  /// Of the keys of its actors, which clients choose. Never changes.
  detail::keyed_hash key_hash;

  route_state() = default;
  route_state(const route_state&) = delete;
  route_state& operator=(const route_state&) = delete;

  /// Adds a measurement to `service_us`. Safe from any thread; of two at a time one may be lost.
  void note_service(std::chrono::steady_clock::duration taken) noexcept {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(taken).count();
    const auto sample = static_cast<std::int64_t>(std::min<std::int64_t>(us, 3'600'000'000));
    const std::int64_t before = service_us.load(std::memory_order_relaxed);
    const auto mean = before == 0 ? sample : before + (sample - before) / 8;
    service_us.store(static_cast<std::uint32_t>(mean), std::memory_order_relaxed);
  }

  /// When what is refused now is worth another try: when `ahead` requests will have been served,
  /// `width` at a time. Whole seconds, from 1 up to an hour.
  [[nodiscard]] std::chrono::seconds retry_after(std::size_t ahead,
                                                 std::size_t width) const noexcept {
    const double us = static_cast<double>(service_us.load(std::memory_order_relaxed))
                      * static_cast<double>(ahead)
                      / static_cast<double>(std::max<std::size_t>(width, 1));
    return std::chrono::seconds{
        std::clamp<std::int64_t>(static_cast<std::int64_t>(std::ceil(us / 1e6)), 1, 3600)};
  }

  /// A worker has run the handler, which took so long, and would have held a reactor for so long.
  /// Safe from any thread.
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

/// The states of all routes, in the order of their plans.
class route_states {
public:
  route_states() = default;
  /// @param key_hash  with a secret, where strangers choose keys
  explicit route_states(const routing::route_map& routes, detail::keyed_hash key_hash = {});

  [[nodiscard]] route_state* get() const noexcept { return all_.get(); }
  [[nodiscard]] route_state& operator[](std::size_t i) const noexcept { return all_[i]; }

  /// Lets go of actors, once all shards have closed.
  void let_go() noexcept;

private:
  std::unique_ptr<route_state[]> all_;
  std::size_t count_ = 0;
};

/// What of a route holds a reactor: its handler, or the middleware before that.
enum class holding : std::uint8_t { middleware, handler };

/// Which route holds a reactor just now: written by the reactor, read by the watchdog.
class activity {
public:
  void begin(route_state& of, holding what = holding::handler) noexcept {
    const auto next = (count_.load(std::memory_order_relaxed) | 1U) + 1;
    count_.store(next | (what == holding::handler ? 1U : 0U), std::memory_order_relaxed);
    route_.store(&of, std::memory_order_release);
  }
  void end() noexcept { route_.store(nullptr, std::memory_order_relaxed); }

  /// The thread of the reactor, once it runs.
  void set_thread(const detail::thread_identity& running) noexcept {
    cpu_clock_.store(running.cpu_clock, std::memory_order_relaxed);
    thread_.store(running.id, std::memory_order_release);
  }
  [[nodiscard]] detail::thread_identity thread() const noexcept {
    const auto id = thread_.load(std::memory_order_acquire);
    return {id, cpu_clock_.load(std::memory_order_relaxed)};
  }

  /// The route at work, or null; and a number that tells one piece of work from the next.
  struct sample {
    route_state* route = nullptr;
    std::uint32_t number = 0;
    [[nodiscard]] holding what() const noexcept {
      return (number & 1U) != 0 ? holding::handler : holding::middleware;
    }
  };
  [[nodiscard]] sample now() const noexcept {
    route_state* const route = route_.load(std::memory_order_acquire);
    return {route, count_.load(std::memory_order_relaxed)};
  }

private:
  std::atomic<route_state*> route_{nullptr};
  std::atomic<std::uint32_t> count_{0};
  std::atomic<pid_t> thread_{0};
  std::atomic<clockid_t> cpu_clock_{CLOCK_MONOTONIC};
};

} // namespace sake::actors
