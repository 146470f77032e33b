// The engine's own log lines.
#pragma once

#include "../../routing/log.hpp"

#include <initializer_list>
#include <span>
#include <string_view>

namespace sake::actors {

/// Writes a line of the engine that clients may trigger without end. Of lines with the same text
/// and route at most ten a second are written; the others are counted, and a later line reports
/// their number. Never blocks and never throws. Safe from any thread.
void log_event(log_level level, std::string_view text, std::span<const log_field> fields) noexcept;
inline void log_event(log_level level, std::string_view text,
                      std::initializer_list<log_field> fields = {}) noexcept {
  log_event(level, text, std::span{fields.begin(), fields.size()});
}

/// Reports the lines left out in seconds that have ended.
/// @returns whether lines are being left out in a current second
bool tell_left_out() noexcept;

/// Reports all lines left out so far.
void tell_all_left_out() noexcept;

} // namespace sake::actors
