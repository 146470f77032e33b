#include <sake/runtime/logging.hpp>

#include <sake/actors/log.hpp>

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>
#include <string_view>

namespace sake {

namespace {

constexpr std::size_t queued_lines = 8192;

spdlog::level::level_enum to_spdlog(actors::log_level level) {
  switch (level) {
    case actors::log_level::debug:
      return spdlog::level::debug;
    case actors::log_level::info:
      return spdlog::level::info;
    case actors::log_level::warning:
      return spdlog::level::warn;
    case actors::log_level::error:
      break;
  }
  return spdlog::level::err;
}

std::shared_ptr<spdlog::logger> make_logger() {
  static const auto pool = std::make_shared<spdlog::details::thread_pool>(queued_lines, 1);
  auto logger = std::make_shared<spdlog::async_logger>("sake", std::make_shared<spdlog::sinks::stderr_color_sink_mt>(),
                                                       pool, spdlog::async_overflow_policy::overrun_oldest);
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
  return logger;
}

spdlog::logger& logger() {
  static const auto instance = make_logger();
  return *instance;
}

} // namespace

void start_logging() {
  static std::once_flag once;
  std::call_once(once, [] {
    (void) logger();
    actors::set_log_sink([](actors::log_level level, std::string_view line) {
      logger().log(to_spdlog(level), spdlog::string_view_t{line.data(), line.size()});
    });
  });
}

void flush_log() {
  logger().flush();
}

} // namespace sake
