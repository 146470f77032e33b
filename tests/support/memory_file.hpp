// Files that exist in memory only.
#pragma once

#include <sake/http/file.hpp>

#include <cerrno>
#include <cstddef>
#include <memory>
#include <string_view>
#include <system_error>

#include <sys/mman.h>
#include <unistd.h>

namespace sake::test {

/// A file with this content, and without a name.
inline std::shared_ptr<const http::file> file_of(std::string_view content) {
  const int descriptor = ::memfd_create("sake-test", MFD_CLOEXEC);
  if (descriptor < 0)
    throw std::system_error(errno, std::generic_category(), "memfd_create");
  auto made = std::make_shared<const http::file>(descriptor);
  while (!content.empty()) {
    const auto n = ::write(descriptor, content.data(), content.size());
    if (n <= 0)
      throw std::system_error(errno, std::generic_category(), "write");
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return made;
}

} // namespace sake::test
