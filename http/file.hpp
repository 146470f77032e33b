// An open file that several owners share.
#pragma once

namespace sake::http {

/// A file that is open for reading. Shared by pointers, so that it closes with its last owner. Its
/// descriptor is read with an offset only, so threads may share it.
class file {
public:
  /// Takes over an open descriptor.
  /// @throws std::invalid_argument if it is negative, as open(2) returns where it fails
  explicit file(int descriptor);
  file(const file&) = delete;
  file& operator=(const file&) = delete;
  ~file();

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

private:
  int descriptor_;
};

} // namespace sake::http

namespace sake {
using http::file;
} // namespace sake
