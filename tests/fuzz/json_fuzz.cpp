// Reads arbitrary octets as JSON and checks the promises of json.hpp.
#include "../support/json_text.hpp"
#include "check.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using sake::test::check;
using sake::test::json;

namespace {

struct leaf {
  std::string text;
  std::optional<std::int8_t> small;
  std::optional<std::uint64_t> large;
  std::optional<float> real;

  friend bool operator==(const leaf&, const leaf&) = default;
};
SAKE_JSON(leaf, text, small, large, real);

struct tree {
  std::optional<std::int64_t> n;
  std::optional<double> d;
  std::optional<std::vector<leaf>> leaves;
  std::optional<std::map<std::string, std::vector<bool>>> bits;
  std::optional<std::map<std::string, std::optional<std::string>>> names;
  std::optional<std::vector<tree>> parts;

  friend bool operator==(const tree&, const tree&) = default;
};
SAKE_JSON(tree, n, d, leaves, bits, names, parts);

/// A value that was read can be written and reads back the same; a refusal has a reason of one line
/// and a place inside the text.
template <class T>
void read(std::string_view text) {
  const auto first = sake::read_json<T>(text);
  if (!first) {
    const sake::json_error& error = first.error();
    check(!error.reason.empty() && error.offset <= text.size(),
          "an error has a reason and a place");
    for (const char c : error.message())
      check(static_cast<unsigned char>(c) >= 0x20, "the message of an error is one line");
    return;
  }
  const auto second = sake::read_json<T>(json(*first));
  check(second.has_value() && *second == *first, "what was read reads back the same");
}

/// Writes octets as a string, reads the string back, and expects to write it unchanged.
void write_string(std::string_view octets) {
  const std::string text = json(octets);
  const auto read_back = sake::read_json<std::string>(text);
  check(read_back.has_value() && json(*read_back) == text, "a string is written unchanged");
}

void write_real(std::string_view octets) {
  double value = 0;
  if (octets.size() < sizeof value)
    return;
  std::memcpy(&value, octets.data(), sizeof value);
  const auto read_back = sake::read_json<std::optional<double>>(json(value));
  check(read_back.has_value()
            && *read_back == (std::isfinite(value) ? std::optional{value} : std::nullopt),
        "a number reads back the same, and what is none as null");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets{reinterpret_cast<const char*>(data), size};
  read<tree>(octets);
  read<std::vector<leaf>>(octets);
  read<std::map<std::string, double>>(octets);
  read<std::vector<std::vector<std::optional<int>>>>(octets);
  read<std::string>(octets);
  write_string(octets);
  write_real(octets);
  return 0;
}
