#include <sake/runtime/logging.hpp>

#include <sake/actors/log.hpp>

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>

namespace sake {

namespace {

constexpr std::size_t queued_lines = 8192;

// Milliseconds that `flush_log` waits for the queue at most.
constexpr int flush_patience = 500;

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

/// The logger with its queue. Never destroyed: a thread that is left behind may still log.
struct queued_log {
  std::shared_ptr<spdlog::details::thread_pool> queue;
  std::shared_ptr<spdlog::async_logger> logger;

  queued_log() : queue(std::make_shared<spdlog::details::thread_pool>(queued_lines, 1)) {
    logger = std::make_shared<spdlog::async_logger>(
        "sake", std::make_shared<spdlog::sinks::stderr_color_sink_mt>(), queue,
        spdlog::async_overflow_policy::overrun_oldest);
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
  }

  static queued_log& instance() {
    static auto* const only = new queued_log;
    return *only;
  }
};

} // namespace

void start_logging() {
  static std::once_flag once;
  std::call_once(once, [] {
    (void)queued_log::instance();
    actors::set_log_sink([](actors::log_level level, std::string_view line) {
      queued_log::instance().logger->log(to_spdlog(level),
                                         spdlog::string_view_t{line.data(), line.size()});
    });
  });
}

void flush_log() {
  auto& log = queued_log::instance();
  for (int left = flush_patience; left > 0 && log.queue->queue_size() > 0; --left)
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  log.logger->flush();
}

} // namespace sake
