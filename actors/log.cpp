#include <sake/actors/log.hpp>

#include <atomic>

namespace sake::actors {

namespace {
std::atomic<log_sink> current_sink{nullptr};
} // namespace

void set_log_sink(log_sink sink) noexcept {
  current_sink.store(sink, std::memory_order_release);
}

void log(log_level level, std::string_view line) noexcept {
  if (auto sink = current_sink.load(std::memory_order_acquire))
    sink(level, line);
}

} // namespace sake::actors
