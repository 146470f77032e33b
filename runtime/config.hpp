// The configuration of an engine.
#pragma once

#include <sake/actors/adaptive_settings.hpp>
#include <sake/actors/pool_settings.hpp>
#include <sake/http/limits.hpp>
#include <sake/runtime/log_settings.hpp>
#include <sake/runtime/unix_permissions.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sake {

using actors::named_pool;
using actors::pool_settings;
using actors::scheduling;
struct command_line;
struct config_source;

/// How the threads of CAF's own scheduler share their work.
enum class scheduler_policy : std::uint8_t {
  sharing,  ///< one queue for all; idle threads sleep
  stealing, ///< a queue for each; idle threads look into those of others, and poll meanwhile
};

/// The configuration of an engine: options with safe defaults, set in a chain. `check` names
/// everything that is wrong at once; the engine calls it before it starts.
///
///     sake::engine app{sake::config{}.with_reactors(2).with_workers(4)};
///
/// A file and the command line may set every option too, under its name without `with_`:
/// `read_file` and `read_command_line`. What is read or set later goes over what was there before.
class config {
public:
  // -- where ----------------------------------------------------------------------

  /// Where `run()` listens: "host:port", ":port" for every address, "[::1]:port", "unix:/path", or
  /// "systemd:" for the socket that the process was started with, "systemd:NAME" for one of several
  /// (sd_listen_fds(3)). Port 0 lets the system choose. Default "127.0.0.1:8080".
  config& with_address(std::string address) { return set(address_, std::move(address)); }
  [[nodiscard]] const std::string& address() const noexcept { return address_; }

  /// Who may connect to a Unix socket; see `unix_permissions`.
  config& with_unix_socket(unix_permissions wanted) {
    return set(unix_socket_, std::move(wanted));
  }
  [[nodiscard]] const unix_permissions& unix_socket() const noexcept { return unix_socket_; }

  // -- threads --------------------------------------------------------------------

  /// Reactors: threads that serve connections. 0 (default): one per core that they may run on.
  config& with_reactors(std::size_t n) { return set(reactors_, n); }
  [[nodiscard]] std::size_t reactors() const;

  /// Cores that reactors may run on, by their numbers. Empty (default): all that the process may
  /// use.
  config& with_reactor_cores(std::vector<std::size_t> cores) {
    return set(reactor_cores_, std::move(cores));
  }
  [[nodiscard]] const std::vector<std::size_t>& reactor_cores() const noexcept {
    return reactor_cores_;
  }

  /// Whether each reactor stays on one of its cores, the first on the first. Default false.
  config& with_reactor_pinning(bool on) { return set(reactor_pinning_, on); }
  [[nodiscard]] bool reactor_pinning() const noexcept { return reactor_pinning_; }

  /// Workers: threads for the handlers of `.worker()` routes. 0 (default): one per core
  /// that they may run on.
  config& with_workers(std::size_t n) { return set(workers_, n); }
  [[nodiscard]] std::size_t workers() const;

  /// Whether there is a worker pool, where a route wants one. Default true. Off: `.worker()` routes
  /// run on the reactors, with the same responses.
  config& with_worker_pool(bool on) { return set(worker_pool_, on); }
  [[nodiscard]] bool worker_pool() const noexcept { return worker_pool_; }

  /// Tasks that may wait for a worker; past it 503 with Retry-After. Default 1024.
  config& with_worker_queue_bound(std::size_t tasks) { return set(worker_queue_bound_, tasks); }
  [[nodiscard]] std::size_t worker_queue_bound() const noexcept { return worker_queue_bound_; }

  /// Cores that workers may run on, by their numbers. Empty (default): all that the process may
  /// use.
  config& with_worker_cores(std::vector<std::size_t> cores) {
    return set(worker_cores_, std::move(cores));
  }
  [[nodiscard]] const std::vector<std::size_t>& worker_cores() const noexcept {
    return worker_cores_;
  }

  /// Whether each worker stays on one of its cores, the first on the first; where none are named,
  /// on the last. Default true.
  config& with_worker_pinning(bool on) { return set(worker_pinning_, on); }
  [[nodiscard]] bool worker_pinning() const noexcept { return worker_pinning_; }

  /// The scheduling class of the workers. Default `background`: CPU work does not starve I/O on the
  /// same cores, and yet gets on where other programs load the machine.
  config& with_worker_scheduling(scheduling wanted) { return set(worker_scheduling_, wanted); }
  [[nodiscard]] scheduling worker_scheduling() const noexcept { return worker_scheduling_; }

  /// By how much a worker yields to other threads: added to the nice value of the process, 0 to 19.
  /// For all classes but `idle`. Default 0.
  config& with_worker_nice(std::size_t steps) { return set(worker_nice_, steps); }
  [[nodiscard]] std::size_t worker_nice() const noexcept { return worker_nice_; }

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

  /// How these threads share their work. Default `sharing`.
  config& with_scheduler_policy(sake::scheduler_policy wanted) {
    return set(scheduler_policy_, wanted);
  }
  [[nodiscard]] sake::scheduler_policy scheduler_policy() const noexcept {
    return scheduler_policy_;
  }

  /// Messages that an actor handles there before the next one has its turn. Default 300.
  config& with_scheduler_throughput(std::size_t messages) {
    return set(scheduler_throughput_, messages);
  }
  [[nodiscard]] std::size_t scheduler_throughput() const noexcept { return scheduler_throughput_; }

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

  // -- the log ----------------------------------------------------------------------

  /// Which log lines are written, how, and where to; see `log_settings` for each. A program that
  /// has set a sink of its own (`set_log_sink`) gets the lines there.
  config& with_log(log_settings wanted) { return set(log_, std::move(wanted)); }
  [[nodiscard]] const log_settings& log() const noexcept { return log_; }

  // -- the rest ---------------------------------------------------------------------

  /// The Server field of every response. Empty (default): none.
  config& with_server_name(std::string name) { return set(server_name_, std::move(name)); }
  [[nodiscard]] const std::string& server_name() const noexcept { return server_name_; }

  /// Whether `run` ends on SIGTERM and SIGINT. Default true.
  config& with_signals(bool on) { return set(signals_, on); }
  [[nodiscard]] bool signals() const noexcept { return signals_; }

  /// One sentence for each option that is out of its range; empty when all is well.
  [[nodiscard]] std::vector<std::string> check() const;

  // -- files and the command line -----------------------------------------------------

  /// Reads a TOML file. The engine that runs with this configuration reads it again on SIGHUP.
  ///
  /// @returns one line for each thing that is wrong, "sake.toml:7:1: unknown option …", and then
  ///          nothing has changed; empty when all is well
  [[nodiscard]] std::vector<std::string> read_file(const std::string& path);

  /// Reads the command line: `--reactors 2` for every option, `--config FILE`, which is read before
  /// the others, `--help` and `--print-config`. What is not Sake's is left to the program.
  ///
  /// @param own  names of options of the program; another that begins with a dash is an error
  /// @returns whether the program is to go on; see `command_line`
  command_line read_command_line(int argc, const char* const* argv,
                                 const std::vector<std::string>& own = {});

  /// All options as TOML that `read_file` takes.
  [[nodiscard]] std::string to_toml() const;

  /// What was read: "sake.toml", "command-line", "sake.toml+command-line"; "code" where nothing
  /// was.
  [[nodiscard]] std::string origin() const;

private:
  friend struct option_fields;
  friend struct config_source;

  template <class T, class U>
  config& set(T& option, U&& value) {
    option = std::forward<U>(value);
    return *this;
  }

  std::string address_ = "127.0.0.1:8080";
  unix_permissions unix_socket_;
  std::size_t reactors_ = 0;
  std::vector<std::size_t> reactor_cores_;
  bool reactor_pinning_ = false;
  std::size_t workers_ = 0;
  bool worker_pool_ = true;
  std::size_t worker_queue_bound_ = 1024;
  std::vector<std::size_t> worker_cores_;
  bool worker_pinning_ = true;
  scheduling worker_scheduling_ = scheduling::background;
  std::size_t worker_nice_ = 0;
  std::vector<named_pool> pools_;
  actors::adaptive_settings adaptive_;
  std::size_t scheduler_threads_ = 1;
  sake::scheduler_policy scheduler_policy_ = sake::scheduler_policy::sharing;
  std::size_t scheduler_throughput_ = 300;
  std::size_t max_connections_ = 10'000;
  bool keep_alive_ = true;
  bool half_closed_clients_ = false;
  std::size_t max_requests_per_connection_ = 0;
  http::limits limits_;
  http::deadlines deadlines_;
  std::chrono::milliseconds drain_deadline_{10'000};
  std::string server_name_;
  bool signals_ = true;
  log_settings log_;
  std::shared_ptr<const config_source> source_;
};

} // namespace sake
