// Limits that a fuzzer reaches.
#pragma once

#include <sake/http/limits.hpp>

namespace sake::test {

/// Limits small enough for a fuzzer to reach.
inline http::limits tight_limits() {
  http::limits max;
  max.request_line_bytes = 64;
  max.field_section_bytes = 160;
  max.field_count = 6;
  max.content_bytes = 32;
  max.chunk_line_bytes = 24;
  return max;
}

} // namespace sake::test
