// The values of all options.
#pragma once

#include "../../actors/connection/connection_limit.hpp"
#include "../../actors/nodes/node_settings.hpp"
#include "../../actors/workers/adaptive_settings.hpp"
#include "../../actors/workers/pool_settings.hpp"
#include "../../http/settings.hpp"
#include "log_settings.hpp"
#include "unix_permissions.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sake {

using actors::named_pool;
using actors::node_role;
using actors::node_settings;
using actors::pool_settings;
using actors::scheduling;
struct config_source;

/// How the threads of CAF's own scheduler share their work.
enum class scheduler_policy : std::uint8_t {
  sharing,  ///< one queue for all; idle threads sleep
  stealing, ///< one queue per thread; idle threads poll the queues of others
};

/// The values of all options, with their defaults: what a `config` sets in a chain, and the table
/// of options (`options_of`) by name. `config` explains each.
struct config_values {
  std::string address = "127.0.0.1:8080";
  unix_permissions unix_socket;

  /// As set; see `reactor_count`.
  std::size_t reactors = 0;
  std::vector<std::size_t> reactor_cores;
  bool reactor_pinning = false;
  /// The pools. The workers of the one without a name are 0 if none are set; see
  /// `sized_executors`.
  actors::executor_settings executors{.pool = {.workers = 0}};
  actors::adaptive_settings adaptive;
  std::size_t scheduler_threads = 1;
  sake::scheduler_policy scheduler_policy = sake::scheduler_policy::sharing;
  std::size_t scheduler_throughput = 300;

  std::size_t max_connections = actors::connection_limit::default_max;
  /// Without the line of the Server field; see `connection_settings`.
  http::settings connections;
  std::chrono::milliseconds drain_deadline{10'000};
  std::string server_name;
  bool signals = true;
  log_settings log;
  node_settings node;

  /// The files and command lines that were read; null if there were none.
  std::shared_ptr<const config_source> source;

  /// The number of reactors: one per core that they may use, within the CPU quota, if none is set.
  [[nodiscard]] std::size_t reactor_count() const;
  /// The pools, with the number of workers of the one without a name chosen in the same way.
  [[nodiscard]] actors::executor_settings sized_executors() const;

  /// The settings of connections, with the line of the Server field.
  [[nodiscard]] http::settings connection_settings() const;

  /// Declares the pool `name`, or replaces its settings.
  void set_pool(std::string name, const pool_settings& settings);
};

} // namespace sake
