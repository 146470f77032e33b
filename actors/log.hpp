// Where the actors' log lines go.
#pragma once

#include <cstdint>
#include <string_view>

namespace sake::actors {

enum class log_level : std::uint8_t { debug, info, warning, error };

/// Takes one line, without its ending: what happened, then key=value pairs. Called from any thread.
using log_sink = void (*)(log_level, std::string_view line);

/// Sends all further lines to `sink`; null drops them. The runtime sets its logger here.
void set_log_sink(log_sink sink) noexcept;

void log(log_level level, std::string_view line) noexcept;

} // namespace sake::actors
