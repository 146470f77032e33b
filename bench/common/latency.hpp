// Round-trip times of a run, and the figures printed for them.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <ostream>
#include <thread>
#include <vector>

namespace sake::bench {

/// Collects one duration per round trip. Not thread-safe.
class latency_record {
public:
  explicit latency_record(std::size_t rounds) { micros_.reserve(rounds); }

  void add(std::chrono::steady_clock::duration taken) {
    micros_.push_back(std::chrono::duration<double, std::micro>(taken).count());
  }

  /// The duration in microseconds that the share `q` of all round trips does not exceed; 0 if none
  /// was added. Costs a partial sort of the record.
  double quantile(double q) {
    if (micros_.empty())
      return 0;
    auto rank = static_cast<std::size_t>(q * static_cast<double>(micros_.size() - 1) + 0.5);
    auto nth = micros_.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(micros_.begin(), nth, micros_.end());
    return *nth;
  }

  /// Writes one line of JSON, durations in microseconds.
  void write_json(std::ostream& out) {
    out << R"({"rounds": )" << micros_.size() << R"(, "p50_us": )" << quantile(0.50)
        << R"(, "p90_us": )" << quantile(0.90) << R"(, "p99_us": )" << quantile(0.99)
        << R"(, "max_us": )" << quantile(1.0) << "}" << std::endl;
  }

private:
  std::vector<double> micros_;
};

/// Times `count` calls of `trip`, after `warmup` calls that are not recorded.
///
/// @param pause  slept before each call, not timed
template <class Trip>
latency_record measure_round_trips(std::size_t count, std::size_t warmup, Trip trip,
                                   std::chrono::microseconds pause = {}) {
  using clock = std::chrono::steady_clock;
  latency_record record{count};
  for (std::size_t i = 0; i < warmup + count; ++i) {
    if (pause.count() > 0)
      std::this_thread::sleep_for(pause);
    const auto start = clock::now();
    trip();
    if (i >= warmup)
      record.add(clock::now() - start);
  }
  return record;
}

} // namespace sake::bench
