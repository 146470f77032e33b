// Limits that a fuzzer reaches.
#pragma once

#include <sake/http/limits.hpp>

namespace sake::test {

/// Limits small enough for a fuzzer to reach.
inline http::limits tight_limits() {
  http::limits bounds;
  bounds.request_line_bytes = 64;
  bounds.field_section_bytes = 160;
  bounds.field_count = 6;
  bounds.content_bytes = 32;
  bounds.chunk_line_bytes = 24;
  return bounds;
}

} // namespace sake::test
