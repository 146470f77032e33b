// Measures a task on a pool, for observers.
#pragma once

#include "../../routing/offload.hpp"
#include "../reactor/reactor.hpp"
#include "../reactor/runtime_observer.hpp"
#include "executor.hpp"

#include <string_view>

namespace sake::actors {

/// Measures one run of a task on an executor, and has the observers of a reactor observers on that
/// reactor. A task that does not run is not observers.
class task_watch final : public routing::work::run_observer {
public:
  /// Starts to measure. Everything referred to must outlive the reactor's last turn.
  task_watch(reactor& home, const runtime_observers& observers, const executor& place,
             std::string_view route_name) noexcept
      : home_(home), observers_(observers), submitted_(home.exact_now()) {
    task_.pool = place.name();
    task_.route_name = route_name;
  }

  void on_begin() noexcept override;
  void on_end() noexcept override;

private:
  reactor& home_;
  const runtime_observers& observers_;
  pool_task task_;
  time_point submitted_;
  time_point begun_{};
  bool has_begun_ = false;
};

/// Tells observers on the reactor `home` that a task was refused. Safe from any thread.
void note_refused_task(reactor& home, const runtime_observers& observers, const executor& place,
                       std::string_view route_name) noexcept;

} // namespace sake::actors
