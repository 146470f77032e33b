// Which log lines are written, how, and where to.
#pragma once

#include <sake/routing/log.hpp>

#include <cstdint>
#include <string>

namespace sake {

enum class log_format : std::uint8_t {
  text, ///< time, level, what happened, facts as name=value
  json  ///< the same as one JSON object a line (RFC 8259)
};

/// Which log lines are written, how, and where to.
struct log_settings {
  /// Lines below are left out.
  log_level level = log_level::info;
  log_format format = log_format::text;
  /// "stderr", "stdout", or the path of a file to append to, which holds a '/'. SIGHUP has the file
  /// opened anew, for programs that rotate logs.
  std::string sink = "stderr";
};

} // namespace sake
