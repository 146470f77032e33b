// Finds handlers that hold up their reactor, and moves their routes.
#pragma once

#include "../../routing/route_map.hpp"
#include "../reactor/activity.hpp"
#include "../reactor/detail/thread_times.hpp"
#include "../reactor/sampling_pause.hpp"
#include "executor.hpp"
#include "placement_policy.hpp"
#include "route_load.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace sake::actors {

/// Finds handlers that hold up their reactor: logs their names, and moves their routes to the
/// worker pool and back (`placement_policy`). CPU time and sleep count as holding a reactor; time
/// in which the reactor's thread has no core does not count, as the handler does not cause it. A
/// thread samples the reactors a few times per threshold while they are busy, and pauses while they
/// are not. A moved route is reviewed at the end of a window in which requests came.
class watchdog {
public:
  /// Starts the thread. The reactors' activities, `routes`, `loads` and `pool` must outlive the
  /// watchdog.
  /// @param pool  where routes move to; null: the watchdog only logs
  watchdog(const adaptive_settings& settings, const std::vector<activity*>& reactors,
           const routing::route_map& routes, route_load* loads, executor* pool);
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;
  /// Stops and joins the thread.
  ~watchdog();

private:
  /// The last observation of one reactor.
  struct watched_reactor {
    activity* reactor = nullptr;
    activity::sample last;
    time_point since;
    /// `before`: the times of its thread at `since`. `held`: how long the route had held the
    /// reactor at the last sample.
    detail::thread_times before;
    std::chrono::nanoseconds held{0};
    bool is_held = false;
    bool is_named = false;
  };

  void run();
  void be_woken(bool wanted);
  bool look(time_point now);
  void look_at(watched_reactor& at, time_point now);
  static void begin_to_watch(watched_reactor& at, const activity::sample& seen, time_point now);
  [[nodiscard]] static std::chrono::nanoseconds held_by(watched_reactor& at, time_point now);
  void close_window(time_point now);
  [[nodiscard]] const routing::endpoint& endpoint_of(const route_load& route) const noexcept;

  const adaptive_settings settings_;
  const routing::route_map& routes_;
  route_load* const loads_;
  executor* const pool_;
  std::vector<watched_reactor> watched_;
  std::vector<placement_policy> policies_;
  time_point window_end_;

  const std::shared_ptr<sampling_pause> pause_ = std::make_shared<sampling_pause>();
  std::thread thread_;
};

} // namespace sake::actors
