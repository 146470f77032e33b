// The log of the process.
#pragma once

#include "config/log_settings.hpp"

#include <string>

namespace sake {

/// Sends log lines to the sink of `wanted`, unless the program has set a sink of its own. The
/// process has one log: if there are several engines, the settings of the last one started apply.
/// Blocks while a file is opened; safe from any thread.
///
/// @returns the error in one line; empty on success
[[nodiscard]] std::string start_logging(const log_settings& wanted);

/// Opens the log file again, if lines go to a file.
/// @returns as `start_logging`; on an error the lines still go to the previous file
[[nodiscard]] std::string reopen_log();

/// Blocks until all queued lines are written, for half a second at most.
void flush_log() noexcept;

} // namespace sake
