// Changes to a running engine.
#pragma once

#include "../actors/workers/executors.hpp"
#include "config/config_values.hpp"
#include "config/option.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace sake {

/// Changes to a running engine: sizes of pools by a call; on SIGHUP the log file, and the options
/// in the configuration files that need no restart. All referenced objects must outlive it.
class live_changes {
public:
  /// @param executors  null before the engine has started
  live_changes(const config_values& options, const std::unique_ptr<actors::executors>& executors);

  /// Sets the number of workers of the pool named `name`, or of the pool without a name. Safe from
  /// any thread.
  /// @returns the reason for a refusal: no such pool, or a number out of range; empty on success
  std::string resize(std::string_view name, std::size_t workers) const;

  /// Whether SIGHUP has an effect: there is a configuration file, or a log file.
  [[nodiscard]] bool wants_hangup() const;
  /// Opens the log file again and applies the changes in the configuration files; logs the outcome.
  /// Blocks while it reads. Belongs to one thread.
  void on_hangup();

private:
  [[nodiscard]] bool has_file() const;
  void read_again();
  bool apply(const option& changed, const config_values& now) const;

  const config_values& options_;
  const std::unique_ptr<actors::executors>& executors_;
  /// The options as read at the start, updated by each change applied since.
  config_values applied_;
};

} // namespace sake
