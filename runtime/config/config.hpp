// The configuration of an engine.
#pragma once

#include "config_values.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace sake {

struct command_line;

/// The configuration of an engine: options with safe defaults, set in a chain. `check` reports all
/// errors at once; the engine calls it before it starts.
///
///     sake::engine app{sake::config{}.with_reactors(2).with_workers(4)};
///
/// A configuration file (`read_file`) and the command line (`read_command_line`) may set every
/// option too, under its name without `with_`. A later value replaces an earlier one.
class config {
public:
  // -- address --------------------------------------------------------------------

  /// Where `run()` listens: "host:port", ":port" or "port" for every address, "[::1]:port",
  /// "unix:/path", "systemd:" for the socket that the process was started with, or "systemd:NAME"
  /// for one of several (sd_listen_fds(3)). With port 0 the system chooses one. Default
  /// "127.0.0.1:8080".
  config& with_address(std::string address) { return set(values_.address, std::move(address)); }
  [[nodiscard]] const std::string& address() const noexcept { return values_.address; }

  /// Who may connect to a Unix socket; see `unix_permissions`.
  config& with_unix_socket(unix_permissions wanted) {
    return set(values_.unix_socket, std::move(wanted));
  }
  [[nodiscard]] const unix_permissions& unix_socket() const noexcept { return values_.unix_socket; }

  // -- threads --------------------------------------------------------------------

  /// Reactors: threads that serve connections. 0 (default): one per core that they may use.
  config& with_reactors(std::size_t n) { return set(values_.reactors, n); }
  [[nodiscard]] std::size_t reactors() const { return values_.reactor_count(); }

  /// The numbers of the cores that reactors may use. Empty (default): all cores of the process.
  config& with_reactor_cores(std::vector<std::size_t> cores) {
    return set(values_.reactor_cores, std::move(cores));
  }
  [[nodiscard]] const std::vector<std::size_t>& reactor_cores() const noexcept {
    return values_.reactor_cores;
  }

  /// Whether each reactor is pinned to one of its cores, in order. Default false.
  config& with_reactor_pinning(bool on) { return set(values_.reactor_pinning, on); }
  [[nodiscard]] bool reactor_pinning() const noexcept { return values_.reactor_pinning; }

  /// Workers: threads for the handlers of `.worker()` routes. 0 (default): one per core that they
  /// may use.
  config& with_workers(std::size_t n) { return set(values_.executors.pool.workers, n); }
  [[nodiscard]] std::size_t workers() const { return values_.sized_executors().pool.workers; }

  /// Whether there is a worker pool if a route wants one. Default true. Off: `.worker()` routes run
  /// on the reactors, with the same responses.
  config& with_worker_pool(bool on) { return set(values_.executors.has_pools, on); }
  [[nodiscard]] bool worker_pool() const noexcept { return values_.executors.has_pools; }

  /// Tasks that may wait for a worker; past the limit: 503 with Retry-After. Default 1024.
  config& with_worker_max_queued(std::size_t tasks) {
    return set(values_.executors.pool.max_queued, tasks);
  }
  [[nodiscard]] std::size_t worker_max_queued() const noexcept {
    return values_.executors.pool.max_queued;
  }

  /// The numbers of the cores that workers may use. Empty (default): all cores of the process.
  config& with_worker_cores(std::vector<std::size_t> cores) {
    return set(values_.executors.pool.cores, std::move(cores));
  }
  [[nodiscard]] const std::vector<std::size_t>& worker_cores() const noexcept {
    return values_.executors.pool.cores;
  }

  /// Whether each worker is pinned to one of its cores: the first worker to the first core, or, if
  /// no cores are named, to the last. Default true.
  config& with_worker_pinning(bool on) { return set(values_.executors.pool.pinned, on); }
  [[nodiscard]] bool worker_pinning() const noexcept { return values_.executors.pool.pinned; }

  /// The scheduling class of the workers. Default `background`: CPU work does not starve I/O on the
  /// same cores, but still makes progress if other programs load the machine.
  config& with_worker_scheduling(scheduling wanted) {
    return set(values_.executors.pool.scheduling, wanted);
  }
  [[nodiscard]] scheduling worker_scheduling() const noexcept {
    return values_.executors.pool.scheduling;
  }

  /// Added to the nice value of the process for each worker, 0 to 19. Not for the class `idle`.
  /// Default 0.
  config& with_worker_nice(std::size_t steps) { return set(values_.executors.pool.nice, steps); }
  [[nodiscard]] std::size_t worker_nice() const noexcept { return values_.executors.pool.nice; }

  /// Declares the pool `name` for routes marked `.worker(name)`, or replaces its settings.
  /// `with_worker_pool(false)` switches off all pools.
  config& with_pool(std::string name, const pool_settings& settings);
  /// The named pools, in the order of their declaration.
  [[nodiscard]] const std::vector<named_pool>& pools() const noexcept {
    return values_.executors.named_pools;
  }

  /// Adaptive mode: whether a route with a handler that blocks its reactor moves to the worker
  /// pool, and returns once it has become fast. Default true. `route::pinned_to_reactor` exempts a
  /// route.
  config& with_adaptive(bool on) { return set(values_.adaptive.enabled, on); }
  /// How long a handler may hold its reactor before it counts as blocking. Default 5 ms.
  config& with_blocking_threshold(std::chrono::milliseconds limit) {
    return set(values_.adaptive.threshold, limit);
  }
  /// A route moves if its handler blocks three times within this time, or once for ten times the
  /// threshold; a moved route is reviewed at this interval. Default 1 s.
  config& with_adaptive_window(std::chrono::milliseconds window) {
    return set(values_.adaptive.window, window);
  }
  [[nodiscard]] const actors::adaptive_settings& adaptive() const noexcept {
    return values_.adaptive;
  }

  /// Threads of CAF's own scheduler, for actors that no reactor runs. Default 1.
  config& with_scheduler_threads(std::size_t n) { return set(values_.scheduler_threads, n); }
  [[nodiscard]] std::size_t scheduler_threads() const noexcept { return values_.scheduler_threads; }

  /// How the threads of CAF's scheduler share their work. Default `sharing`.
  config& with_scheduler_policy(sake::scheduler_policy wanted) {
    return set(values_.scheduler_policy, wanted);
  }
  [[nodiscard]] sake::scheduler_policy scheduler_policy() const noexcept {
    return values_.scheduler_policy;
  }

  /// Messages that an actor on CAF's scheduler handles before another actor runs. Default 300.
  config& with_scheduler_throughput(std::size_t messages) {
    return set(values_.scheduler_throughput, messages);
  }
  [[nodiscard]] std::size_t scheduler_throughput() const noexcept {
    return values_.scheduler_throughput;
  }

  // -- connections ------------------------------------------------------------------

  /// Open connections; past the limit: 503 with Retry-After and close. Default 10 000.
  config& with_max_connections(std::size_t n) { return set(values_.max_connections, n); }
  [[nodiscard]] std::size_t max_connections() const noexcept { return values_.max_connections; }

  /// Whether connections persist. Default true.
  config& with_keep_alive(bool on) { return set(values_.connections.keep_alive, on); }
  [[nodiscard]] bool keep_alive() const noexcept { return values_.connections.keep_alive; }

  /// Whether a client that has closed its sending side but may still read gets the responses in
  /// progress. Default false: it looks the same as a client that has gone, and counts as gone.
  config& with_half_closed_clients(bool on) {
    return set(values_.connections.half_closed_clients, on);
  }
  [[nodiscard]] bool half_closed_clients() const noexcept {
    return values_.connections.half_closed_clients;
  }

  /// Requests after which a connection closes. 0 (default): no limit.
  config& with_max_requests_per_connection(std::size_t n) {
    return set(values_.connections.max_requests_per_connection, n);
  }
  [[nodiscard]] std::size_t max_requests_per_connection() const noexcept {
    return values_.connections.max_requests_per_connection;
  }

  /// Limits on the size of a request; see `http::limits` for each.
  config& with_limits(const http::limits& max) { return set(values_.connections.limits, max); }
  [[nodiscard]] const http::limits& limits() const noexcept { return values_.connections.limits; }

  /// Limits on time; see `http::deadlines` for each.
  config& with_deadlines(const http::deadlines& deadlines) {
    return set(values_.connections.deadlines, deadlines);
  }
  [[nodiscard]] const http::deadlines& deadlines() const noexcept {
    return values_.connections.deadlines;
  }

  /// Time from the end of a request to its response; past it: 504. 0: no limit. Default 30 s.
  config& with_request_timeout(std::chrono::milliseconds limit) {
    return set(values_.connections.deadlines.request, limit);
  }
  /// Time between two requests of a connection. 0: no limit. Default 30 s.
  config& with_keep_alive_timeout(std::chrono::milliseconds limit) {
    return set(values_.connections.deadlines.idle, limit);
  }

  /// Drain deadline: how long requests in flight may take at shutdown. Default 10 s.
  config& with_drain_deadline(std::chrono::milliseconds limit) {
    return set(values_.drain_deadline, limit);
  }
  [[nodiscard]] std::chrono::milliseconds drain_deadline() const noexcept {
    return values_.drain_deadline;
  }

  // -- the log ----------------------------------------------------------------------

  /// The level, format and destination of log lines; see `log_settings`. If the program has set its
  /// own sink (`set_log_sink`), that gets the lines.
  config& with_log(log_settings wanted) { return set(values_.log, std::move(wanted)); }
  [[nodiscard]] const log_settings& log() const noexcept { return values_.log; }

  // -- nodes ------------------------------------------------------------------------

  /// This node among others; see `node_settings`. Default: there is only one.
  config& with_node(node_settings wanted) { return set(values_.node, std::move(wanted)); }
  [[nodiscard]] const node_settings& node() const noexcept { return values_.node; }

  // -- the rest ---------------------------------------------------------------------

  /// The Server field of every response. Empty (default): none.
  config& with_server_name(std::string name) { return set(values_.server_name, std::move(name)); }
  [[nodiscard]] const std::string& server_name() const noexcept { return values_.server_name; }

  /// Whether `run` ends on SIGTERM and SIGINT, and SIGHUP has the configuration file read and the
  /// log file opened again. Default true.
  config& with_signals(bool on) { return set(values_.signals, on); }
  [[nodiscard]] bool signals() const noexcept { return values_.signals; }

  /// Returns one sentence for each invalid option; empty if all are valid.
  [[nodiscard]] std::vector<std::string> check() const;

  // -- configuration file and command line --------------------------------------------

  /// Reads a TOML file of up to 1 MiB. An engine that runs with this configuration reads it again
  /// on SIGHUP.
  ///
  /// @returns one line for each error, "sake.toml:7:1: unknown option …", and then nothing has
  ///          changed; empty on success
  [[nodiscard]] std::vector<std::string> read_file(const std::string& path);

  /// Reads the command line: `--reactors 2` for every option, `--config FILE`, which is read before
  /// the others, `--help` and `--print-config`. Arguments that are not Sake's are left to the
  /// program.
  ///
  /// @param own  options of the program, such as "--token TEXT   the secret": a name; a placeholder
  ///             behind one blank if it takes a value; more blanks and a text for the help. Any
  ///             other unknown option is an error
  /// @returns whether the program should continue; see `command_line`
  /// @throws std::invalid_argument if an option of the program is written in another way
  command_line read_command_line(int argc, const char* const* argv,
                                 const std::vector<std::string>& own = {});

  /// All options as TOML that `read_file` takes.
  [[nodiscard]] std::string to_toml() const;

  /// The sources of the options: "sake.toml", "command-line", "sake.toml+command-line"; "code" if
  /// nothing was read.
  [[nodiscard]] std::string origin() const;

  /// The values of all options, as set.
  [[nodiscard]] const config_values& values() const noexcept { return values_; }

private:
  template <class T, class U>
  config& set(T& option, U&& value) {
    option = std::forward<U>(value);
    return *this;
  }

  config_values values_;
};

} // namespace sake
