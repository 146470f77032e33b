// How an engine ends.

#include <sake/actors/log.hpp>
#include <sake/runtime/config_source.hpp>
#include <sake/runtime/engine_state.hpp>
#include <sake/runtime/logging.hpp>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <future>
#include <string>
#include <thread>
#include <utility>

#include <unistd.h>

namespace sake {

namespace {

using namespace std::chrono_literals;

// How long a worker may take to end once its connections are gone.
constexpr auto least_patience = 200ms;

// How long the end waits for actors of the program before it says so.
constexpr auto patience_with_actors = 1s;

// How long a TCP handshake that has begun may take; half of the drain deadline where that is less.
constexpr std::chrono::milliseconds handshake_patience = 20ms;

// How long a signal may go unheard while threads end.
constexpr auto hearing_interval = 20ms;

} // namespace

void engine::state::watch_signals() {
  // A peer or a reader of our output that goes away, and a file that may not grow, are errors of
  // one call.
  actions.ignore_default(SIGPIPE);
  actions.ignore_default(SIGXFSZ);
  if (!options.signals())
    return;
  if (reads_file_again())
    read_options = config_source::of(options)->as_read;
  if (wants_hangup()) {
    actions.keep(SIGHUP);
    control->hangups.add(SIGHUP);
    await_hangup();
  }
  for (const int number : {SIGINT, SIGTERM}) {
    actions.keep(number);
    control->signals.add(number);
  }
  control->signals.async_wait([this](const boost::system::error_code& ec, int number) {
    if (ec)
      return;
    begin_drain(number == SIGINT ? "SIGINT" : "SIGTERM");
    // The second signal means it.
    control->signals.async_wait([this](const boost::system::error_code& again, int) {
      if (again)
        return;
      drain_due = std::chrono::steady_clock::now();
      end();
    });
  });
}

// Gives signals back to the program.
void engine::state::release_signals() noexcept {
  boost::system::error_code ignored;
  control->signals.clear(ignored);
  control->hangups.clear(ignored);
  actions.give_back();
}

void engine::state::begin_drain(std::string_view why) {
  if (std::exchange(draining, true))
    return;
  end_reason = why;
  drain_begun = std::chrono::steady_clock::now();
  drain_due = http::time_after(drain_begun, options.drain_deadline());
  undrained = stations.size();
  // While we still listen, so that the path cannot be that of the next process yet.
  if (bound.is_unix())
    ::unlink(bound.path.c_str());
  const auto patience = std::min(handshake_patience, options.drain_deadline() / 2);
  for (auto& each : stations)
    each.shard->reactor().post([this, &each, patience] {
      each.door->finish(patience, [this, &each] {
        // With those that were accepted since.
        each.shard->drain(
            [this] { boost::asio::post(control->context, [this] { station_drained(); }); });
      });
      each.shard->drain();
    });
  control->drain_timer.expires_at(drain_due);
  control->drain_timer.async_wait([this](const boost::system::error_code& ec) {
    if (!ec)
      end();
  });
}

void engine::state::station_drained() {
  if (--undrained != 0)
    return;
  has_drained = true;
  end();
}

void engine::state::end() {
  for (auto& each : stations)
    each.shard->reactor().stop();
  control->context.stop();
}

// Whether `has_ended(time)`, which waits for so long, says so by the drain deadline: which a signal
// may bring forward meanwhile.
template <class Wait>
bool engine::state::await(std::chrono::steady_clock::time_point at_least, Wait has_ended) {
  for (;;) {
    const auto left = std::max(drain_due, at_least) - std::chrono::steady_clock::now();
    const auto patience = std::chrono::ceil<std::chrono::milliseconds>(left);
    if (has_ended(std::clamp<std::chrono::milliseconds>(patience, 0ms, hearing_interval)))
      return true;
    if (patience <= 0ms)
      return false;
    control->context.restart();
    control->context.poll();
  }
}

// A handler that holds its reactor for ever does not hold the process.
bool engine::state::join_reactors(std::chrono::steady_clock::time_point at_least) {
  for (auto& each : stations) {
    const auto ended = each.ended.get_future();
    if (!await(at_least, [&](std::chrono::milliseconds time) {
          return ended.wait_for(time) == std::future_status::ready;
        })) {
      actors::log_event(log_level::warning,
                  "a handler holds its reactor at the drain deadline and is left behind",
                  {{"reactor", each.shard->reactor().index()}});
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
  const bool have_ended = end_threads();
  if (have_ended)
    close_shards();
  release_signals();
  tell_end(have_ended);
  flush_log();
  return have_ended;
}

void engine::state::tell_end(bool have_ended) const {
  const auto taken = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - drain_begun);
  actors::log_event(log_level::info, "sake has ended",
                    {{"address", bound.to_string()},
                     {"reason", end_reason},
                     {"drained", has_drained},
                     {"left_behind", !have_ended},
                     {"took_ms", taken.count()}});
}

bool engine::state::end_threads() {
  if (!join_reactors(std::chrono::steady_clock::now() + least_patience))
    return false;
  // The workers first: what they run may belong to a coroutine that waits for them.
  if (await(std::chrono::steady_clock::now() + least_patience,
            [this](std::chrono::milliseconds time) { return executors->stop(time); }))
    return true;
  actors::log_event(log_level::warning,
              "a worker is still busy at the drain deadline and is left behind");
  return false;
}

engine::state::patience_for_actors::~patience_for_actors() {
  if (!system)
    return;
  const auto running = [this] { return system->registry().running(); };
  const auto enough = std::chrono::steady_clock::now() + patience_with_actors;
  while (running() > 0 && std::chrono::steady_clock::now() < enough)
    std::this_thread::sleep_for(1ms);
  if (const auto left = running(); left > 0) {
    actors::log_event(log_level::warning,
                      "the end waits for actors of the program, which nobody has told to exit",
                      {{"actors", left}});
    flush_log();
  }
}

void engine::state::close_shards() {
  for (auto& each : stations)
    each.shard->close();
  // Those of one shard may refer to another.
  for (auto& each : stations)
    each.shard->retire();
  route_states.let_go();
}

} // namespace sake
