// How an engine ends.

#include <sake/actors/log.hpp>
#include <sake/runtime/config_source.hpp>
#include <sake/runtime/engine_state.hpp>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <future>
#include <string>
#include <utility>

#include <unistd.h>

namespace sake {

namespace {

using namespace std::chrono_literals;

// How long a worker may take to end once its connections are gone.
constexpr auto least_patience = 200ms;

} // namespace

void engine::state::watch_signals() {
  if (const auto* const source = config_source::of(options); source && source->has_file()) {
    read_options = source->as_read;
    hangups.add(SIGHUP);
    await_hangup();
  }
  signals.add(SIGINT);
  signals.add(SIGTERM);
  signals.async_wait([this](const boost::system::error_code& ec, int) {
    if (ec)
      return;
    begin_drain();
    // The second signal means it.
    signals.async_wait([this](const boost::system::error_code& again, int) {
      if (again)
        return;
      drain_due = std::chrono::steady_clock::now();
      end();
    });
  });
}

void engine::state::begin_drain() {
  if (std::exchange(draining, true))
    return;
  drain_due = std::chrono::steady_clock::now() + options.drain_deadline();
  undrained = stations.size();
  // While we still listen, so that the path cannot be that of the next process yet.
  if (bound.is_unix())
    ::unlink(bound.path.c_str());
  for (auto& each : stations)
    each.shard->reactor().post([this, &each] {
      each.door->finish();
      each.shard->drain([this] { boost::asio::post(control, [this] { station_drained(); }); });
    });
  drain_timer.expires_at(drain_due);
  drain_timer.async_wait([this](const boost::system::error_code& ec) {
    if (!ec)
      end();
  });
}

void engine::state::station_drained() {
  if (--undrained == 0)
    end();
}

void engine::state::end() {
  // Nobody hears signals from here on: one that comes while threads end does what it does by
  // default.
  boost::system::error_code ignored;
  signals.clear(ignored);
  for (auto& each : stations)
    each.shard->reactor().stop();
  control.stop();
}

// A handler that holds its reactor for ever does not hold the process.
bool engine::state::join_reactors(std::chrono::steady_clock::time_point deadline) {
  for (auto& each : stations) {
    if (each.ended.get_future().wait_until(deadline) != std::future_status::ready) {
      actors::log(actors::log_level::warning,
                  "a handler holds its reactor at the drain deadline and is left behind; reactor="
                      + std::to_string(each.shard->reactor().index()));
      for (auto& left : stations)
        if (left.thread.joinable())
          left.thread.detach();
      return false;
    }
    each.thread.join();
  }
  return true;
}

bool engine::state::finish() {
  if (std::exchange(finished, true))
    return true;
  watch.reset();
  const auto deadline = std::max(drain_due, std::chrono::steady_clock::now() + least_patience);
  if (!join_reactors(deadline))
    return false;
  // The workers first: what they run may belong to a coroutine that waits for them.
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  if (!executors->stop(std::max<std::chrono::milliseconds>(left, least_patience))) {
    actors::log(actors::log_level::warning,
                "a worker is still busy at the drain deadline and is left behind");
    return false;
  }
  close_shards();
  return true;
}

void engine::state::close_shards() {
  for (auto& each : stations)
    each.shard->close();
  // Those of one shard may refer to another.
  for (auto& each : stations)
    each.shard->retire();
  for (std::size_t i = 0; i < routes->plans().size(); ++i)
    route_states[i].let_go();
}

} // namespace sake
