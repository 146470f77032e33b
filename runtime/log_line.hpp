// Formats one log line.
#pragma once

#include "config/log_settings.hpp"

#include <chrono>
#include <string>

namespace sake {

/// Returns `record` as one line with its line ending; the time is UTC (RFC 3339).
///
///     2026-11-29T01:02:03.456Z warning request deadline passed; status=504 method=GET
///     {"time":"2026-11-29T01:02:03.456Z","level":"warning","message":"…","status":504}
std::string make_log_line(const log_record& record, log_format format,
                          std::chrono::system_clock::time_point when);

} // namespace sake
