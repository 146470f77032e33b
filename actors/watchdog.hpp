// Finds handlers that hold up their reactor, and moves their routes.
#pragma once

#include <sake/actors/executor.hpp>
#include <sake/actors/placement_policy.hpp>
#include <sake/actors/route_state.hpp>
#include <sake/routing/route_map.hpp>

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace sake::actors {

/// Finds handlers that hold up their reactor: names them in the log, and moves their routes to the
/// worker pool and back (`placement_policy`). A thread that looks at what the reactors tell, a few
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
    bool is_held = false;
    bool is_named = false;
  };

  void run();
  bool look(time_point now);
  void look_at(sight& at, time_point now);
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
