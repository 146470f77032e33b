// Finds handlers that hold up their reactor, and moves their routes.
#pragma once

#include <sake/actors/detail/thread_times.hpp>
#include <sake/actors/executor.hpp>
#include <sake/actors/placement_policy.hpp>
#include <sake/actors/route_state.hpp>
#include <sake/routing/route_map.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace sake::actors {

/// Finds handlers that hold up their reactor: names them in the log, and moves their routes to the
/// worker pool and back (`placement_policy`). What holds a reactor is CPU time and sleep; time in
/// which the reactor's thread has no core says nothing about the handler. A thread that looks at what the reactors tell, a few
/// times per threshold while they are busy, and a few times a second while they are not.
class watchdog {
public:
  /// Starts to look. Everything passed here outlives the watchdog.
  /// @param pool  where routes move to; null: it only names
  watchdog(const adaptive_settings& bounds, std::vector<const activity*> reactors,
           const routing::route_map& routes, route_state* states, executor* pool);
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;
  /// Stops.
  ~watchdog();

private:
  /// What one reactor was last seen at.
  struct sight {
    const activity* reactor = nullptr;
    activity::sample last;
    time_point since;
    /// What its thread had done with its time by then; how long it has held the reactor as of the
    /// last look.
    detail::thread_times before;
    std::chrono::nanoseconds held{0};
    bool is_held = false;
    bool is_named = false;
  };

  void run();
  bool look(time_point now);
  void look_at(sight& at, time_point now);
  static void begin_to_watch(sight& at, const activity::sample& seen, time_point now);
  [[nodiscard]] static std::chrono::nanoseconds held_by(sight& at, time_point now);
  void close_window(time_point now);
  [[nodiscard]] const routing::plan& plan_of(const route_state& route) const noexcept;

  const adaptive_settings bounds_;
  const routing::route_map& routes_;
  route_state* const states_;
  executor* const pool_;
  std::vector<sight> sights_;
  std::vector<placement_policy> policies_;
  time_point window_end_;

  std::mutex mutex_;
  std::condition_variable stop_asked_;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace sake::actors
