#include "read_part.hpp"

#include "../file.hpp"

#include <cerrno>
#include <cstddef>
#include <system_error>

#include <unistd.h>

namespace sake::http::detail {

std::string read_part(const file_part& part) {
  std::string octets(static_cast<std::size_t>(part.length), '\0');
  for (std::size_t have = 0; have < octets.size();) {
    const auto got = ::pread(part.from->descriptor(), octets.data() + have, octets.size() - have,
                             static_cast<off_t>(part.offset + have));
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      throw std::system_error(got < 0 ? errno : EIO, std::generic_category(), "read of a file");
    have += static_cast<std::size_t>(got);
  }
  return octets;
}

} // namespace sake::http::detail
