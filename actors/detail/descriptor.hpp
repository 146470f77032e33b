// A file descriptor that is closed when its owner goes.
#pragma once

#include <cerrno>
#include <system_error>

#include <unistd.h>

namespace sake::actors::detail {

/// A file descriptor that is closed when its owner goes.
class descriptor {
public:
  /// Takes over what a system call returned; `call` names it.
  /// @throws std::system_error  when it returned an error
  descriptor(int fd, const char* call) : fd_(fd) {
    if (fd < 0)
      throw std::system_error(errno, std::generic_category(), call);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() { ::close(fd_); }

  [[nodiscard]] int get() const noexcept { return fd_; }

private:
  int fd_;
};

} // namespace sake::actors::detail
