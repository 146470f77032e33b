// A program in a process of its own.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace sake::test {

/// A program in a process of its own, with its standard output and standard error. If the object is
/// destroyed before the program has ended, the program is killed.
class process {
public:
  /// Starts `arguments[0]`, looked up in PATH.
  ///
  /// @param environment  variables besides those of this process
  explicit process(const std::vector<std::string>& arguments,
                   const std::map<std::string, std::string>& environment = {});
  process(const process&) = delete;
  process& operator=(const process&) = delete;
  ~process();

  [[nodiscard]] pid_t id() const noexcept { return id_; }

  /// The next line of standard output, without its ending; empty if there is none.
  std::string read_line();

  /// Waits for `text` on standard error, after the match of the previous call.
  void await_error(std::string_view text);

  void signal(int number) const noexcept;

  /// Waits until the program has ended.
  /// @returns its exit status, or 128 and the number of the signal that ended it
  int wait();

  /// Waits until the program has ended, without reading its output.
  /// @returns as `wait`
  int wait_unheard();

  /// Closes the read end of standard error.
  void close_errors();

  /// Standard output that `read_line` has not read, and standard error; complete once the program
  /// has ended.
  [[nodiscard]] const std::string& output() const noexcept { return out_.text; }
  [[nodiscard]] const std::string& errors() const noexcept { return err_.text; }

private:
  struct stream {
    int fd = -1;
    std::string text;
  };

  bool fill();

  pid_t id_ = -1;
  stream out_, err_;
  std::size_t errors_seen_ = 0;
};

/// Runs a program to its end.
struct finished_process {
  int status;
  std::string output;
  std::string errors;
};
finished_process run_process(const std::vector<std::string>& arguments);

/// Runs curl, without the user's configuration and proxies, for one URL of a local server. Its
/// output is the content.
finished_process curl(const std::vector<std::string>& arguments);

} // namespace sake::test
