// The octets of an output.
#pragma once

#include <sake/http/output.hpp>

#include <string>

namespace sake::test {

/// All octets of `from`, with those of files. Fewer if a file is shorter than its part.
inline std::string octets_of(const http::output& from) {
  std::string octets(from.size(), '\0');
  octets.resize(from.copy(octets.data(), octets.size()));
  return octets;
}

} // namespace sake::test
