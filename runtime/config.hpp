// The configuration of an engine.
#pragma once

#include <sake/actors/adaptive_settings.hpp>
#include <sake/actors/pool_settings.hpp>
#include <sake/http/limits.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace sake {

using actors::named_pool;
using actors::pool_settings;
using actors::scheduling;

/// The configuration of an engine: options with safe defaults, set in a chain. `check` names
/// everything that is wrong at once; the engine calls it before it starts.
///
///     sake::engine app{sake::config{}.with_reactors(2).with_workers(4)};
class config {
public:
  // -- where ----------------------------------------------------------------------

  /// Where `run()` listens: "host:port", ":port" for every address, "[::1]:port", or
  /// "unix:/path". Port 0 lets the system choose. Default "127.0.0.1:8080".
  config& with_address(std::string address) { return set(address_, std::move(address)); }
  [[nodiscard]] const std::string& address() const noexcept { return address_; }

  // -- threads --------------------------------------------------------------------

  /// Reactors: threads that serve connections. 0 (default): one per core.
  config& with_reactors(std::size_t n) { return set(reactors_, n); }
  [[nodiscard]] std::size_t reactors() const;

  /// Workers: threads for the handlers of `.worker()` routes. 0 (default): one per core.
  config& with_workers(std::size_t n) { return set(workers_, n); }
  [[nodiscard]] std::size_t workers() const;

  /// Whether there is a worker pool, where a route wants one. Default true. Off: `.worker()` routes
  /// run on the reactors, with the same responses.
  config& with_worker_pool(bool on) { return set(worker_pool_, on); }
  [[nodiscard]] bool worker_pool() const noexcept { return worker_pool_; }

  /// Tasks that may wait for a worker; past it 503 with Retry-After. Default 1024.
  config& with_worker_queue_bound(std::size_t tasks) { return set(worker_queue_bound_, tasks); }
  [[nodiscard]] std::size_t worker_queue_bound() const noexcept { return worker_queue_bound_; }

  /// Whether each worker stays on one core. Default true.
  config& with_worker_pinning(bool on) { return set(worker_pinning_, on); }
  [[nodiscard]] bool worker_pinning() const noexcept { return worker_pinning_; }

  /// The scheduling class of the workers. Default `idle`: they get what the reactors leave, so
  /// that CPU work does not starve I/O on the same cores.
  config& with_worker_scheduling(scheduling wanted) { return set(worker_scheduling_, wanted); }
  [[nodiscard]] scheduling worker_scheduling() const noexcept { return worker_scheduling_; }

  /// Declares the pool `name`, for routes marked `.worker(name)`, or replaces what was declared
  /// under that name. `with_worker_pool(false)` switches it off with the other.
  config& with_pool(std::string name, const pool_settings& settings);
  /// The pools with names, in the order in which they were declared.
  [[nodiscard]] const std::vector<named_pool>& pools() const noexcept { return pools_; }

  /// Whether a route whose handler holds up its reactor moves to the worker pool by itself, and
  /// comes back when it has become quick. Default true. `route::pinned_to_reactor` opts one route
  /// out.
  config& with_adaptive(bool on) { return set(adaptive_.enabled, on); }
  /// From when on a handler holds up its reactor. Default 5 ms.
  config& with_blocking_threshold(std::chrono::milliseconds bound) {
    return set(adaptive_.threshold, bound);
  }
  /// The time within which three such handlers move their route; a route that has moved is looked
  /// at as often. Default 1 s.
  config& with_adaptive_window(std::chrono::milliseconds window) {
    return set(adaptive_.window, window);
  }
  [[nodiscard]] const actors::adaptive_settings& adaptive() const noexcept { return adaptive_; }

  /// Threads of CAF's own scheduler, for actors that no reactor wakes. Default 1.
  config& with_scheduler_threads(std::size_t n) { return set(scheduler_threads_, n); }
  [[nodiscard]] std::size_t scheduler_threads() const noexcept { return scheduler_threads_; }

  // -- connections ------------------------------------------------------------------

  /// Open connections; past it 503 with Retry-After and close. Default 10 000.
  config& with_max_connections(std::size_t n) { return set(max_connections_, n); }
  [[nodiscard]] std::size_t max_connections() const noexcept { return max_connections_; }

  /// Whether connections persist. Default true.
  config& with_keep_alive(bool on) { return set(keep_alive_, on); }
  [[nodiscard]] bool keep_alive() const noexcept { return keep_alive_; }

  /// Whether a client that has sent its last octet, but may still read, gets the answers that are
  /// under way. Default false: such a client looks the same as one that has gone, for whom nothing
  /// need be computed any more.
  config& with_half_closed_clients(bool on) { return set(half_closed_clients_, on); }
  [[nodiscard]] bool half_closed_clients() const noexcept { return half_closed_clients_; }

  /// Requests after which a connection closes. 0 (default): no bound.
  config& with_max_requests_per_connection(std::size_t n) {
    return set(max_requests_per_connection_, n);
  }
  [[nodiscard]] std::size_t max_requests_per_connection() const noexcept {
    return max_requests_per_connection_;
  }

  /// Bounds on the size of a request; see `http::limits` for each.
  config& with_limits(const http::limits& bounds) { return set(limits_, bounds); }
  [[nodiscard]] const http::limits& limits() const noexcept { return limits_; }

  /// Bounds on time; see `http::deadlines` for each.
  config& with_deadlines(const http::deadlines& bounds) { return set(deadlines_, bounds); }
  [[nodiscard]] const http::deadlines& deadlines() const noexcept { return deadlines_; }

  /// From the end of a request to its response: 504. 0: no bound. Default 30 s.
  config& with_request_timeout(std::chrono::milliseconds bound) {
    return set(deadlines_.request, bound);
  }
  /// Between two requests of a connection. 0: no bound. Default 30 s.
  config& with_keep_alive_timeout(std::chrono::milliseconds bound) {
    return set(deadlines_.idle, bound);
  }

  /// At shutdown, how long requests in flight may take. Default 10 s.
  config& with_drain_deadline(std::chrono::milliseconds bound) {
    return set(drain_deadline_, bound);
  }
  [[nodiscard]] std::chrono::milliseconds drain_deadline() const noexcept {
    return drain_deadline_;
  }

  // -- the rest ---------------------------------------------------------------------

  /// The Server field of every response. Empty (default): none.
  config& with_server_name(std::string name) { return set(server_name_, std::move(name)); }
  [[nodiscard]] const std::string& server_name() const noexcept { return server_name_; }

  /// Whether `run` ends on SIGTERM and SIGINT. Default true.
  config& with_signals(bool on) { return set(signals_, on); }
  [[nodiscard]] bool signals() const noexcept { return signals_; }

  /// One sentence for each option that is out of its range; empty when all is well.
  [[nodiscard]] std::vector<std::string> check() const;

private:
  template <class T, class U>
  config& set(T& option, U&& value) {
    option = std::forward<U>(value);
    return *this;
  }

  std::string address_ = "127.0.0.1:8080";
  std::size_t reactors_ = 0;
  std::size_t workers_ = 0;
  bool worker_pool_ = true;
  std::size_t worker_queue_bound_ = 1024;
  bool worker_pinning_ = true;
  scheduling worker_scheduling_ = scheduling::idle;
  std::vector<named_pool> pools_;
  actors::adaptive_settings adaptive_;
  std::size_t scheduler_threads_ = 1;
  std::size_t max_connections_ = 10'000;
  bool keep_alive_ = true;
  bool half_closed_clients_ = false;
  std::size_t max_requests_per_connection_ = 0;
  http::limits limits_;
  http::deadlines deadlines_;
  std::chrono::milliseconds drain_deadline_{10'000};
  std::string server_name_;
  bool signals_ = true;
};

} // namespace sake
