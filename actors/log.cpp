#include <sake/actors/log.hpp>

#include <atomic>
#include <cstddef>

namespace sake::actors {

namespace {
std::atomic<log_sink> current_sink{nullptr};
} // namespace

void set_log_sink(log_sink sink) noexcept {
  current_sink.store(sink, std::memory_order_release);
}

std::string quoted(std::string_view text) {
  constexpr std::size_t most = 80;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string line{'"'};
  for (const char c : text.substr(0, most)) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < ' ' || octet == 0x7f || c == '"' || c == '\\')
      line.append("\\x").append({digits[octet / 16], digits[octet % 16]});
    else
      line += c;
  }
  return line.append(text.size() > most ? "\"…" : "\"");
}

void log(log_level level, std::string_view line) noexcept {
  if (auto sink = current_sink.load(std::memory_order_acquire))
    sink(level, line);
}

} // namespace sake::actors
