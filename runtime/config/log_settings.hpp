// The level, format and destination of log lines.
#pragma once

#include "../../routing/log.hpp"

#include <cstdint>
#include <string>

namespace sake {

enum class log_format : std::uint8_t {
  text, ///< time, level, event, facts as name=value
  json  ///< the same as one JSON object per line (RFC 8259)
};

/// The level, format and destination of log lines.
struct log_settings {
  /// Lines below this level are left out.
  log_level level = log_level::info;
  log_format format = log_format::text;
  /// "stderr", "stdout", or the path of a file to append to, which must contain a '/'. On SIGHUP
  /// the file is opened again, for log rotation.
  std::string sink = "stderr";
};

} // namespace sake
