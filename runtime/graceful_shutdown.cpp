#include "graceful_shutdown.hpp"

#include "../actors/reactor/log.hpp"
#include "../http/limits.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

#include <unistd.h>

namespace sake {

namespace {

using namespace std::chrono_literals;

// The least time that reactors, and then workers, get to end.
constexpr auto least_patience = 200ms;

// How long a TCP handshake that has begun may take; at most half of the drain deadline.
constexpr std::chrono::milliseconds handshake_patience = 20ms;

// How often signals are polled while threads end.
constexpr auto poll_interval = 20ms;

} // namespace

graceful_shutdown::graceful_shutdown(boost::asio::io_context& control, const config& options,
                                     const address& bound, std::deque<reactor_thread>& reactors)
    : control_(control),
      options_(options),
      bound_(bound),
      reactors_(reactors),
      drain_timer_(control) {}

// -- the drain ------------------------------------------------------------------------

void graceful_shutdown::begin(std::string_view why) {
  if (std::exchange(has_begun_, true))
    return;
  reason_ = why;
  begun_ = std::chrono::steady_clock::now();
  due_ = http::time_after(begun_, options_.drain_deadline());
  undrained_ = reactors_.size();
  // While the engine still listens, so the path cannot belong to a new process yet.
  if (bound_.is_unix())
    ::unlink(bound_.path.c_str());
  if (node_ != nullptr)
    node_->drain();
  const auto patience = std::min(handshake_patience, options_.drain_deadline() / 2);
  for (auto& each : reactors_)
    each.drain(patience, [this] { boost::asio::post(control_, [this] { shard_drained(); }); });
  drain_timer_.expires_at(due_);
  drain_timer_.async_wait([this](const boost::system::error_code& ec) {
    if (!ec)
      stop_reactors();
  });
}

void graceful_shutdown::shard_drained() {
  if (--undrained_ != 0)
    return;
  has_drained_ = true;
  if (node_ != nullptr)
    node_->leave([this] { boost::asio::post(control_, [this] { stop_reactors(); }); });
  else
    stop_reactors();
}

void graceful_shutdown::cut_short() {
  due_ = std::chrono::steady_clock::now();
  stop_reactors();
}

void graceful_shutdown::stop_reactors() {
  for (auto& each : reactors_)
    each.stop();
  control_.stop();
}

// -- the end of the threads -----------------------------------------------------------

// Returns whether `has_ended(time)`, which waits for up to `time`, returns true by the drain
// deadline or `at_least`, the later. A signal may bring the deadline forward.
template <class Wait>
bool graceful_shutdown::await(std::chrono::steady_clock::time_point at_least, Wait has_ended) {
  for (;;) {
    const auto left = std::max(due_, at_least) - std::chrono::steady_clock::now();
    const auto patience = std::chrono::ceil<std::chrono::milliseconds>(left);
    if (has_ended(std::clamp<std::chrono::milliseconds>(patience, 0ms, poll_interval)))
      return true;
    if (patience <= 0ms)
      return false;
    control_.restart();
    control_.poll();
  }
}

bool graceful_shutdown::end_threads(actors::executors& executors) {
  if (!join_reactors(std::chrono::steady_clock::now() + least_patience))
    return false;
  // Workers end first: their tasks may belong to a coroutine that waits for them.
  if (await(std::chrono::steady_clock::now() + least_patience,
            [&executors](std::chrono::milliseconds time) { return executors.stop(time); }))
    return true;
  actors::log_event(log_level::warning,
                    "a worker is still busy at the drain deadline and is left behind");
  return false;
}

// A handler that never releases its reactor must not block the end of the process.
bool graceful_shutdown::join_reactors(std::chrono::steady_clock::time_point at_least) {
  for (auto& each : reactors_) {
    if (!await(at_least,
               [&each](std::chrono::milliseconds time) { return each.await_end(time); })) {
      actors::log_event(log_level::warning,
                        "a handler holds its reactor at the drain deadline and is left behind",
                        {{"reactor", each.shard().reactor().index()}});
      for (auto& left : reactors_)
        left.leave_behind();
      return false;
    }
    each.join();
  }
  return true;
}

void graceful_shutdown::log_end(bool has_left_threads) const {
  const auto taken = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begun_);
  actors::log_event(log_level::info, "sake has ended",
                    {{"address", bound_.to_string()},
                     {"reason", reason_},
                     {"drained", has_drained_},
                     {"left_behind", has_left_threads},
                     {"took_ms", taken.count()}});
}

} // namespace sake
