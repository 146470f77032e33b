#include "file_error.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sake {

std::string file_error(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0)
    return std::strerror(errno);
  if (S_ISDIR(found.st_mode))
    return std::strerror(EISDIR);
  // A pipe could block, and a device may have no end.
  if (!S_ISREG(found.st_mode))
    return "it is no regular file";
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return std::strerror(errno);
  ::close(fd);
  return {};
}

} // namespace sake
