#include "quote.hpp"

namespace sake::http {

namespace {

bool stands_for_itself(char c) noexcept {
  return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

std::string escape(unsigned char octet) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  return {'\\', 'x', digits[octet >> 4], digits[octet & 15]};
}

} // namespace

std::string on_one_line(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < ' ' || octet == 0x7f)
      result += escape(octet);
    else
      result += c;
  }
  return result;
}

std::string quote(std::string_view text, std::size_t max_octets) {
  std::string result{'"'};
  for (const char c : text.substr(0, max_octets)) {
    if (stands_for_itself(c))
      result += c;
    else
      result += escape(static_cast<unsigned char>(c));
  }
  return result.append(text.size() > max_octets ? "\"…" : "\"");
}

std::string as_lines(const std::vector<std::string>& texts) {
  std::string lines;
  for (const auto& each : texts)
    lines += (lines.empty() ? "" : "\n") + on_one_line(each);
  return lines;
}

} // namespace sake::http
