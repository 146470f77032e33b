// A head as the strict layer reads it, for comparison with the fast path.
#pragma once

#include <sake/http/http1/detail/head_parser.hpp>
#include <sake/http/http1/head_scanner.hpp>
#include <sake/http/request.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

namespace sake::test {

/// A head that was taken.
struct taken_head {
  http::request message;
  http::detail::framing content;
  /// Octets of the head with its empty line.
  std::size_t size = 0;
};

/// Reads the head that `input` starts with as `head_scanner` and `parse_head` do; empty if they
/// refuse it, find it incomplete, or skip an empty line before it.
inline std::optional<taken_head> read_strictly(std::string_view input, const http::limits& max) {
  http::head_scanner scanner;
  const auto found = scanner.scan(input, max);
  if (found.why != nullptr || found.size == 0 || found.skipped != 0)
    return std::nullopt;
  taken_head taken;
  taken.size = found.size;
  taken.message.data().head = input.substr(0, found.size);
  if (http::detail::parse_head(taken.message.data(), scanner.request_line_size(), taken.content)
      != nullptr)
    return std::nullopt;
  return taken;
}

/// Whether both heads have the same octets and every value read from them is the same.
inline bool are_same(const taken_head& a, const taken_head& b) {
  const auto& left = std::as_const(a.message).data();
  const auto& right = std::as_const(b.message).data();
  const auto is_same = [](http::detail::span x, http::detail::span y) {
    return x.offset == y.offset && x.size == y.size;
  };
  return a.size == b.size && a.content.is_chunked == b.content.is_chunked
         && a.content.content_length == b.content.content_length && left.head == right.head
         && is_same(left.method_token, right.method_token) && is_same(left.target, right.target)
         && is_same(left.path, right.path) && is_same(left.query, right.query)
         && left.method == right.method && left.minor_version == right.minor_version
         && left.keep_alive == right.keep_alive && left.expects_continue == right.expects_continue
         && left.may_switch == right.may_switch
         && std::equal(left.fields.begin(), left.fields.end(), right.fields.begin(),
                       right.fields.end(), [&](const auto& x, const auto& y) {
                         return is_same(x.name, y.name)
                                && (is_same(x.value, y.value)
                                    || (x.value.size == 0 && y.value.size == 0));
                       });
}

} // namespace sake::test
