#include "plain_head.hpp"

#include "../../detail/field_rules.hpp"
#include "../../detail/target.hpp"
#include "../../fields.hpp"
#include "../../method.hpp"

#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace sake::http::detail {

namespace {

constexpr std::uint32_t block = octet_masks::block;

head_classifier classifier() noexcept {
  static const head_classifier chosen = choose_classifier();
  return chosen;
}

constexpr bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}

// Whether a field with a name of that length may have a rule.
constexpr bool may_matter(std::uint32_t name_size) noexcept {
  constexpr std::uint32_t sizes = 1u << 4 | 1u << 6 | 1u << 10 | 1u << 14 | 1u << 16 | 1u << 17;
  return name_size < 32 && (sizes >> name_size & 1) != 0;
}

[[gnu::noinline]] void trim(const char* octets, std::uint32_t& from, std::uint32_t& to) noexcept {
  while (from < to && is_blank(octets[from]))
    ++from;
  while (from < to && is_blank(octets[to - 1]))
    --to;
}

// Whether `name`, which has no control octets, is `known`, which consists of lower-case letters and
// '-'. Only a letter in upper case becomes one of these by the bit for lower case, and CR.
template <std::size_t Size>
bool is_named(std::string_view name, const char (&known)[Size]) noexcept {
  constexpr std::size_t size = Size - 1;
  using word = std::conditional_t<(size >= 8), std::uint64_t, std::uint32_t>;
  static_assert(size >= sizeof(word));
  constexpr word to_lower = static_cast<word>(0x2020202020202020);
  const auto differs_at = [&](std::size_t at) {
    word ours;
    word theirs;
    std::memcpy(&ours, name.data() + at, sizeof ours);
    std::memcpy(&theirs, known + at, sizeof theirs);
    return (ours | to_lower) ^ theirs;
  };
  if (name.size() != size)
    return false;
  word difference = 0;
  for (std::size_t at = 0; at + sizeof(word) <= size; at += sizeof(word))
    difference |= differs_at(at);
  return (difference | differs_at(size - sizeof(word))) == 0;
}

// Continues with the field that was added to the request last.
// Returns false if the field may be refused, or is a list that Beast checks.
bool take_field(field_rules& rules, std::string_view name, std::string_view value) {
  using boost::beast::http::field;
  switch (name.size()) {
    case 4:
      return !is_named(name, "host") || rules.take(field::host, value) == nullptr;
    case 6:
      return !is_named(name, "expect") || rules.take(field::expect, value) == nullptr;
    case 10:
      if (!is_named(name, "connection"))
        return true;
      if (is_named(value, "keep-alive")) { // as nearly all clients write
        rules.take_keep_alive();
        return true;
      }
      rules.take_connection_option(value);
      return is_token(value);
    case 14:
      return !is_named(name, "content-length")
             || rules.take(field::content_length, value) == nullptr;
    case 16:
      return !is_named(name, "proxy-connection");
    case 17:
      return !is_named(name, "transfer-encoding")
             || rules.take(field::transfer_encoding, value) == nullptr;
    default:
      return true;
  }
}

} // namespace

/// The lines of a head, one after the other.
class plain_head::line_cursor {
public:
  explicit line_cursor(const octet_masks* masks) noexcept
      : masks_(masks), feeds_(masks->line_feeds) {}

  /// The position of the next line feed. There must be one.
  std::uint32_t next_line_feed() noexcept {
    while (feeds_ == 0)
      feeds_ = masks_[++block_].line_feeds;
    const auto bit = static_cast<std::uint32_t>(std::countr_zero(feeds_));
    feeds_ &= feeds_ - 1;
    return block_ * block + bit;
  }

  /// The position of the first octet at or after `from` that no token holds: in a line, its CR at
  /// the latest.
  [[nodiscard]] std::uint32_t token_end(std::uint32_t from) const noexcept {
    std::uint32_t i = from / block;
    if (const std::uint64_t rest = masks_[i].non_token >> (from % block))
      return from + static_cast<std::uint32_t>(std::countr_zero(rest));
    while (masks_[++i].non_token == 0) {
    }
    return i * block + static_cast<std::uint32_t>(std::countr_zero(masks_[i].non_token));
  }

private:
  const octet_masks* const masks_;
  std::uint32_t block_ = 0;
  std::uint64_t feeds_; // of the block, still to come
};

plain_head::plain_head(std::string_view input) noexcept
    : input_(input.substr(0, max_blocks * block)) {
  size_ = classifier()(input_, masks_.data());
}

bool plain_head::read(const limits& max, request_data& data, framing& content) const {
  if (input_[size_ - 2] != '\r')
    return false;
  data.head.assign(input_.data(), size_ - 2);
  line_cursor lines{masks_.data()};
  const std::uint32_t section = read_request_line(lines, max, data);
  return section != 0 && read_fields(lines, section, max, data, content);
}

// Returns the octets of the request line; 0 if it is not plain.
std::uint32_t plain_head::read_request_line(line_cursor& lines, const limits& max,
                                            request_data& data) const {
  constexpr std::string_view version = " HTTP/1.";
  constexpr std::uint32_t behind_target = version.size() + 2; // the minor version, and CR
  const char* const octets = input_.data();
  const std::uint32_t line_end = lines.next_line_feed();
  const std::uint32_t method_end = lines.token_end(0);
  const std::uint32_t target = method_end + 1;
  if (method_end == 0 || octets[method_end] != ' ' || octets[target] != '/'
      || line_end <= target + behind_target || line_end >= max.request_line_bytes
      || octets[line_end - 1] != '\r')
    return 0;
  const std::uint32_t target_end = line_end - behind_target;
  const char minor = octets[target_end + version.size()];
  if (std::memcmp(octets + target_end, version.data(), version.size()) != 0
      || (minor != '0' && minor != '1'))
    return 0;
  data.method_token = {0, method_end};
  data.method = to_method(data.method_token.in(data.head));
  data.minor_version = static_cast<std::uint8_t>(minor - '0');
  data.target = {target, target_end - target};
  span authority;
  const bool is_plain = data.method != method::connect && read_target(data, authority) == nullptr;
  return is_plain ? line_end + 1 : 0;
}

bool plain_head::read_fields(line_cursor& lines, std::uint32_t section, const limits& max,
                             request_data& data, framing& content) const {
  const char* const octets = input_.data();
  const auto end = static_cast<std::uint32_t>(size_ - 2);
  field_rules rules{data, content};
  std::uint32_t start = section;
  while (start != end) {
    const std::uint32_t line_end = lines.next_line_feed();
    const std::uint32_t colon = lines.token_end(start);
    std::uint32_t from = colon + 1;
    std::uint32_t to = line_end - 1;
    if (colon == start || octets[colon] != ':' || octets[to] != '\r')
      return false;
    from += octets[from] == ' ' ? 1 : 0;                           // as nearly all clients write it
    if (octets[from] <= ' ' || octets[to - 1] <= ' ') [[unlikely]] // perhaps a blank
      trim(octets, from, to);
    data.fields.push_back({{start, colon - start}, {from, to - from}});
    if (may_matter(colon - start)
        && !take_field(rules, {octets + start, colon - start}, {octets + from, to - from}))
      return false;
    start = line_end + 1;
  }
  // The last line feed of a field line lies within the limit.
  if (start - section > max.field_section_bytes || data.fields.size() > max.field_count
      || (content.is_chunked && rules.has_length())
      || (!rules.has_host() && data.minor_version != 0))
    return false;
  rules.finish();
  return true;
}

} // namespace sake::http::detail
