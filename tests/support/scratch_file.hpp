// A file that is removed at the end of a test.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include <unistd.h>

namespace sake::test {

/// A file that its destructor removes.
class scratch_file {
public:
  explicit scratch_file(std::string_view content)
      : path_((std::filesystem::temp_directory_path() / "sake-test-XXXXXX").string()) {
    const int fd = ::mkstemp(path_.data());
    if (fd < 0)
      throw std::runtime_error("cannot make a file");
    ::close(fd);
    write(content);
  }
  scratch_file(const scratch_file&) = delete;
  scratch_file& operator=(const scratch_file&) = delete;
  ~scratch_file() { std::filesystem::remove(path_); }

  void write(std::string_view content) const { std::ofstream{path_} << content; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
  std::string path_;
};

} // namespace sake::test
