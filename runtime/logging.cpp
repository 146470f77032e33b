#include "logging.hpp"

#include "../actors/reactor/log.hpp"
#include "log_line.hpp"
#include "log_writer.hpp"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <mutex>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace sake {

namespace {

using namespace std::chrono_literals;

constexpr auto flush_patience = 500ms;

constexpr mode_t log_file_mode = 0640;

/// The state of the log of the process.
struct process_log {
  std::mutex mutex;
  log_settings settings;
  std::atomic<log_format> format{log_format::text};
  std::atomic<log_writer*> writer{nullptr};
  /// The log file; -1 if lines go to a stream of the process.
  int file = -1;

  // Never destroyed: a thread that is left behind may still log.
  static process_log& instance() {
    static auto& only = *new process_log;
    return only;
  }
};

std::string left_out_line(std::size_t count) {
  const log_field fields[]{{"count", count}};
  return make_log_line({log_level::error, "log lines were left out", fields},
                       process_log::instance().format, std::chrono::system_clock::now());
}

void write_line(const log_record& record) {
  auto& log = process_log::instance();
  try {
    log.writer.load()->add(make_log_line(record, log.format, std::chrono::system_clock::now()));
  } catch (const std::bad_alloc&) {
    log.writer.load()->leave_out();
  }
}

std::string cannot_open(const std::string& path) {
  return "cannot write the log to " + path + ": " + std::strerror(errno);
}

// Returns the descriptor for `sink`; -1 and errno on failure.
int open_sink(const std::string& sink) {
  if (sink == "stderr")
    return STDERR_FILENO;
  if (sink == "stdout")
    return STDOUT_FILENO;
  return ::open(sink.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, log_file_mode);
}

// Sends further lines to `descriptor`.
void direct(process_log& log, int descriptor) {
  if (auto* const writer = log.writer.load())
    writer->redirect(descriptor);
  else
    log.writer = new log_writer{descriptor, left_out_line, actors::tell_left_out};
  const int before = std::exchange(log.file, descriptor > STDERR_FILENO ? descriptor : -1);
  if (before >= 0 && log.writer.load()->flush(flush_patience))
    ::close(before); // else the writer still uses it in a call
}

} // namespace

std::string start_logging(const log_settings& wanted) {
  auto& log = process_log::instance();
  const std::lock_guard lock{log.mutex};
  const int descriptor = open_sink(wanted.sink);
  if (descriptor < 0)
    return cannot_open(wanted.sink);
  try {
    direct(log, descriptor);
  } catch (const std::system_error& e) {
    return "cannot start the log: " + std::string{e.what()};
  }
  log.settings = wanted;
  log.format = wanted.format;
  set_log_level(wanted.level);
  if (current_log_sink() == nullptr)
    set_log_sink(write_line);
  return {};
}

std::string reopen_log() {
  auto& log = process_log::instance();
  const std::lock_guard lock{log.mutex};
  if (log.file < 0)
    return {};
  const int descriptor = open_sink(log.settings.sink);
  if (descriptor < 0)
    return cannot_open(log.settings.sink);
  direct(log, descriptor);
  return {};
}

void flush_log() noexcept {
  auto* const writer = process_log::instance().writer.load();
  if (writer == nullptr)
    return;
  actors::tell_all_left_out();
  (void)writer->flush(flush_patience);
}

} // namespace sake
