#include "captured_log.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace sake::test {

namespace {

// A log sink is a plain function, so its state is global.
std::mutex mutex;
log_level least_captured;
std::vector<std::string> captured;

} // namespace

captured_log::captured_log(log_level least) {
  {
    const std::lock_guard lock{mutex};
    least_captured = least;
    captured.clear();
  }
  set_log_sink([](const log_record& record) {
    auto line = to_text(record);
    const std::lock_guard lock{mutex};
    if (record.level >= least_captured)
      captured.push_back(std::move(line));
  });
}

captured_log::~captured_log() {
  set_log_sink(nullptr);
}

std::vector<std::string> captured_log::lines() const {
  const std::lock_guard lock{mutex};
  return captured;
}

int captured_log::count(std::string_view text) const {
  const auto now = lines();
  return static_cast<int>(std::count_if(now.begin(), now.end(), [text](const std::string& line) {
    return line.find(text) != line.npos;
  }));
}

bool captured_log::has(std::string_view line) const {
  const auto now = lines();
  return std::find(now.begin(), now.end(), line) != now.end();
}

bool captured_log::has_begun(std::string_view line) const {
  const auto now = lines();
  return std::any_of(now.begin(), now.end(),
                     [line](const std::string& each) { return each.starts_with(line); });
}

} // namespace sake::test
