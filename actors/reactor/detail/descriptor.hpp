// A file descriptor with an owner.
#pragma once

#include <cerrno>
#include <system_error>
#include <utility>

#include <unistd.h>

namespace sake::actors::detail {

/// A file descriptor, closed on destruction.
class descriptor {
public:
  /// Takes over the descriptor that a system call returned; `call` names the call.
  /// @throws std::system_error  when the call returned an error
  descriptor(int fd, const char* call) : fd_(fd) {
    if (fd < 0)
      throw std::system_error(errno, std::generic_category(), call);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }

  [[nodiscard]] int get() const noexcept { return fd_; }
  /// Leaves the descriptor to the caller.
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

private:
  int fd_;
};

} // namespace sake::actors::detail
