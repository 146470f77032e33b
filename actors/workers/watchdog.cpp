#include "watchdog.hpp"

#include "../reactor/log.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <pthread.h>

namespace sake::actors {

namespace {

using namespace std::chrono_literals;

// Samples per threshold while the reactors are busy.
constexpr int looks = 2;

// The longest pause between samples while they are not; after one of these the next route that
// begins ends the pause.
constexpr std::chrono::nanoseconds longest_pause = 50ms;

// Thresholds after which a handler that still holds its reactor is logged.
constexpr int named_after = 10;

long long milliseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

} // namespace

watchdog::watchdog(const adaptive_settings& settings, const std::vector<activity*>& reactors,
                   const routing::route_map& routes, route_load* loads, executor* pool)
    : settings_(settings),
      routes_(routes),
      loads_(loads),
      pool_(pool),
      policies_(routes.endpoints().size()) {
  for (activity* const each : reactors)
    watched_.emplace_back().reactor = each;
  thread_ = std::thread{[this] { run(); }};
}

watchdog::~watchdog() {
  pause_->stop();
  thread_.join();
}

void watchdog::run() {
  pthread_setname_np(pthread_self(), "sake-watchdog");
  const std::chrono::nanoseconds shortest =
      std::max<std::chrono::nanoseconds>(settings_.threshold, 2ms) / looks;
  std::optional<std::chrono::nanoseconds> pause = shortest;
  bool is_to_be_woken = false;
  window_end_ = time_after(std::chrono::steady_clock::now(), settings_.window);
  while (pause_->wait(pause)) {
    const auto now = std::chrono::steady_clock::now();
    const bool is_busy = look(now);
    if (now >= window_end_)
      close_window(now);
    if (is_busy) {
      pause = shortest;
      if (std::exchange(is_to_be_woken, false))
        be_woken(false);
    } else if (is_to_be_woken) {
      pause = std::nullopt; // and the reactors still rest
    } else if (pause < longest_pause) {
      pause = std::min(*pause * 2, longest_pause);
    } else {
      is_to_be_woken = true;
      be_woken(true);
      pause = shortest;
    }
  }
  be_woken(false);
}

// Whether the next route that begins ends the pause.
void watchdog::be_woken(bool wanted) {
  for (const watched_reactor& each : watched_) {
    if (wanted)
      each.reactor->wake_at_next(pause_);
    else
      each.reactor->wake_no_more();
  }
}

// Returns whether any reactor had work since the last sample.
bool watchdog::look(time_point now) {
  bool is_busy = false;
  for (watched_reactor& each : watched_) {
    const auto before = each.last;
    look_at(each, now);
    is_busy = is_busy || each.last.number != before.number || each.last.route != nullptr;
  }
  return is_busy;
}

void watchdog::look_at(watched_reactor& at, time_point now) {
  const auto seen = at.reactor->now();
  if (seen.route == nullptr || seen.number != at.last.number || seen.route != at.last.route) {
    begin_to_watch(at, seen, now);
    return;
  }
  if (now - at.since < settings_.threshold)
    return;
  const auto held = held_by(at, now);
  if (held < settings_.threshold)
    return;
  const routing::endpoint& endpoint = endpoint_of(*seen.route);
  const bool is_handler = seen.what() == holding::handler;
  const bool may_move = pool_ != nullptr && is_handler && endpoint.may_move();
  if (!at.is_named && held >= named_after * settings_.threshold) {
    at.is_named = true;
    log_event(log_level::warning,
              is_handler ? "a handler holds its reactor" : "middleware holds its reactor",
              {{"route", endpoint.name}, {"held_ms", milliseconds(held)}});
  }
  auto& policy = policies_[static_cast<std::size_t>(seen.route - loads_)];
  const bool is_new = !std::exchange(at.is_held, true);
  if (may_move && policy.on_held(settings_, now, held, is_new)) {
    seen.route->pool_runs = 0;
    seen.route->longest_pool_run_us = 0;
    seen.route->place = pool_;
    log_event(log_level::warning, "route moved to the worker pool",
              {{"route", endpoint.name}, {"held_ms", milliseconds(held)}});
  }
}

void watchdog::begin_to_watch(watched_reactor& at, const activity::sample& seen, time_point now) {
  at.last = seen;
  at.since = now;
  at.held = {};
  at.is_held = at.is_named = false;
  if (seen.route != nullptr)
    at.before = detail::times_of(at.reactor->thread());
}

std::chrono::nanoseconds watchdog::held_by(watched_reactor& at, time_point now) {
  const std::chrono::nanoseconds passed = now - at.since;
  const auto thread = at.reactor->thread();
  const auto spent =
      detail::time_spent(at.before, detail::times_of(thread), passed, detail::is_runnable(thread));
  // Sleep seen by an earlier sample still counts now that the thread runs again.
  at.held = std::max(at.held, spent);
  return at.held;
}

void watchdog::close_window(time_point now) {
  window_end_ = time_after(now, settings_.window);
  for (std::size_t i = 0; i < policies_.size(); ++i) {
    if (!policies_[i].is_moved())
      continue;
    const auto runs = loads_[i].pool_runs.exchange(0);
    const std::chrono::microseconds longest{loads_[i].longest_pool_run_us.exchange(0)};
    if (!policies_[i].on_window(settings_, now, runs, longest))
      continue;
    loads_[i].place = nullptr;
    log_event(log_level::info, "route moved back to the reactors",
              {{"route", routes_.endpoints()[i].name}, {"longest_us", longest.count()}});
  }
}

const routing::endpoint& watchdog::endpoint_of(const route_load& route) const noexcept {
  return routes_.endpoints()[static_cast<std::size_t>(&route - loads_)];
}

} // namespace sake::actors
