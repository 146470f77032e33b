// The engine's own log lines.
#pragma once

#include <sake/routing/log.hpp>

#include <initializer_list>
#include <span>
#include <string_view>

namespace sake::actors {

/// Writes a line of the engine itself, which what clients do may repeat without end: of lines with
/// the same text and route at most ten a second are written, the others are counted, and a line
/// tells how many there were. Never blocks and never throws. Safe from any thread.
void log_event(log_level level, std::string_view text, std::span<const log_field> fields) noexcept;
inline void log_event(log_level level, std::string_view text,
                      std::initializer_list<log_field> fields = {}) noexcept {
  log_event(level, text, std::span{fields.begin(), fields.size()});
}

/// Tells what has been left out in seconds that are over.
/// @returns whether a second is under way in which lines are left out
bool tell_left_out() noexcept;

/// Tells all that has been left out.
void tell_all_left_out() noexcept;

} // namespace sake::actors
