// A server in a process of its own, for tests of signals, exit status and busy addresses.
#pragma once

#include "process.hpp"

#include <charconv>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace sake::test {

/// A server in a process of its own: the end-to-end test program, started again to run its hidden
/// test case [server-process], which defines the routes of each kind.
class server_process : public process {
public:
  static constexpr const char* kind_variable = "SAKE_TEST_SERVER";
  static constexpr const char* address_variable = "SAKE_TEST_ADDRESS";
  /// The variable that names the configuration file of the kind "configured".
  static constexpr const char* file_variable = "SAKE_TEST_FILE";

  /// @param wrapper  a command to put before the program
  explicit server_process(const std::string& kind, const std::string& address = "127.0.0.1:0",
                          const std::vector<std::string>& wrapper = {},
                          const std::string& file = {})
      : process(command(wrapper),
                {{kind_variable, kind}, {address_variable, address}, {file_variable, file}}) {}

  /// Waits until the server listens.
  /// @returns its port; 0 for a Unix socket
  std::uint16_t await_banner() {
    banner_ = read_line();
    const auto& line = banner_;
    if (!line.starts_with("sake listens on ")) {
      signal(SIGKILL);
      wait();
      throw std::runtime_error("the server did not start: " + line + '\n' + errors());
    }
    std::uint16_t port = 0;
    if (line.find("unix:") == std::string::npos)
      std::from_chars(line.data() + line.rfind(':') + 1, line.data() + line.size(), port);
    return port;
  }

  /// The line with the address.
  [[nodiscard]] const std::string& banner() const noexcept { return banner_; }

private:
  static std::vector<std::string> command(std::vector<std::string> wrapper) {
    wrapper.push_back(std::filesystem::read_symlink("/proc/self/exe").string());
    // Standard output belongs to the server, so Catch's own report is discarded.
    for (const auto* argument : {"--out", "/dev/null", "[server-process]"})
      wrapper.emplace_back(argument);
    return wrapper;
  }

  std::string banner_;
};

} // namespace sake::test
