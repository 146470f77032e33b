// The log of the process.
#pragma once

#include <sake/runtime/log_settings.hpp>

#include <string>

namespace sake {

/// Sends log lines where `wanted` says, unless the program has set a sink of its own. The log is one
/// for the process: of several engines the last that has started says how. Blocks while a file is
/// opened; safe from any thread.
///
/// @returns why not, in one line; empty where all is well
[[nodiscard]] std::string start_logging(const log_settings& wanted);

/// Opens the file that lines go to anew, where they go to a file.
/// @returns as `start_logging`; the lines then go on to the file that was open before
[[nodiscard]] std::string reopen_log();

/// Waits until the lines that are there are written, for half a second at most.
void flush_log() noexcept;

} // namespace sake
