#include "task_watch.hpp"

#include "../reactor/detail/failure.hpp"

namespace sake::actors {

namespace {

using event = void (runtime_observer::*)(const pool_task&) noexcept;

void tell(reactor& home, const runtime_observers& observers, event what,
          const pool_task& task) noexcept {
  const auto tell_all = [&observers, what, task] {
    for (const auto& each : observers)
      (each.get()->*what)(task);
  };
  if (home.is_here())
    tell_all();
  else
    detail::contain("an observer", [&] { home.post(tell_all); });
}

} // namespace

void task_watch::on_begin() noexcept {
  has_begun_ = true;
  begun_ = home_.exact_now();
  task_.waited = begun_ - submitted_;
}

void task_watch::on_end() noexcept {
  if (!has_begun_)
    return;
  task_.ran = home_.exact_now() - begun_;
  tell(home_, observers_, &runtime_observer::on_task_done, task_);
}

void note_refused_task(reactor& home, const runtime_observers& observers, const executor& place,
                       std::string_view route_name) noexcept {
  tell(home, observers, &runtime_observer::on_task_refused,
       {.pool = place.name(), .route_name = route_name});
}

} // namespace sake::actors
